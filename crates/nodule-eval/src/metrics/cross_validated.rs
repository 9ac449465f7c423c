//! Metrics of a cross-validation: held-out predictions of all folds together, with intervals over groups.

use std::collections::BTreeMap;

use nodule_error::conflict;
use nodule_seed::stream;

use super::Metric;
use super::proportion::wilson_interval;
use crate::Error;
use crate::statistics::{Interval, percentile};

/// Predictions of one model on the images of its held-out fold.
#[derive(Debug, Clone, Copy)]
pub struct HeldOutPredictions<'a> {
    /// Decision scores `[n]`; above 0 is predicted abnormal.
    pub scores: &'a [f32],
    /// Labels `[n]`: 0 normal, 1 abnormal.
    pub labels: &'a [u8],
    /// Group of each image `[n]`, such as a patient.
    pub groups: &'a [String],
}

/// A metric of a cross-validation.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct CrossValidatedMetric {
    /// Metric.
    pub metric: Metric,
    /// Value; `None` if a class that it needs is missing.
    pub value: Option<f64>,
    /// 95% interval; `None` if resampling does not change the value.
    pub interval: Option<Interval>,
}

/// Images of one model in the order of their scores.
struct Ranked {
    /// Score, label and index of the group of each image.
    images: Vec<(f32, u8, usize)>,
}

/// Returns the metrics of the models of all folds, and of all seeds, together. Each image counts once per model.
///
/// Accuracy, sensitivity and specificity pool the images. Scores of different models have different scales, so AUROC is
/// the share of correctly ranked pairs among all pairs of images of one model (Parker et al. 2007 compare both ways).
/// Intervals are percentiles over `resamples` draws of groups with replacement (cluster bootstrap, Field and Welsh 2007).
/// A share of 0 or 1 has Wilson's interval at the number of groups instead.
///
/// ```
/// use nodule_eval::{HeldOutPredictions, Metric, cross_validated};
///
/// let groups = ["a", "b", "c", "d"].map(str::to_owned);
/// let folds = [([0.5, -1.0], [1, 0], &groups[..2]), ([2.0, 1.0], [1, 0], &groups[2..])];
/// let models = folds.each_ref().map(|(scores, labels, groups)| HeldOutPredictions {
///     scores,
///     labels,
///     groups,
/// });
/// let metrics = cross_validated(&models, 100, 1)?;
/// let accuracy = metrics.iter().find(|m| m.metric == Metric::Accuracy).unwrap();
/// assert_eq!(accuracy.value, Some(0.75));
/// # Ok::<(), nodule_eval::Error>(())
/// ```
///
/// # Errors
/// If the arrays of a model differ in length, or a score is not finite.
pub fn cross_validated(
    models: &[HeldOutPredictions],
    resamples: usize,
    seed: u64,
) -> Result<Vec<CrossValidatedMetric>, Error> {
    let mut groups = BTreeMap::<&str, usize>::new();
    for model in models {
        let (n, m, k) = (model.scores.len(), model.labels.len(), model.groups.len());
        if n != m || n != k {
            let reason = format!("{n} scores, {m} labels and {k} groups; as many are needed");
            return Err(conflict("held-out predictions", reason).into());
        }
        if let Some(score) = model.scores.iter().find(|score| !score.is_finite()) {
            let reason = format!("score {score} is not finite");
            return Err(conflict("held-out predictions", reason).into());
        }
        groups.extend(model.groups.iter().map(|group| (group.as_str(), 0)));
    }
    groups
        .values_mut()
        .enumerate()
        .for_each(|(i, index)| *index = i);
    let ranked: Vec<_> = models
        .iter()
        .map(|model| Ranked::new(model, &groups))
        .collect();
    let n = groups.len();
    let values = compute(&ranked, &vec![1.0; n]);
    let mut random = stream(seed);
    let mut resampled = vec![Vec::with_capacity(resamples); Metric::ALL.len()];
    for _ in 0..resamples {
        let mut weights = vec![0.0; n];
        for _ in 0..n {
            weights[random.below(n as u64) as usize] += 1.0;
        }
        for (all, value) in resampled.iter_mut().zip(compute(&ranked, &weights)) {
            all.extend(value);
        }
    }
    let metrics = Metric::ALL.into_iter().zip(values).zip(resampled);
    metrics
        .map(|((metric, value), resampled)| {
            let interval = match value {
                Some(share) if metric != Metric::Auroc && (share == 0.0 || share == 1.0) => {
                    let estimate = wilson_interval(share, n as f64);
                    let (low, high) = (estimate.low, estimate.high);
                    Some(Interval { low, high })
                }
                Some(_) => percentile_interval(resampled)?,
                None => None,
            };
            Ok(CrossValidatedMetric {
                metric,
                value,
                interval,
            })
        })
        .collect()
}

/// Returns the 95% percentile interval of values; `None` if they are all equal.
fn percentile_interval(mut values: Vec<f64>) -> Result<Option<Interval>, Error> {
    values.sort_by(f64::total_cmp);
    if values.first() == values.last() {
        return Ok(None);
    }
    let (low, high) = (percentile(&values, 0.025)?, percentile(&values, 0.975)?);
    Ok(Some(Interval { low, high }))
}

/// Returns the metrics in the order of [`Metric::ALL`], with a weight for each group.
fn compute(models: &[Ranked], weights: &[f64]) -> Vec<Option<f64>> {
    // Weights of the images by label, and of the correctly classified ones.
    let (mut all, mut correct) = ([0.0; 2], [0.0; 2]);
    let (mut pairs, mut ordered) = (0.0, 0.0);
    for model in models {
        for (score, label, group) in &model.images {
            let class = usize::from(*label == 1);
            all[class] += weights[*group];
            if usize::from(*score > 0.0) == class {
                correct[class] += weights[*group];
            }
        }
        let [ordered_here, pairs_here] = model.count_pairs(weights);
        ordered += ordered_here;
        pairs += pairs_here;
    }
    let share = |part: f64, whole: f64| (whole > 0.0).then(|| part / whole);
    let [specificity, sensitivity] = [0, 1].map(|class| share(correct[class], all[class]));
    let value = |metric: Metric| match metric {
        Metric::Accuracy => share(correct[0] + correct[1], all[0] + all[1]),
        Metric::Sensitivity => sensitivity,
        Metric::Specificity => specificity,
        Metric::BalancedAccuracy => Some(f64::midpoint(specificity?, sensitivity?)),
        Metric::Auroc => share(ordered, pairs),
    };
    Metric::ALL.map(value).to_vec()
}

impl Ranked {
    fn new(model: &HeldOutPredictions, groups: &BTreeMap<&str, usize>) -> Self {
        let images = model.scores.iter().zip(model.labels).zip(model.groups);
        let mut images: Vec<_> = images
            .map(|((score, label), group)| (*score, *label, groups[group.as_str()]))
            .collect();
        images.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self { images }
    }

    /// Returns the weights of the correctly ordered pairs of a normal and an abnormal image, and of all of them. A tie is
    /// half a correct order.
    fn count_pairs(&self, weights: &[f64]) -> [f64; 2] {
        let (mut below, mut abnormal, mut ordered) = (0.0, 0.0, 0.0);
        // Equal scores are not separated, -0 and 0 included.
        for ties in self.images.chunk_by(|a, b| a.0 == b.0) {
            let weight = |class: u8| -> f64 {
                let members = ties.iter().filter(|(_, label, _)| *label == class);
                members.map(|(.., group)| weights[*group]).sum()
            };
            let (tied_normal, tied_abnormal) = (weight(0), weight(1));
            ordered += tied_abnormal * (below + 0.5 * tied_normal);
            below += tied_normal;
            abnormal += tied_abnormal;
        }
        [ordered, below * abnormal]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Scores;

    /// Returns scores and labels of `n` images in groups of 3.
    fn synthetic(n: usize, seed: u64) -> (Vec<f32>, Vec<u8>, Vec<String>) {
        let mut random = stream(seed);
        let labels: Vec<u8> = (0..n).map(|i| (i / 3 % 2) as u8).collect();
        let scores = labels.iter().map(|label| {
            // Rounded, so that some scores are equal.
            ((f64::from(*label) - 0.5 + random.normal()) * 8.0).round() as f32 / 8.0
        });
        let scores = scores.collect();
        (
            scores,
            labels,
            (0..n).map(|i| format!("p{}", i / 3)).collect(),
        )
    }

    /// Returns the metrics of one model with `n` resamples.
    fn metrics_of(
        scores: &[f32],
        labels: &[u8],
        groups: &[String],
        n: usize,
    ) -> Vec<CrossValidatedMetric> {
        let model = HeldOutPredictions {
            scores,
            labels,
            groups,
        };
        cross_validated(&[model], n, 3).unwrap()
    }

    fn value(metrics: &[CrossValidatedMetric], metric: Metric) -> CrossValidatedMetric {
        *metrics.iter().find(|m| m.metric == metric).unwrap()
    }

    #[test]
    fn one_model_has_the_metrics_of_its_scores_and_similar_intervals() {
        let (scores, labels, groups) = synthetic(240, 4);
        let metrics = metrics_of(&scores, &labels, &groups, 2000);
        let indices: Vec<usize> = (0..240).map(|i| i / 3).collect();
        let known = Scores::new(&scores, &labels).unwrap();
        let known = known.with_groups(&indices).unwrap().metrics();
        for metric in Metric::ALL {
            let (found, known) = (value(&metrics, metric), known.get(metric).unwrap());
            let interval = found.interval.unwrap();
            for (found, expected, error) in [
                (found.value.unwrap(), known.value, 1e-12),
                (interval.low, known.low, 0.03),
                (interval.high, known.high, 0.03),
            ] {
                assert!(
                    (found - expected).abs() < error,
                    "{metric:?} {found} {expected}"
                );
            }
        }
    }

    #[test]
    fn auroc_compares_images_of_one_model_only() {
        let groups: Vec<_> = (0..4).map(|i| i.to_string()).collect();
        // Perfect within each fold; the second model scores everything higher.
        let low = HeldOutPredictions {
            scores: &[-3.0, -2.0],
            labels: &[0, 1],
            groups: &groups[..2],
        };
        let high = HeldOutPredictions {
            scores: &[2.0, 3.0],
            labels: &[0, 1],
            groups: &groups[2..],
        };
        let metrics = cross_validated(&[low, high], 200, 1).unwrap();
        assert_eq!(value(&metrics, Metric::Auroc).value, Some(1.0));
        assert_eq!(value(&metrics, Metric::Auroc).interval, None);
        assert_eq!(value(&metrics, Metric::Accuracy).value, Some(0.5));
    }

    #[test]
    fn intervals_are_wider_over_groups_than_over_images_and_perfect_shares_have_one() {
        let (scores, labels, groups) = synthetic(90, 9);
        // All images of a group have the score of its first one.
        let scores: Vec<f32> = (0..90).map(|i| scores[i / 3 * 3]).collect();
        let images: Vec<_> = (0..90).map(|i| i.to_string()).collect();
        let width = |groups: &[String]| {
            let metrics = metrics_of(&scores, &labels, groups, 2000);
            let interval = value(&metrics, Metric::Accuracy).interval.unwrap();
            interval.high - interval.low
        };
        assert!(width(&groups) > 1.5 * width(&images));
        let scores: Vec<f32> = labels.iter().map(|label| f32::from(*label) - 0.5).collect();
        let metrics = metrics_of(&scores, &labels, &groups, 100);
        let accuracy = value(&metrics, Metric::Accuracy).interval.unwrap();
        assert_eq!(accuracy.high, 1.0);
        assert!((0.85..0.9).contains(&accuracy.low), "{accuracy:?}");
    }

    #[test]
    fn a_class_that_is_missing_has_no_value() {
        let groups = ["a", "b"].map(str::to_owned);
        let model = HeldOutPredictions {
            scores: &[1.0, -1.0],
            labels: &[1, 1],
            groups: &groups,
        };
        let metrics = cross_validated(&[model], 100, 3).unwrap();
        assert_eq!(value(&metrics, Metric::Sensitivity).value, Some(0.5));
        assert_eq!(value(&metrics, Metric::Specificity).value, None);
        assert_eq!(value(&metrics, Metric::Auroc).value, None);
        let model = HeldOutPredictions {
            labels: &[1],
            ..model
        };
        assert!(cross_validated(&[model], 100, 3).is_err());
    }
}
