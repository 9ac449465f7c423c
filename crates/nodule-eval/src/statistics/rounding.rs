//! What is nothing but rounding, and sums that stay clear of the ends of f64.

/// Numbers nearer to each other than this share of the largest are equal but for rounding (*ours*).
/// Asked before anything is divided by what they differ by: afterwards nobody can tell.
pub(crate) const ROUNDING: f64 = 1e-12;

/// Whether finite `values` are all the same, but for rounding; true for none and for one.
pub(crate) fn constant(values: &[f64]) -> bool {
    let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
    for value in values {
        (low, high) = (low.min(*value), high.max(*value));
    }
    values.is_empty() || high - low <= ROUNDING * low.abs().max(high.abs())
}

/// The largest power of two that is at most the largest absolute value: numbers divided by it are
/// below 2 and keep all of their bits, so their squares and sums neither overflow nor vanish, and
/// what is computed from them is, but for that power, what it would have been. 1 where all are 0.
pub(crate) fn power_of_two<'a>(values: impl IntoIterator<Item = &'a f64>) -> f64 {
    const EXPONENT: u64 = 0x7FF0_0000_0000_0000;
    let largest = values
        .into_iter()
        .fold(0.0, |most: f64, v| most.max(v.abs()));
    match largest {
        0.0 => 1.0,
        _ => f64::from_bits(largest.to_bits() & EXPONENT).max(f64::MIN_POSITIVE),
    }
}

/// `values` over their [`power_of_two`], and it.
pub(crate) fn scaled(values: &[f64]) -> (Vec<f64>, f64) {
    let scale = power_of_two(values);
    (values.iter().map(|v| v / scale).collect(), scale)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_is_asked_in_proportion() {
        assert!(constant(&[]) && constant(&[3.0]) && constant(&[0.0, -0.0]));
        assert!(constant(&[0.1 + 0.2, 0.3]) && constant(&[-0.3, -0.1 - 0.2]));
        assert!(!constant(&[1e-300, 2e-300]) && !constant(&[0.0, f64::MIN_POSITIVE]));
        assert!(!constant(&[1e308, -1e308]) && !constant(&[1.0, 1.0 + 1e-9]));
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
            let (within, scale) = scaled(&values);
            assert!(within.iter().all(|v| v.abs() < 2.0), "{within:?}");
            for (small, value) in within.iter().zip(values) {
                assert_eq!(small * scale, value);
            }
        }
        assert_eq!(power_of_two(&[6.0, -9.0]), 8.0);
    }
}
