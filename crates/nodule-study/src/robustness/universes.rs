//! The finished runs of a study and of each of its variants.

use toml::Value;

use super::{endpoints, shared_read_outs};
use crate::Error;
use crate::csv_text::csv_bytes;
use crate::extra::Extra;
use crate::hypotheses::{quantity, value};
use crate::load::Resolved;
use crate::output::Output;
use crate::plan::{grid, plan};
use crate::record::FinishedRun;
use crate::settings::Study;

/// A study as declared or with settings changed, and its finished runs.
pub(super) struct Universe {
    /// What was changed; empty for the study as declared.
    pub(super) changes: Vec<(String, Value)>,
    pub(super) name: String,
    pub(super) study: Study,
    pub(super) runs: Vec<FinishedRun>,
}

/// How tables call the study without a change.
const DECLARED: &str = "as declared";

/// The study as declared and its variants; none where it has no variants.
pub(super) fn read(
    resolved: &Resolved,
    study: &Study,
    runs: &[FinishedRun],
    device_kind: &str,
    output: &Output,
) -> Result<Vec<Universe>, Error> {
    if resolved.variants.is_empty() {
        return Ok(Vec::new());
    }
    let mut all = vec![Universe {
        changes: Vec::new(),
        name: DECLARED.into(),
        study: study.clone(),
        runs: runs.to_vec(),
    }];
    for variant in &resolved.variants {
        let specs = grid(&variant.resolved, device_kind);
        let mut runs = output.finished(&variant.resolved, &specs)?;
        runs.iter_mut().for_each(slim);
        all.push(Universe {
            changes: variant.changes.clone(),
            name: variant.name(),
            study: variant.resolved.named(),
            runs,
        });
    }
    Ok(all)
}

/// Variants are compared by a few numbers; the rest of a thousand runs need not be held.
fn slim(run: &mut FinishedRun) {
    run.history.clear();
    run.evaluation.timeline.clear();
    run.evaluation.representation = None;
    for measured in &mut run.evaluation.read_outs {
        measured.landscape.clear();
        measured.maps.clear();
    }
}

/// `varied.csv`: every number of every variant's runs; and how many of them there are.
pub(super) fn extra(resolved: &Resolved, universes: &[Universe]) -> Result<Extra, Error> {
    let mut rows = Vec::new();
    for universe in universes {
        let endpoints = endpoints(&universe.runs);
        for run in &universe.runs {
            for read_out in shared_read_outs(&universe.study) {
                for endpoint in &endpoints {
                    let r = &run.record;
                    let run_key = (&universe.name, &r.run, &r.train, &r.loss, r.seed);
                    rows.push((
                        run_key,
                        read_out,
                        quantity(endpoint),
                        value(run, endpoint, read_out),
                    ));
                }
            }
        }
    }
    let planned: usize = universes
        .iter()
        .map(|u| u.study.seeds * u.study.train.len() * u.study.losses.len())
        .sum();
    let done: usize = universes.iter().map(|u| u.runs.len()).sum();
    let own = plan(resolved, "cpu").len();
    Ok(Extra {
        csv: vec![(
            "varied".into(),
            csv_bytes("varied", &VARIED, rows.into_iter())?,
        )],
        notes: vec![format!(
            "With {} variants of it, {done} of {planned} runs are there, many of them shared: {own} different ones are planned in all.",
            universes.len() - 1
        )],
        ..Extra::default()
    })
}

const VARIED: [&str; 8] = [
    "variant", "run", "train", "loss", "seed", "readout", "measure", "value",
];
