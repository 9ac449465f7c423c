//! Means over training seeds with bootstrap intervals.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use nodule_eval::statistics::{Interval, bootstrap_mean};
use nodule_seed::derive;

use crate::Error;

/// Resamples of an interval that is shown but decides no claim.
const RESAMPLES: usize = 2000;

/// A mean over seeds, in the unit of its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    /// The mean.
    pub mean: f64,
    /// 95% bootstrap interval; `None` for a single seed.
    pub interval: Option<Interval>,
}

/// Means by the bits of their values, so that equal values are resampled once.
#[derive(Debug, Default)]
pub(crate) struct MeanCache(Mutex<BTreeMap<Vec<u64>, Mean>>);

impl MeanCache {
    /// Returns the mean, from the cache if it is there; `None` without values.
    pub(crate) fn mean(&self, values: &[f64]) -> Result<Option<Mean>, Error> {
        if values.is_empty() {
            return Ok(None);
        }
        let key: Vec<u64> = values.iter().map(|v| v.to_bits()).collect();
        let cached = self.with_entries(|entries| entries.get(&key).copied());
        if cached.is_some() {
            return Ok(cached);
        }
        let mean = Mean {
            mean: mean(values),
            interval: bootstrap_mean(values, RESAMPLES, derive(0, &["figure"]))?,
        };
        self.with_entries(|entries| entries.insert(key, mean));
        Ok(Some(mean))
    }

    /// A thread that panicked left the map intact: its only change is a single insertion.
    fn with_entries<T>(&self, access: impl FnOnce(&mut BTreeMap<Vec<u64>, Mean>) -> T) -> T {
        access(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Returns the mean of at least one value.
///
/// ```
/// assert_eq!(nodule_analysis::mean(&[1.0, 2.0, 6.0]), 3.0);
/// ```
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_values_are_resampled_once_and_a_single_seed_has_no_interval() {
        let means = MeanCache::default();
        let first = means.mean(&[0.1, 0.2, 0.4]).unwrap().unwrap();
        assert_eq!(means.mean(&[0.1, 0.2, 0.4]).unwrap(), Some(first));
        assert_eq!(means.0.lock().unwrap().len(), 1);
        let interval = first.interval.unwrap();
        assert!(interval.low <= first.mean && first.mean <= interval.high);
        assert_eq!(means.mean(&[0.5]).unwrap().unwrap().interval, None);
        assert_eq!(means.mean(&[]).unwrap(), None);
        assert!(means.mean(&[f64::NAN, 1.0]).is_err());
    }
}
