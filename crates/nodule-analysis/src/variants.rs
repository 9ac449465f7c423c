//! The finished runs of a study and of each of its variants.

use nodule_study::{Resolved, Study, plan_grid};
use toml::Value;

use super::Runs;
use crate::planned::PlannedRuns;

/// How tables call the study without a change.
const DECLARED: &str = "as declared";

/// A study as declared or with settings changed, and its finished runs.
pub struct VariantRuns<'a> {
    /// What was changed; nothing for the study as declared.
    pub changes: &'a [(String, Value)],
    /// The changes, as a person reads them.
    pub name: String,
    pub runs: Runs<'a>,
}

/// The study as declared, whose runs are `declared`, and its variants, whose studies are `studies`, in
/// its order.
pub fn variants<'a>(
    resolved: &'a Resolved,
    studies: &'a [Study],
    declared: Runs<'a>,
    device_kind: &str,
    planned: &'a PlannedRuns<'a>,
) -> Vec<VariantRuns<'a>> {
    let declared = VariantRuns {
        changes: &[],
        name: DECLARED.into(),
        runs: declared,
    };
    let varied = resolved.variants.iter().zip(studies);
    let varied = varied.map(|(variant, study)| VariantRuns {
        changes: &variant.changes,
        name: variant.name(),
        runs: finished(&variant.resolved, study, device_kind, planned),
    });
    [declared].into_iter().chain(varied).collect()
}

/// By training distribution, loss and seed, as the runs of the study itself.
fn finished<'a>(
    resolved: &Resolved,
    study: &'a Study,
    device_kind: &str,
    planned: &'a PlannedRuns<'a>,
) -> Runs<'a> {
    let specs = plan_grid(resolved, device_kind);
    let done = specs.iter().filter_map(|spec| planned.find(&spec.id));
    let mut runs: Vec<_> = done.collect();
    let trains: Vec<_> = study.train_names().collect();
    runs.sort_by_key(|run| {
        let record = &run.record;
        let train = trains.iter().position(|name| *name == record.train);
        let loss = study.losses.iter().position(|name| *name == record.loss);
        (train, loss, record.seed)
    });
    Runs::new(study, runs)
}
