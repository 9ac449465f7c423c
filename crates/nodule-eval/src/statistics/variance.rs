//! Variance components of three crossed random factors with one value per combination.

use ndarray::{Array1, Array2, Array3, ArrayView3, Axis};
use nodule_error::conflict;

use super::constant::{RELATIVE_TOLERANCE, power_of_two};
use crate::Error;
use crate::check::check_finite;

/// Variances of the effects that a value is the sum of.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct VarianceComponents {
    /// Main effect of each factor, in the order of the axes.
    pub main: [f64; 3],
    /// Two-way interactions: first and second, first and third, second and third factor.
    pub pairs: [f64; 3],
    /// Three-way interaction and noise, which one value per combination cannot separate.
    pub rest: f64,
}

impl VarianceComponents {
    /// Returns the variance of a value whose three factors are all drawn anew.
    #[must_use]
    pub fn total(&self) -> f64 {
        self.main.iter().chain(&self.pairs).sum::<f64>() + self.rest
    }
}

/// Returns the variance components by the method of moments (analysis of variance: Searle et al. 1992, chapter 4), in
/// the squared unit of `values` `[a, b, c]`.
///
/// An estimate that is negative, or positive by rounding only, is returned as 0. `None` if a factor has fewer than two
/// levels.
///
/// # Errors
/// If a value is not finite, or a variance exceeds the range of f64.
///
/// ```
/// use ndarray::Array3;
/// use nodule_eval::statistics::variance_components;
///
/// // Only the second factor has an effect.
/// let values = Array3::from_shape_fn((3, 4, 5), |(_, level, _)| level as f64);
/// let found = variance_components(values.view())?.unwrap();
/// assert!((found.main[1] - 5.0 / 3.0).abs() < 1e-12);
/// assert_eq!(found.total(), found.main[1]);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn variance_components(values: ArrayView3<f64>) -> Result<Option<VarianceComponents>, Error> {
    check_finite("values", values)?;
    let (a, b, c) = values.dim();
    if a < 2 || b < 2 || c < 2 {
        return Ok(None);
    }
    let scale = power_of_two(values);
    let Some(scaled) = estimate_components(&(&values / scale)) else {
        return Ok(None);
    };
    let unscale = |v: f64| v * scale * scale;
    let components = VarianceComponents {
        main: scaled.main.map(unscale),
        pairs: scaled.pairs.map(unscale),
        rest: unscale(scaled.rest),
    };
    if !components.total().is_finite() {
        let reason = "too large; the variance exceeds the range of f64";
        return Err(conflict("values", reason).into());
    }
    Ok(Some(components))
}

/// Effects of a three-way analysis of variance, as deviations from the mean.
struct Effects<'a> {
    values: &'a Array3<f64>,
    mean: f64,
    /// Means over the levels of each factor.
    factor_means: [Array1<f64>; 3],
    /// For each pair of factors: both factors, and the means over their combinations of levels.
    pair_means: [(usize, usize, Array2<f64>); 3],
}

impl<'a> Effects<'a> {
    fn new(values: &'a Array3<f64>) -> Option<Self> {
        let mean = values.mean()?;
        let pair_means = [2, 1, 0].map(|other| values.mean_axis(Axis(other)));
        let [Some(ab), Some(ac), Some(bc)] = pair_means else {
            return None;
        };
        let factor_means = [
            ab.mean_axis(Axis(1))?,
            ab.mean_axis(Axis(0))?,
            ac.mean_axis(Axis(0))?,
        ];
        Some(Self {
            values,
            mean,
            factor_means,
            pair_means: [(0, 1, ab), (0, 2, ac), (1, 2, bc)],
        })
    }

    fn main(&self, factor: usize, level: usize) -> f64 {
        self.factor_means[factor][level] - self.mean
    }

    fn interaction(&self, pair: usize, i: usize, j: usize) -> f64 {
        let (first, second, means) = &self.pair_means[pair];
        means[[i, j]] - self.mean - self.main(*first, i) - self.main(*second, j)
    }

    /// Returns the mean squares of the main effects, of the two-way interactions, and of the rest.
    fn mean_squares(&self) -> ([f64; 3], [f64; 3], f64) {
        let (a, b, c) = self.values.dim();
        let levels = [a as f64, b as f64, c as f64];
        let count: f64 = levels.iter().product();
        let main = [0, 1, 2].map(|factor| {
            let sum: f64 = (0..levels[factor] as usize)
                .map(|level| self.main(factor, level).powi(2))
                .sum();
            count / levels[factor] * sum / (levels[factor] - 1.0)
        });
        let pairs = [0, 1, 2].map(|pair| {
            let (first, second, means) = &self.pair_means[pair];
            let sum: f64 = means
                .indexed_iter()
                .map(|((i, j), _)| self.interaction(pair, i, j).powi(2))
                .sum();
            let repeats = count / levels[*first] / levels[*second];
            repeats * sum / ((levels[*first] - 1.0) * (levels[*second] - 1.0))
        });
        let rest: f64 = self
            .values
            .indexed_iter()
            .map(|((i, j, k), value)| {
                let main = self.main(0, i) + self.main(1, j) + self.main(2, k);
                let interactions = self.interaction(0, i, j)
                    + self.interaction(1, i, k)
                    + self.interaction(2, j, k);
                (value - self.mean - main - interactions).powi(2)
            })
            .sum();
        let rest = rest / levels.iter().map(|n| n - 1.0).product::<f64>();
        (main, pairs, rest)
    }
}

/// Returns the components of values below 2.
fn estimate_components(values: &Array3<f64>) -> Option<VarianceComponents> {
    let (a, b, c) = values.dim();
    let levels = [a as f64, b as f64, c as f64];
    let count: f64 = levels.iter().product();
    let (main, pairs, rest) = Effects::new(values)?.mean_squares();
    // Mean squares that should cancel leave rounding errors of the largest one, and of the values themselves.
    let largest = main.iter().chain(&pairs).fold(rest, |m, s| m.max(*s));
    let tolerance = RELATIVE_TOLERANCE * (largest + RELATIVE_TOLERANCE * count);
    let drop_rounding = |square: f64| if square > tolerance { square } else { 0.0 };
    let main_component = |factor: usize, [first, second]: [usize; 2]| {
        let interactions = pairs[first] + pairs[second];
        drop_rounding(main[factor] - interactions + rest) * levels[factor] / count
    };
    let pair_component =
        |pair: usize, other: usize| drop_rounding(pairs[pair] - rest) / levels[other];
    Some(VarianceComponents {
        main: [
            main_component(0, [0, 1]),
            main_component(1, [0, 2]),
            main_component(2, [1, 2]),
        ],
        pairs: [
            pair_component(0, 2),
            pair_component(1, 1),
            pair_component(2, 0),
        ],
        rest: drop_rounding(rest),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn components(
        shape: (usize, usize, usize),
        value: impl Fn(usize) -> f64,
    ) -> VarianceComponents {
        let values = Array3::from_shape_fn(shape, |(_, level, _)| value(level));
        variance_components(values.view()).unwrap().unwrap()
    }

    #[test]
    fn the_effect_of_one_factor_has_no_other_component() {
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
    fn invalid_values_have_no_components() {
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
