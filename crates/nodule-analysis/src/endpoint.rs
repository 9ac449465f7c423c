//! Endpoints: a number that every run has, per read-out.

use nodule_eval::{Metric, ReadOut};
use nodule_study::records::FinishedRun;
use nodule_study::settings::{Contrast, Endpoint};
use nodule_synth::Mode;

use super::{Runs, costs, each_once};

/// The modes that the study is about.
pub const MODES: [Mode; 2] = [Mode::Shape, Mode::Texture];

/// An endpoint's value for one run under one read-out, where it has one.
pub fn value(run: &FinishedRun, endpoint: &Endpoint, read_out: ReadOut) -> Option<f64> {
    let measured = run.read_out(read_out)?;
    match endpoint {
        Endpoint::Cost { cost, mode } => costs::cost(run, *cost, *mode),
        Endpoint::Effect { mode } => Some(measured.mode(*mode)?.effect),
        Endpoint::Flipped { mode } => Some(measured.mode(*mode)?.flipped),
        Endpoint::Metric { metric, test } => measured.metrics(test)?.value(*metric),
    }
}

/// An endpoint's value for each run of a group, where it has one.
pub fn values(group: &[&FinishedRun], endpoint: &Endpoint, read_out: ReadOut) -> Vec<f64> {
    let runs = group.iter();
    runs.filter_map(|run| value(run, endpoint, read_out))
        .collect()
}

/// The endpoints that variants, crossed seeds and pairs of losses are compared by: reliance on shape
/// and on texture, and accuracy on every test of `run`; one run of a study has the tests of all.
pub fn compared(run: Option<&FinishedRun>) -> Vec<Endpoint> {
    let effects = MODES.map(|mode| Endpoint::Effect { mode });
    let accuracies = tests(run).into_iter().map(|test| Endpoint::Metric {
        metric: Metric::Accuracy,
        test: test.to_owned(),
    });
    effects.into_iter().chain(accuracies).collect()
}

/// The tests that the study's claims name, each once, and at least the last one that is scored.
pub fn claimed_tests(runs: &Runs) -> Vec<String> {
    let endpoints = runs
        .study
        .hypotheses
        .iter()
        .flat_map(|h| match &h.contrast {
            Contrast::PairedDifference { endpoint, .. } => vec![endpoint],
            Contrast::RankCorrelation { x, y, .. } => vec![x, y],
            Contrast::OrderCarries { from, to, .. } => vec![from, to],
        });
    let named = endpoints.filter_map(|endpoint| match endpoint {
        Endpoint::Metric { test, .. } => Some(test.clone()),
        _ => None,
    });
    let scored = runs.tests();
    let mut named = each_once(named);
    named.retain(|test| scored.contains(&test.as_str()));
    match (named.is_empty(), scored.last()) {
        (true, Some(last)) => vec![(*last).to_owned()],
        _ => named,
    }
}

/// Names of the scored tests, in the order of the run's record.
pub(super) fn tests(run: Option<&FinishedRun>) -> Vec<&str> {
    let measured = run.and_then(|run| run.evaluation.read_outs.first());
    let tests = measured.map_or(&[][..], |r| r.tests.as_slice());
    tests.iter().map(|t| t.test.as_str()).collect()
}
