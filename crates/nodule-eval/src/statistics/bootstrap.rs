//! Percentile bootstrap over runs (Efron and Tibshirani 1993, chapter 13).

use nodule_seed::stream;
use serde::{Deserialize, Serialize};

/// The two ends of a 95% interval over training seeds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

/// 95% percentile interval of the mean of `values`, from `resamples` draws with replacement. For
/// runs paired by seed, give it their differences: that resamples pairs. None without values.
#[must_use]
pub fn bootstrap_mean(values: &[f64], resamples: usize, seed: u64) -> Option<Interval> {
    if values.is_empty() || resamples == 0 {
        return None;
    }
    let mut random = stream(seed);
    let n = values.len();
    let mut draw = || values[random.below(n as u64) as usize];
    let mean = |_| (0..n).map(|_| draw()).sum::<f64>() / n as f64;
    let mut means: Vec<f64> = (0..resamples).map(mean).collect();
    means.sort_by(f64::total_cmp);
    Some(Interval {
        low: percentile(&means, 0.025),
        high: percentile(&means, 0.975),
    })
}

/// The `share`-quantile of `sorted`, interpolated between its neighbours as NumPy does.
///
/// # Panics
/// If `sorted` is empty.
#[must_use]
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let place = share.clamp(0.0, 1.0) * (sorted.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(sorted.len() - 1);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}
