//! Where variance comes from: three crossed random factors, one value a cell.

use ndarray::{Array3, ArrayView3, Axis};

use super::rounding::{ROUNDING, power_of_two};
use crate::Error;
use crate::error::{all_finite, input};

/// Variances of the parts that a value is a sum of.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct VarianceComponents {
    /// Of each factor alone, in the order of the axes.
    pub main: [f64; 3],
    /// Of pairs of factors: first and second, first and third, second and third.
    pub pairs: [f64; 3],
    /// Of all three together, which nothing tells from noise where each cell has one value.
    pub rest: f64,
}

impl VarianceComponents {
    /// The variance of a value whose three factors are all drawn anew.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.main.iter().chain(&self.pairs).sum::<f64>() + self.rest
    }
}

/// Estimates by the method of moments (analysis of variance: Searle et al. 1992,
/// chapter 4), in the square of the values' unit; one that is below 0, or above it by rounding alone,
/// is reported as 0. None where a factor has fewer than two levels.
///
/// # Errors
/// If a value is not finite, or a variance is too large for an f64.
pub fn variance_components(values: ArrayView3<f64>) -> Result<Option<VarianceComponents>, Error> {
    all_finite("values", values)?;
    let (a, b, c) = values.dim();
    if a < 2 || b < 2 || c < 2 {
        return Ok(None);
    }
    let scale = power_of_two(values);
    let Some(found) = components(&(&values / scale)) else {
        return Ok(None);
    };
    let square = |v: f64| v * scale * scale;
    let found = VarianceComponents {
        main: found.main.map(square),
        pairs: found.pairs.map(square),
        rest: square(found.rest),
    };
    if !found.total().is_finite() {
        let needed = "their variance must be finite in f64";
        return Err(input("values", format!("up to {scale:e}"), needed));
    }
    Ok(Some(found))
}

/// Of values below 2.
fn components(values: &Array3<f64>) -> Option<VarianceComponents> {
    let (a, b, c) = values.dim();
    let levels = [a as f64, b as f64, c as f64];
    let mean = values.mean()?;
    // Means over two axes leave a factor, means over one axis leave a pair.
    let of_pair = [2, 1, 0].map(|out| values.mean_axis(Axis(out)));
    let [Some(ab), Some(ac), Some(bc)] = of_pair else {
        return None;
    };
    let factors = [
        ab.mean_axis(Axis(1))?,
        ab.mean_axis(Axis(0))?,
        ac.mean_axis(Axis(0))?,
    ];
    let main_effect = |factor: usize, level: usize| factors[factor][level] - mean;
    let pairs = [(0, 1, ab), (0, 2, ac), (1, 2, bc)];
    let pair_effect = |pair: usize, i: usize, j: usize| {
        let (first, second, means) = &pairs[pair];
        means[[i, j]] - mean - main_effect(*first, i) - main_effect(*second, j)
    };
    let count: f64 = levels.iter().product();
    let square = |factor: usize| {
        let sum: f64 = (0..levels[factor] as usize)
            .map(|i| main_effect(factor, i).powi(2))
            .sum();
        count / levels[factor] * sum / (levels[factor] - 1.0)
    };
    let pair_square = |pair: usize| {
        let (first, second, means) = &pairs[pair];
        let cells = means.indexed_iter();
        let sum: f64 = cells
            .map(|((i, j), _)| pair_effect(pair, i, j).powi(2))
            .sum();
        let repeats = count / levels[*first] / levels[*second];
        repeats * sum / ((levels[*first] - 1.0) * (levels[*second] - 1.0))
    };
    let rest: f64 = values
        .indexed_iter()
        .map(|((i, j, k), value)| {
            let alone = main_effect(0, i) + main_effect(1, j) + main_effect(2, k);
            let together = pair_effect(0, i, j) + pair_effect(1, i, k) + pair_effect(2, j, k);
            (value - mean - alone - together).powi(2)
        })
        .sum();
    let rest = rest / levels.iter().map(|n| n - 1.0).product::<f64>();
    let (alone, pairs) = ([0, 1, 2].map(square), [0, 1, 2].map(pair_square));
    // Sums of squares that cancel leave rounding of the largest, and equal values that of a value.
    let largest = alone.iter().chain(&pairs).fold(rest, |m, s| m.max(*s));
    let least = ROUNDING * (largest + ROUNDING * count);
    let beyond = |square: f64| if square > least { square } else { 0.0 };
    let main = |factor: usize, with: [usize; 2]| {
        let of_pairs = pairs[with[0]] + pairs[with[1]];
        beyond(alone[factor] - of_pairs + rest) * levels[factor] / count
    };
    let pair = |index: usize, left: usize| beyond(pairs[index] - rest) / levels[left];
    Some(VarianceComponents {
        main: [main(0, [0, 1]), main(1, [0, 2]), main(2, [1, 2])],
        pairs: [pair(0, 2), pair(1, 1), pair(2, 0)],
        rest: beyond(rest),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn components(shape: (usize, usize, usize), of: impl Fn(usize) -> f64) -> VarianceComponents {
        let values = Array3::from_shape_fn(shape, |(_, weights, _)| of(weights));
        variance_components(values.view()).unwrap().unwrap()
    }

    #[test]
    fn what_only_one_factor_moves_is_its_own_and_nothing_else_s() {
        for (offset, scale) in [
            (0.0, 1.0),
            (0.1, 0.1),
            (-7.3, 1e-3),
            (0.0, 1e150),
            (0.0, 1e-150),
        ] {
            let found = components((3, 4, 5), |level| offset + scale * level as f64);
            // The sample variance of 0, 1, 2, 3.
            let share = found.main[1] / (scale * scale) / (5.0 / 3.0);
            assert!((share - 1.0).abs() < 1e-10, "{offset}, {scale}: {found:?}");
            assert_eq!(found.total(), found.main[1], "{offset}, {scale}: {found:?}");
        }
    }

    #[test]
    fn equal_values_have_no_variance() {
        for value in [0.0, 0.1, 1.0 / 3.0, -7.7e200] {
            assert_eq!(components((3, 6, 7), |_| value).total(), 0.0, "{value}");
        }
    }

    #[test]
    fn what_has_no_variance_is_said() {
        let one = variance_components(Array3::zeros((1, 3, 3)).view());
        assert_eq!(one.unwrap(), None);
        let mut values = Array3::<f64>::zeros((2, 2, 2));
        values[[1, 0, 1]] = f64::NAN;
        let message = variance_components(values.view()).unwrap_err().to_string();
        assert!(message.contains("values[5] = NaN"), "{message}");
        values[[1, 0, 1]] = 1e200;
        assert!(variance_components(values.view()).is_err());
    }
}
