//! `nodule study report`: tables, figures and the page from the finished runs.

use std::path::PathBuf;

use clap::Args;
use nodule_analysis::verdict_lines;
use nodule_report::summarise;
use nodule_run::{Error, Models, Stop, build_showcase, device_kind};
use nodule_study::settings::reject_untuned;
use nodule_study::{Output, Resolved, plan, plan_grid, read_output};

use super::current::{digest_inputs, record_current};
use crate::print::{print_error, print_line};
use crate::signals::handle_signals;

const EXAMPLES: &str = "Examples:
  nodule study report --out results/quick
  nodule study report --out results/paper --device cuda

Exits with 0 only if the report covers every run that the study plans.";

/// Write tables, figures and the report from the finished runs.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Report {
    /// Output folder of a study
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Device that the runs were planned for: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
}

impl Report {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let models = Models::default();
        let (output, resolved) = read_output(&self.out, models.registry())?;
        reject_untuned(&resolved.study, &self.out.to_string_lossy())?;
        let summary = "the runs are unchanged; the same command writes the rest of the report";
        handle_signals(&Stop::default(), move || summary.to_owned())?;
        write_report(&resolved, device_kind(&self.device)?, &output, &models)
    }
}

/// Writes the report and prints its verdicts.
///
/// # Errors
/// [`Error::Incomplete`] if planned runs are missing; the report is written nevertheless.
pub(super) fn write_report(
    resolved: &Resolved,
    device_kind: &str,
    output: &Output,
    models: &Models,
) -> anyhow::Result<()> {
    let specs = plan_grid(resolved, device_kind);
    let runs = output.read_complete_runs(resolved, &specs)?;
    let showcase = build_showcase(resolved, &specs, &runs, output, models)?;
    let summary = summarise(resolved, device_kind, output, &runs, &showcase)?;
    for run in &summary.broken {
        let (id, title, reason) = (&run.run, &run.title, &run.reason);
        print_error(format_args!("left out: run {id} ({title}): {reason}"));
    }
    for path in &summary.foreign_files {
        let path = path.display();
        print_error(format_args!(
            "not part of the report, left unchanged: {path}"
        ));
    }
    let printed = format!(
        "{}\n{} of {} runs in the report: {}",
        verdict_lines(&summary.verdicts),
        summary.finished,
        summary.planned,
        summary.report.display()
    );
    print_line(&printed)?;
    match summary.planned - summary.finished {
        0 => {
            let inputs = digest_inputs(output, device_kind, &plan(resolved, device_kind));
            if summary.foreign_files.is_empty()
                && let Ok(inputs) = inputs
            {
                record_current(output.path(), inputs, printed);
            }
            Ok(())
        }
        missing => {
            let planned = summary.planned;
            Err(Error::Incomplete { missing, planned }.into())
        }
    }
}
