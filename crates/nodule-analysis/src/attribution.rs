//! What attribution maps look at, and whether it tells what networks rely on.

use nodule_eval::statistics::Interval;
use nodule_seed::{derive, stream};
use nodule_study::records::{FinishedRun, MapScores};
use nodule_study::settings::is_learnable;
use nodule_synth::Mode;

use super::Runs;
use super::intervals::correlation_interval;
use crate::Error;

/// Resamples of seeds behind an interval.
const RESAMPLES: usize = 2000;

/// How well a method's maps rank networks.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Truth {
    /// Spearman's correlation, over runs, of [`contour_preference`] with [`shape_reliance`]; none where
    /// it is undefined.
    pub correlation: Option<f64>,
    /// Its 95% bootstrap interval over seeds.
    pub interval: Option<Interval>,
    /// Runs.
    pub n: usize,
}

/// The truth of the method of `scores`, over those of the runs that `of` chooses.
pub fn truth(
    runs: &Runs,
    scores: &MapScores,
    of: impl Fn(&FinishedRun) -> bool,
) -> Result<Truth, Error> {
    let of_seed = |seed: usize| {
        let chosen = runs.all.iter().filter(|run| run.record.seed == seed);
        let chosen = chosen.filter(|run| of(run));
        let pairs = chosen
            .filter_map(|run| contour_preference(run, scores).zip(shape_reliance(run, scores)));
        pairs.collect::<Vec<_>>()
    };
    let seeds = (0..runs.study.seeds).map(of_seed);
    let groups: Vec<_> = seeds.filter(|group| !group.is_empty()).collect();
    let mut random = stream(derive(0, &["maps", &scores.method.to_string()]));
    let (correlation, interval) = correlation_interval(&groups, RESAMPLES, &mut random)?;
    Ok(Truth {
        correlation,
        interval,
        n: groups.iter().map(Vec::len).sum(),
    })
}

/// Natural logarithm of the contour's mass ratio over the interior's, in a run's maps by the method of
/// `scores`: above 0 where they look at the contour more. None where either is missing or 0.
pub fn contour_preference(run: &FinishedRun, scores: &MapScores) -> Option<f64> {
    let (_, own) = run.map_scores(scores.method)?;
    let (contour, interior) = (own.contour?, own.interior?);
    (contour > 0.0 && interior > 0.0).then(|| (contour / interior).ln())
}

/// Shape reliance of a run, in spreads, under the read-out that its maps by the method of `scores` were
/// made of.
pub fn shape_reliance(run: &FinishedRun, scores: &MapScores) -> Option<f64> {
    let (read_out, _) = run.map_scores(scores.method)?;
    Some(run.read_out(read_out)?.mode(Mode::Shape)?.effect)
}

/// Whether a run's training labels said anything of the images.
pub fn could_learn(run: &FinishedRun) -> bool {
    run.training_distribution().is_none_or(|d| is_learnable(&d))
}
