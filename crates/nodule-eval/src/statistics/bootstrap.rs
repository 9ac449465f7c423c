//! Percentile bootstrap over runs (Efron and Tibshirani 1993, chapter 13).

use nodule_seed::stream;
use serde::{Deserialize, Serialize};

use super::rounding::scaled;
use crate::Error;
use crate::error::{all_finite, input};

/// The two ends of a 95% interval over training seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// 95% percentile interval of the mean of `values`, in their unit, from `resamples` draws with
/// replacement. For runs paired by seed, give it their differences: that resamples pairs. None for
/// fewer than two: every resample of one value is that value, which says nothing of another seed.
///
/// # Errors
/// If a value is not finite or there is no resample.
pub fn bootstrap_mean(
    values: &[f64],
    resamples: usize,
    seed: u64,
) -> Result<Option<Interval>, Error> {
    all_finite("values", values)?;
    if resamples == 0 {
        return Err(input("resamples", 0, "at least one is needed"));
    }
    if values.len() < 2 {
        return Ok(None);
    }
    let (values, scale) = scaled(values);
    let mut random = stream(seed);
    let n = values.len();
    let mut draw = || values[random.below(n as u64) as usize];
    let mean = |_| (0..n).map(|_| draw()).sum::<f64>() / n as f64;
    let mut means: Vec<f64> = (0..resamples).map(mean).collect();
    means.sort_by(f64::total_cmp);
    Ok(Some(Interval {
        low: quantile(&means, 0.025) * scale,
        high: quantile(&means, 0.975) * scale,
    }))
}

/// The `share`-quantile of `sorted`, in its unit, interpolated between its neighbours as NumPy does.
///
/// # Errors
/// If there are no values, one is not finite, they do not rise, or `share` lies outside 0 to 1.
pub fn percentile(sorted: &[f64], share: f64) -> Result<f64, Error> {
    if sorted.is_empty() {
        return Err(input("sorted values", "none", "at least one is needed"));
    }
    all_finite("sorted values", sorted)?;
    if !(0.0..=1.0).contains(&share) {
        return Err(input("share", share, "it must lie from 0 to 1"));
    }
    if !sorted.is_sorted() {
        return Err(input("sorted values", "in no order", "they must rise"));
    }
    let (within, scale) = scaled(sorted);
    Ok(quantile(&within, share) * scale)
}

/// Of at least one finite value in rising order.
fn quantile(sorted: &[f64], share: f64) -> f64 {
    let place = share * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn one_seed_has_no_interval_and_equal_seeds_have_a_point() {
        assert_eq!(bootstrap_mean(&[], 10, 1).unwrap(), None);
        assert_eq!(bootstrap_mean(&[0.5], 10, 1).unwrap(), None);
        let point = bootstrap_mean(&[0.5; 4], 10, 1).unwrap().unwrap();
        assert_eq!((point.low, point.high), (0.5, 0.5));
        assert!(bootstrap_mean(&[0.5; 4], 0, 1).is_err());
        let message = bootstrap_mean(&[0.5, f64::INFINITY], 9, 1).unwrap_err();
        assert!(message.to_string().contains("values[1] = inf"), "{message}");
    }

    #[test]
    fn percentiles_are_of_sorted_finite_values_alone() {
        assert_eq!(percentile(&[7.0], 0.3).unwrap(), 7.0);
        assert_eq!(percentile(&[1.0, 2.0, 4.0], 0.75).unwrap(), 3.0);
        assert_eq!(percentile(&[-1.5e308, 1.5e308], 0.5).unwrap(), 0.0);
        for (values, share) in [
            (&[][..], 0.5),
            (&[1.0, 2.0], 1.1),
            (&[1.0, 2.0], -0.1),
            (&[1.0, 2.0], f64::NAN),
            (&[1.0, f64::NAN], 0.5),
            (&[2.0, 1.0], 0.5),
        ] {
            assert!(percentile(values, share).is_err(), "{values:?} {share}");
        }
    }
}
