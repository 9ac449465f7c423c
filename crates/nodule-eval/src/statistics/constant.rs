//! Check for constant input, and power-of-two scaling that avoids overflow and underflow.

/// Relative difference up to which two numbers count as equal (*ours*). Input is checked for variation before a division
/// by its variance, which would magnify rounding errors.
pub(crate) const RELATIVE_TOLERANCE: f64 = 1e-12;

/// Returns whether finite `values` are all equal within rounding; true for none and for one.
pub(crate) fn is_constant(values: &[f64]) -> bool {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        (low, high) = (low.min(*value), high.max(*value));
    }
    values.is_empty() || high - low <= RELATIVE_TOLERANCE * low.abs().max(high.abs())
}

/// Returns the largest power of two that is at most the largest absolute value; 1 if all values are 0.
///
/// Values divided by it are below 2 and keep all their bits, so that their squares and sums neither overflow nor
/// underflow, and results are exact up to that power.
pub(crate) fn power_of_two<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    const EXPONENT_BITS: u64 = 0x7FF0_0000_0000_0000;
    let largest = values.into_iter().fold(0.0, |max: f64, v| max.max(v.abs()));
    match largest {
        0.0 => 1.0,
        _ => f64::from_bits(largest.to_bits() & EXPONENT_BITS).max(f64::MIN_POSITIVE),
    }
}

/// Returns `values` divided by their [`power_of_two`], and that power.
pub(crate) fn scale_by_power_of_two(values: &[f64]) -> (Vec<f64>, f64) {
    let scale = power_of_two(values);
    (values.iter().map(|v| v / scale).collect(), scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tolerance_is_relative() {
        assert!(is_constant(&[]) && is_constant(&[3.0]) && is_constant(&[0.0, -0.0]));
        assert!(is_constant(&[0.1 + 0.2, 0.3]) && is_constant(&[-0.3, -0.1 - 0.2]));
        assert!(!is_constant(&[1e-300, 2e-300]) && !is_constant(&[0.0, f64::MIN_POSITIVE]));
        assert!(!is_constant(&[1e308, -1e308]) && !is_constant(&[1.0, 1.0 + 1e-9]));
    }

    #[test]
    fn scaling_keeps_every_bit() {
        for values in [
            [1.0, 3.7],
            [1e308, -7.3e307],
            [5e-324, 0.0],
            [0.1, -1e-9],
            [0.0, -0.0],
        ] {
            let (scaled, scale) = scale_by_power_of_two(&values);
            assert!(scaled.iter().all(|v| v.abs() < 2.0), "{scaled:?}");
            for (small, value) in scaled.iter().zip(values) {
                assert_eq!(small * scale, value);
            }
        }
        assert_eq!(power_of_two(&[6.0, -9.0]), 8.0);
    }
}
