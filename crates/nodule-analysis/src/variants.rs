//! Finished runs of a study and of each of its variants.

use nodule_study::{Resolved, Study, plan_grid};
use toml::Value;

use crate::Runs;
use crate::planned_runs::PlannedRuns;

/// Name of the study without changes, as in tables.
const DECLARED: &str = "as declared";
/// Setting whose variants are the folds of a cross-validation.
pub(crate) const FOLD: &str = "held_out.fold";

/// A study, as declared or with settings changed, and its finished runs.
pub struct VariantRuns<'a> {
    /// The changed settings; empty for the study as declared.
    pub changes: &'a [(String, Value)],
    /// The changes as text.
    pub name: String,
    /// The finished runs.
    pub runs: Runs<'a>,
}

impl VariantRuns<'_> {
    /// Whether the variant differs from the study in its held-out fold alone.
    #[must_use]
    pub fn is_fold(&self) -> bool {
        matches!(self.changes, [(key, _)] if key == FOLD)
    }
}

/// Returns the study as declared, whose runs are `declared`, followed by its variants, whose studies are `studies`.
pub fn variant_runs<'a>(
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
    let varied = resolved
        .variants
        .iter()
        .zip(studies)
        .map(|(variant, study)| VariantRuns {
            changes: &variant.changes,
            name: variant.name(),
            runs: finished_runs(&variant.resolved, study, device_kind, planned),
        });
    [declared].into_iter().chain(varied).collect()
}

/// Returns the finished runs by training distribution, loss and seed, in the order of the study.
fn finished_runs<'a>(
    resolved: &Resolved,
    study: &'a Study,
    device_kind: &str,
    planned: &'a PlannedRuns<'a>,
) -> Runs<'a> {
    let specs = plan_grid(resolved, device_kind);
    let mut runs: Vec<_> = specs
        .iter()
        .filter_map(|spec| planned.find(&spec.id))
        .collect();
    let trains: Vec<_> = study.train_names().collect();
    runs.sort_by_key(|run| {
        let record = &run.record;
        let train = trains.iter().position(|name| *name == record.train);
        let loss = study.losses.iter().position(|name| *name == record.loss);
        (train, loss, record.seed)
    });
    Runs::new(study, runs)
}
