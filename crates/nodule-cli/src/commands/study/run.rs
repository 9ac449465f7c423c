//! `nodule study run`: what is not done is run, then the report is written.

use nodule_run::Talk;
use nodule_study::settings::check_tuned;
use nodule_study::{Error, Registry, load_study};

use crate::print::complaint;

use super::carry_out::CarryOut;
use super::report::summary;

pub(super) fn run(command: &CarryOut, talk: Talk) -> anyhow::Result<()> {
    let registry = Registry::default();
    let resolved = load_study(&command.plan.study, &registry)?;
    check_tuned(&resolved.study, &command.plan.study)?;
    let Some(carried) = command.carry_out("run", &resolved, &registry, talk)? else {
        return Ok(());
    };
    let ran = carried.ran;
    if let Err(error @ (Error::Stopped | Error::Unkept { .. })) = ran {
        return Err(error.into());
    }
    if command.no_wait {
        return Ok(ran?);
    }
    // What is finished is worth a report even where something failed.
    let reported = summary(&resolved, carried.kind, &carried.output, &registry);
    if let (Err(_), Err(e)) = (&ran, &reported) {
        complaint(format_args!("no report: {e:#}"));
    }
    ran?;
    reported
}
