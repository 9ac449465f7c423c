//! Intervals over training seeds: of a mean, and of a rank correlation.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use nodule_eval::statistics::{Interval, bootstrap_mean, percentile, spearman};
use nodule_seed::{Stream, derive};

use crate::Error;

/// Resamples behind an interval that is shown and decides nothing.
const RESAMPLES: usize = 2000;

/// A mean over seeds, in the unit of its values.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Mean {
    pub mean: f64,
    /// 95% bootstrap interval; none for one seed, which says nothing of another.
    pub interval: Option<Interval>,
}

/// Means that were asked for before, by the bits of their values.
#[derive(Debug, Default)]
pub(super) struct Means(Mutex<BTreeMap<Vec<u64>, Mean>>);

impl Means {
    /// None without values.
    pub(super) fn of(&self, values: &[f64]) -> Result<Option<Mean>, Error> {
        if values.is_empty() {
            return Ok(None);
        }
        let key: Vec<u64> = values.iter().map(|v| v.to_bits()).collect();
        let known = self.known(|known| known.get(&key).copied());
        if known.is_some() {
            return Ok(known);
        }
        let mean = Mean {
            mean: mean(values),
            interval: bootstrap_mean(values, RESAMPLES, derive(0, &["figure"]))?,
        };
        self.known(|known| known.insert(key, mean));
        Ok(Some(mean))
    }

    /// A thread that panicked left the map whole: all it does to it is one insertion.
    fn known<T>(&self, with: impl FnOnce(&mut BTreeMap<Vec<u64>, Mean>) -> T) -> T {
        with(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// The mean of at least one value.
pub fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Spearman's correlation over the pairs of all groups.
pub(super) fn correlation<'a>(
    groups: impl Iterator<Item = &'a Vec<(f64, f64)>>,
) -> Result<Option<f64>, Error> {
    let (x, y): (Vec<_>, Vec<_>) = groups.flatten().copied().unzip();
    Ok(spearman(&x, &y)?)
}

/// Spearman's correlation over all pairs of all groups, and its 95% percentile interval over
/// resampled groups: one group a seed, because the runs of a seed share their data.
pub(super) fn correlation_interval(
    groups: &[Vec<(f64, f64)>],
    resamples: usize,
    random: &mut Stream,
) -> Result<(Option<f64>, Option<Interval>), Error> {
    let mut drawn = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        let pick = |_| &groups[random.below(groups.len() as u64) as usize];
        let picked: Vec<_> = (0..groups.len()).map(pick).collect();
        drawn.extend(correlation(picked.into_iter())?);
    }
    drawn.sort_by(f64::total_cmp);
    // Every resample of one seed is that seed, which says nothing of another.
    let interval = match drawn.is_empty() || groups.len() < 2 {
        true => None,
        false => Some(Interval {
            low: percentile(&drawn, 0.025)?,
            high: percentile(&drawn, 0.975)?,
        }),
    };
    Ok((correlation(groups.iter())?, interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_numbers_have_the_same_interval_and_one_seed_has_none() {
        let means = Means::default();
        let first = means.of(&[0.1, 0.2, 0.4]).unwrap().unwrap();
        assert_eq!(means.of(&[0.1, 0.2, 0.4]).unwrap(), Some(first));
        assert_eq!(means.0.lock().unwrap().len(), 1);
        let interval = first.interval.unwrap();
        assert!(interval.low <= first.mean && first.mean <= interval.high);
        assert_eq!(means.of(&[0.5]).unwrap().unwrap().interval, None);
        assert_eq!(means.of(&[]).unwrap(), None);
        assert!(means.of(&[f64::NAN, 1.0]).is_err());
        let seed = vec![(1.0, 1.0), (2.0, 2.0), (3.0, 4.0)];
        let of = |groups: &[Vec<(f64, f64)>]| {
            correlation_interval(groups, 50, &mut nodule_seed::stream(1)).unwrap()
        };
        assert_eq!(of(std::slice::from_ref(&seed)), (Some(1.0), None));
        assert!(of(&[seed.clone(), seed]).1.is_some());
    }
}
