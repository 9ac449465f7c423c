//! Key findings on external models, whose training is unknown.

use nodule_analysis::Runs;
use nodule_study::Study;
use nodule_study::claims::MIN_SEEDS;

use crate::text::{count_of, list};

/// Returns models, reference sets and tests of an audit.
pub(super) fn setup(runs: &Runs) -> String {
    let study = runs.study;
    let references: Vec<_> = study.train_names().map(|t| format!("`{t}`")).collect();
    let one = references.len() == 1;
    let (set, verb) = if one { ("set", "is") } else { ("sets", "are") };
    let is_fitted = study.read_outs.iter().any(|r| !r.needs_head());
    let fitted = match is_fitted {
        true => " and its training images fit the classifiers of the embedding",
        false => "",
    };
    let models = count_of(study.losses.len(), "model");
    let (was, its, model) = match study.losses.len() {
        1 => ("was", "its", "model"),
        _ => ("were", "their", "models"),
    };
    format!(
        "The audit describes {models} ({}) that {was} trained elsewhere, from {its} predictions alone. The reference {set} {verb} {}, as declared for the {model}: its validation images give the SD unit{fitted}. Tests: {}, and {} of nodules for each mode of variation, which differ in it only.",
        list(&study.losses),
        list(&references),
        count_of(study.test.len(), "test distribution"),
        count_of(study.samples.pairs, "pair"),
    )
}

/// Returns models, seeds and the number of claims by verdict, which `counts` lists.
pub(super) fn verdict_counts(study: &Study, claims: usize, counts: &[String]) -> String {
    let models = count_of(study.losses.len(), "model");
    let seeds = match study.seeds {
        1 => String::new(),
        n => format!(", {}", count_of(n, "seed")),
    };
    let note = match study.seeds < MIN_SEEDS {
        true => format!("; fewer than {MIN_SEEDS} seeds allow no decision"),
        false => String::new(),
    };
    match claims {
        0 => format!("The audit describes {models}{seeds}."),
        n => format!(
            "Of {}, {} ({models}{seeds}{note}).",
            count_of(n, "claim"),
            list(counts)
        ),
    }
}
