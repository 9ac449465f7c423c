//! How many runs a comparison needs: the power of a paired t test.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};
use statrs::function::gamma::ln_gamma;

/// Intervals of the integral over the sample's standard deviation; must be even.
const INTERVALS: usize = 2000;
/// Nobody trains more.
const MOST: usize = 1_000_000;

/// The chance that a two-sided paired t test of `n` pairs finds a mean difference of `effect`
/// standard deviations of the differences at level `alpha`; none for fewer than 2 pairs.
///
/// The statistic is noncentral t with noncentrality `effect` times the root of `n`.
#[must_use]
pub fn paired_power(effect: f64, n: usize, alpha: f64) -> Option<f64> {
    let freedom = n.checked_sub(1).filter(|f| *f > 0)? as f64;
    let critical = StudentsT::new(0.0, 1.0, freedom)
        .ok()?
        .inverse_cdf(1.0 - alpha / 2.0);
    let normal = Normal::standard();
    let shift = effect * (n as f64).sqrt();
    // Given the ratio s of sample to true standard deviation, the mean alone is random.
    let found = |s: f64| normal.cdf(shift - critical * s) + normal.cdf(-shift - critical * s);
    let reach = 10.0 / (2.0 * freedom).sqrt();
    let (low, high) = ((1.0 - reach).max(0.0), 1.0 + reach);
    let step = (high - low) / INTERVALS as f64;
    let sum: f64 = (0..=INTERVALS)
        .map(|i| {
            let s = low + step * i as f64;
            simpson(i) * found(s) * spread_density(s, freedom)
        })
        .sum();
    Some((sum * step / 3.0).min(1.0))
}

/// The fewest pairs with which that test finds a mean difference of `difference` with a chance of at
/// least `power`, where differences have standard deviation `sd`; none where no number of pairs up to
/// a million would do.
#[must_use]
pub fn pairs_needed(difference: f64, sd: f64, power: f64, alpha: f64) -> Option<usize> {
    let effect = difference.abs() / sd;
    let enough = |n: usize| paired_power(effect, n, alpha).is_some_and(|p| p >= power);
    let mut high = 2;
    while !enough(high) {
        high = (high < MOST).then_some(high * 2)?;
    }
    let mut low = high / 2;
    while low + 1 < high {
        let middle = (low + high) / 2;
        if enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high.max(2))
}

fn simpson(i: usize) -> f64 {
    match i {
        0 | INTERVALS => 1.0,
        i if i % 2 == 1 => 4.0,
        _ => 2.0,
    }
}

/// Density of the root of a chi-square over its degrees of freedom.
fn spread_density(s: f64, freedom: f64) -> f64 {
    let half = freedom / 2.0;
    let power = if freedom > 1.0 {
        (freedom - 1.0) * s.ln()
    } else {
        0.0
    };
    2.0 * (half * half.ln() - ln_gamma(half) + power - half * s * s).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_effect_the_power_is_the_level() {
        for n in [2, 3, 8, 20, 200] {
            let power = paired_power(0.0, n, 0.05).unwrap();
            assert!((power - 0.05).abs() < 1e-6, "{n}: {power}");
        }
        assert_eq!(paired_power(1.0, 1, 0.05), None);
    }

    #[test]
    fn the_fewest_pairs_are_just_enough() {
        let n = pairs_needed(0.02, 0.07, 0.8, 0.05).unwrap();
        let effect = 0.02 / 0.07;
        assert!(paired_power(effect, n, 0.05) >= Some(0.8));
        assert!(paired_power(effect, n - 1, 0.05) < Some(0.8));
        assert_eq!(pairs_needed(0.0, 1.0, 0.8, 0.05), None);
        assert_eq!(pairs_needed(1.0, 0.0, 0.8, 0.05), Some(2));
    }
}
