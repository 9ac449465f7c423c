//! Faithfulness of attribution methods: whether runs whose maps attend more to the contour rely more on shape.

use nodule_eval::statistics::Interval;
use nodule_seed::{derive, stream};
use nodule_study::claims::clustered_spearman;
use nodule_study::records::{FinishedRun, MapScores};
use nodule_study::settings::is_learnable;
use nodule_synth::Mode;

use crate::{Error, Runs};

/// Bootstrap resamples of seeds.
const RESAMPLES: usize = 2000;

/// How well the maps of a method rank networks by their reliance on shape.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Faithfulness {
    /// Spearman's correlation, over runs, of [`contour_preference`] with [`shape_reliance`]; `None` if it is undefined.
    pub correlation: Option<f64>,
    /// 95% bootstrap interval over seeds.
    pub interval: Option<Interval>,
    /// Number of runs.
    pub n: usize,
}

/// Returns the faithfulness of the method of `scores`, over the runs that `includes` selects.
///
/// # Errors
/// If a number in the record of a run is not finite.
pub fn faithfulness(
    runs: &Runs,
    scores: &MapScores,
    includes: impl Fn(&FinishedRun) -> bool,
) -> Result<Faithfulness, Error> {
    let pairs_of_seed = |seed: usize| -> Vec<(f64, f64)> {
        runs.all
            .iter()
            .filter(|run| run.record.seed == seed && includes(run))
            .filter_map(|run| contour_preference(run, scores).zip(shape_reliance(run, scores)))
            .collect()
    };
    let mut clusters: Vec<_> = (0..runs.study.seeds).map(pairs_of_seed).collect();
    clusters.retain(|pairs| !pairs.is_empty());
    let mut random = stream(derive(0, &["maps", &scores.method.to_string()]));
    let (correlation, interval) = clustered_spearman(&clusters, RESAMPLES, &mut random)?;
    Ok(Faithfulness {
        correlation,
        interval,
        n: clusters.iter().map(Vec::len).sum(),
    })
}

/// Returns the natural logarithm of the relevance mass of the contour over that of the interior, for the maps of a run
/// by the method of `scores`; above 0 if the maps attend more to the contour.
///
/// `None` if either is missing or 0.
#[must_use]
pub fn contour_preference(run: &FinishedRun, scores: &MapScores) -> Option<f64> {
    let (_, own) = run.map_scores(scores.method)?;
    let (contour, interior) = (own.contour?, own.interior?);
    (contour > 0.0 && interior > 0.0).then(|| (contour / interior).ln())
}

/// Returns the reliance on shape of a run, in SD units, under the read-out of its maps by the method of `scores`.
#[must_use]
pub fn shape_reliance(run: &FinishedRun, scores: &MapScores) -> Option<f64> {
    let (read_out, _) = run.map_scores(scores.method)?;
    Some(run.read_out(read_out)?.mode(Mode::Shape)?.effect)
}

/// Returns whether the training labels of a run depend on its images.
#[must_use]
pub fn has_learnable_labels(run: &FinishedRun) -> bool {
    run.training_distribution().is_none_or(|d| is_learnable(&d))
}
