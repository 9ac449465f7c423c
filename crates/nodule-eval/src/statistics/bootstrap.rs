//! Percentile bootstrap of the mean over runs (Efron and Tibshirani 1993, chapter 13).

use nodule_error::{conflict, invalid_value};
use nodule_seed::stream;
use serde::{Deserialize, Serialize};

use super::constant::scale_by_power_of_two;
use crate::Error;
use crate::check::{check_finite, check_finite_non_empty};

/// A 95% confidence interval, over training seeds unless it says otherwise.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// Returns the 95% percentile interval of the mean of `values`, in their unit, from `resamples` draws with replacement.
///
/// For runs paired by seed, pass their differences, which resamples pairs. `None` for fewer than two values, whose
/// resamples cannot vary.
///
/// # Errors
/// If a value is not finite or `resamples` is 0.
///
/// ```
/// use nodule_eval::statistics::bootstrap_mean;
///
/// let interval = bootstrap_mean(&[0.03, 0.06, 0.01, 0.04], 1000, 7)?.unwrap();
/// assert!(0.01 <= interval.low && interval.low < 0.035 && 0.035 < interval.high);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn bootstrap_mean(
    values: &[f64],
    resamples: usize,
    seed: u64,
) -> Result<Option<Interval>, Error> {
    check_finite("values", values)?;
    if resamples == 0 {
        return Err(invalid_value("resamples", 0, "at least 1").into());
    }
    if values.len() < 2 {
        return Ok(None);
    }
    let (values, scale) = scale_by_power_of_two(values);
    let mut random = stream(seed);
    let n = values.len();
    let mut draw = || values[random.below(n as u64) as usize];
    let mean = |_| (0..n).map(|_| draw()).sum::<f64>() / n as f64;
    let mut means: Vec<f64> = (0..resamples).map(mean).collect();
    means.sort_by(f64::total_cmp);
    Ok(Some(Interval {
        low: interpolate_quantile(&means, 0.025) * scale,
        high: interpolate_quantile(&means, 0.975) * scale,
    }))
}

/// Returns the `share`-quantile of `sorted`, in its unit, linearly interpolated as NumPy does.
///
/// # Errors
/// If there are no values, one is not finite, they are not in ascending order, or `share` is not from 0 to 1.
///
/// ```
/// use nodule_eval::statistics::percentile;
///
/// assert_eq!(percentile(&[1.0, 2.0, 4.0], 0.75)?, 3.0);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn percentile(sorted: &[f64], share: f64) -> Result<f64, Error> {
    check_finite_non_empty("sorted values", sorted)?;
    if !(0.0..=1.0).contains(&share) {
        return Err(invalid_value("share", share, "from 0 to 1").into());
    }
    if !sorted.is_sorted() {
        return Err(conflict("sorted values", "not in ascending order").into());
    }
    let (scaled, scale) = scale_by_power_of_two(sorted);
    Ok(interpolate_quantile(&scaled, share) * scale)
}

/// Returns the `share`-quantile of at least one finite value in ascending order.
fn interpolate_quantile(sorted: &[f64], share: f64) -> f64 {
    let position = share * (sorted.len() - 1) as f64;
    let below = position.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (position - below as f64) * (sorted[above] - sorted[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_value_has_no_interval_and_equal_values_have_a_point() {
        assert_eq!(bootstrap_mean(&[], 10, 1).unwrap(), None);
        assert_eq!(bootstrap_mean(&[0.5], 10, 1).unwrap(), None);
        let point = bootstrap_mean(&[0.5; 4], 10, 1).unwrap().unwrap();
        assert_eq!((point.low, point.high), (0.5, 0.5));
        assert!(bootstrap_mean(&[0.5; 4], 0, 1).is_err());
        let message = bootstrap_mean(&[0.5, f64::INFINITY], 9, 1).unwrap_err();
        assert!(message.to_string().contains("values[1] = inf"), "{message}");
    }

    #[test]
    fn percentile_rejects_unsorted_or_infinite_values() {
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
