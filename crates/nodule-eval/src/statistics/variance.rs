//! Where variance comes from: three crossed random factors, one value a cell.

use ndarray::{ArrayView3, Axis};

/// Variances of the parts that a value is a sum of.
#[derive(Debug, Clone, Copy, PartialEq)]
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
/// chapter 4); one below 0 is reported as 0. None where a factor has fewer than two levels.
#[must_use]
pub fn variance_components(values: ArrayView3<f64>) -> Option<VarianceComponents> {
    let (a, b, c) = values.dim();
    if a < 2 || b < 2 || c < 2 {
        return None;
    }
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
    let squares = [0, 1, 2].map(pair_square);
    let main = |factor: usize, pairs: [usize; 2]| {
        let of_pairs = squares[pairs[0]] + squares[pairs[1]];
        ((square(factor) - of_pairs + rest) * levels[factor] / count).max(0.0)
    };
    let pair = |index: usize, left: usize| ((squares[index] - rest) / levels[left]).max(0.0);
    Some(VarianceComponents {
        main: [main(0, [0, 1]), main(1, [0, 2]), main(2, [1, 2])],
        pairs: [pair(0, 2), pair(1, 1), pair(2, 0)],
        rest,
    })
}

#[cfg(test)]
mod tests {
    use ndarray::Array3;

    use super::*;

    #[test]
    fn what_only_one_factor_moves_is_its_own() {
        let values = Array3::from_shape_fn((3, 4, 5), |(_, weights, _)| weights as f64);
        let found = variance_components(values.view()).unwrap();
        // The sample variance of 0, 1, 2, 3.
        assert!((found.main[1] - 5.0 / 3.0).abs() < 1e-12, "{found:?}");
        assert!((found.total() - found.main[1]).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn one_level_tells_nothing() {
        assert_eq!(variance_components(Array3::zeros((1, 3, 3)).view()), None);
    }
}
