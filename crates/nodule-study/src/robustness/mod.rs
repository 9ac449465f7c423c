//! What the verdicts depend on: the study's variants, its crossed seeds, and how many seeds a
//! difference needs.

mod crossed;
mod multiverse;
mod power;
mod salience;
mod universes;

use nodule_eval::ReadOut;

use crate::Error;
use crate::extra::Extra;
use crate::load::Resolved;
use crate::output::Output;
use crate::record::FinishedRun;
use crate::select::tests;
use crate::settings::{Endpoint, Study};

/// Everything the study asks for; `runs` are those of its own grid.
pub(crate) fn robustness(
    resolved: &Resolved,
    study: &Study,
    runs: &[FinishedRun],
    device_kind: &str,
    output: &Output,
) -> Result<Extra, Error> {
    let universes = universes::read(resolved, study, runs, device_kind, output)?;
    let mut extra = power::extra(study, runs)?;
    if !universes.is_empty() {
        extra = extra
            .and(universes::extra(resolved, &universes)?)
            .and(multiverse::extra(study, &universes)?)
            .and(salience::extra(study, &universes));
    }
    Ok(extra.and(crossed::extra(resolved, device_kind, output)?))
}

/// The numbers of a run that variants and crossed seeds are compared by.
fn endpoints(runs: &[FinishedRun]) -> Vec<Endpoint> {
    let modes = ["shape", "texture"].map(|mode| Endpoint::Effect { mode: mode.into() });
    let accuracies = tests(runs)
        .into_iter()
        .map(|test| Endpoint::Accuracy { test });
    modes.into_iter().chain(accuracies).collect()
}

/// The read-outs that every loss has.
fn shared_read_outs(study: &Study) -> Vec<ReadOut> {
    let all = study.read_outs.iter().copied();
    all.filter(|r| *r != ReadOut::Head).collect()
}
