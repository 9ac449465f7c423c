//! Runs picked out of a study's, and their numbers.

use nodule_eval::ReadOut;
use nodule_explain::Method;

use crate::hypotheses::value;
use crate::record::{FinishedRun, MapScores};
use crate::settings::Endpoint;

/// The runs of one training distribution and one loss.
pub(crate) fn group<'a>(runs: &'a [FinishedRun], train: &str, loss: &str) -> Vec<&'a FinishedRun> {
    runs.iter()
        .filter(|run| run.record.train == train && run.record.loss == loss)
        .collect()
}

/// An endpoint's value for each run of a group, where it has one.
pub(crate) fn values(group: &[&FinishedRun], endpoint: &Endpoint, read_out: ReadOut) -> Vec<f64> {
    group
        .iter()
        .filter_map(|run| value(run, endpoint, read_out))
        .collect()
}

/// Names of the scored tests, in the order of the runs' records.
pub(crate) fn tests(runs: &[FinishedRun]) -> Vec<String> {
    let first = runs
        .first()
        .and_then(|run| run.evaluation.read_outs.first());
    first.map_or_else(Vec::new, |r| {
        r.tests.iter().map(|t| t.test.clone()).collect()
    })
}

/// The scores of a run's maps by `method`, with the read-out they were made of.
pub(crate) fn mapped(run: &FinishedRun, method: Method) -> Option<(ReadOut, &MapScores)> {
    run.evaluation.read_outs.iter().find_map(|r| {
        let scores = r.maps.iter().find(|m| m.method == method)?;
        Some((r.read_out, scores))
    })
}

/// Natural logarithm of the contour's mass ratio over the interior's: above 0 where a map looks at
/// the contour more. None where either is missing or 0.
pub(crate) fn look(run: &FinishedRun, method: Method) -> Option<f64> {
    let (_, scores) = mapped(run, method)?;
    let (contour, interior) = (scores.contour?, scores.interior?);
    (contour > 0.0 && interior > 0.0).then(|| (contour / interior).ln())
}

/// The unit of a run's decision value under a read-out: networks of different losses compare in it
/// alone.
pub(crate) fn spread(runs: &[FinishedRun], id: &str, read_out: ReadOut) -> f64 {
    let run = runs.iter().find(|run| run.record.run == id);
    let mut measured = run.iter().flat_map(|run| &run.evaluation.read_outs);
    let found = measured.find(|r| r.read_out == read_out);
    found.map_or(1.0, |r| r.spread).max(f64::MIN_POSITIVE)
}
