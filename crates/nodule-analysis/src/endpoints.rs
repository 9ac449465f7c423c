//! Endpoints that reports compare, and their values over groups of runs.

use nodule_eval::{Metric, ReadOut};
use nodule_study::claims::{Effect, Endpoint, TestMetric};
use nodule_study::records::FinishedRun;
use nodule_synth::Mode;

use crate::{Runs, unique};

/// The modes of variation that studies compare.
pub const MODES: [Mode; 2] = [Mode::Shape, Mode::Texture];

/// Returns the values of the runs of a group that have the endpoint.
#[must_use]
pub fn values(group: &[&FinishedRun], endpoint: &Endpoint, read_out: ReadOut) -> Vec<f64> {
    let runs = group.iter();
    runs.filter_map(|run| endpoint.value(run, read_out))
        .collect()
}

/// Returns reliance on shape and on texture, and accuracy on every test of `run`.
///
/// Variants, crossed seeds and pairs of losses are compared by these endpoints. All runs of a study have the same tests.
#[must_use]
pub fn standard_endpoints(run: Option<&FinishedRun>) -> Vec<Endpoint> {
    let effects = MODES.map(|mode| Effect { mode }.into());
    let accuracies = test_names(run).into_iter().map(|test| {
        let test = test.to_owned();
        let metric = Metric::Accuracy;
        TestMetric { metric, test }.into()
    });
    effects.into_iter().chain(accuracies).collect()
}

/// Returns the scored tests that the claims of the study name, each once; the last scored test if they name none.
#[must_use]
pub fn claimed_tests(runs: &Runs) -> Vec<String> {
    let named = runs.study.hypotheses.iter().flat_map(|claim| {
        let endpoints = claim.contrast.kind().endpoints().into_iter();
        endpoints.filter_map(|(_, endpoint)| endpoint.kind().test().map(ToOwned::to_owned))
    });
    let scored = runs.tests();
    let mut named = unique(named);
    named.retain(|test| scored.contains(&test.as_str()));
    match (named.is_empty(), scored.last()) {
        (true, Some(last)) => vec![(*last).to_owned()],
        _ => named,
    }
}

/// Returns the names of the scored tests, in the order of the record.
pub(crate) fn test_names(run: Option<&FinishedRun>) -> Vec<&str> {
    let measured = run.and_then(|run| run.evaluation.read_outs.first());
    let tests = measured.map_or(&[][..], |measured| measured.tests.as_slice());
    tests.iter().map(|test| test.test.as_str()).collect()
}
