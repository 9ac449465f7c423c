//! `nodule study run`: executes the unfinished runs, then writes the report.

use nodule_run::{Error, Models, Verbosity};
use nodule_study::load_study;
use nodule_study::settings::reject_untuned;

use crate::print::{print_error, print_line};

use super::current::{digest_inputs, read_current};
use super::execute::ExecuteArgs;
use super::report::write_report;

pub(super) fn run(command: &ExecuteArgs, level: Verbosity) -> anyhow::Result<()> {
    let models = Models::default();
    let resolved = load_study(&command.plan.study, models.registry())?;
    reject_untuned(&resolved.study, &command.plan.study)?;
    let Some(executed) = command.execute_plan("run", &resolved, &models, level)? else {
        return Ok(());
    };
    let outcome = executed.outcome;
    match outcome {
        // No run was executed, so an earlier report stays as it is.
        Err(error) if error.is_input() => return Err(error.into()),
        Err(error @ (Error::Stopped | Error::NotWritten { .. })) => return Err(error.into()),
        _ => {}
    }
    if command.no_wait {
        return Ok(outcome?);
    }
    let (output, device_kind) = (&executed.output, executed.device_kind);
    if outcome.is_ok()
        && let Ok(inputs) = digest_inputs(output, device_kind, &executed.specs)
        && let Some(printed) = read_current(output.path(), &inputs)
    {
        return print_line(printed);
    }
    // Report the finished runs even if others failed.
    let reported = write_report(&resolved, device_kind, output, &models);
    if let (Err(_), Err(e)) = (&outcome, &reported) {
        print_error(format_args!("no report: {e:#}"));
    }
    outcome?;
    reported
}
