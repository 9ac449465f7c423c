//! `nodule study report`: tables, figures and the page, from the runs that are done.

use std::path::PathBuf;

use clap::Args;
use nodule_analysis::verdict_lines;
use nodule_report::summarise;
use nodule_run::{Stop, device_kind, showcase};
use nodule_study::settings::check_tuned;
use nodule_study::{Error, Output, Registry, Resolved, grid, read_output};

use crate::print::{complaint, line};
use crate::signals::watch;

/// Output folder of a study, and the device of its runs.
#[derive(Debug, Args)]
pub(crate) struct Report {
    /// Output folder of a study
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The device its runs were planned for: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
}

pub(super) fn report(command: &Report) -> anyhow::Result<()> {
    let registry = Registry::default();
    let (output, resolved) = read_output(&command.out, &registry)?;
    check_tuned(&resolved.study, &command.out.to_string_lossy())?;
    let kept = "the runs are as they were; the same command writes the rest of the report";
    watch(&Stop::default(), move || kept.to_owned())?;
    summary(&resolved, device_kind(&command.device)?, &output, &registry)
}

pub(super) fn summary(
    resolved: &Resolved,
    device_kind: &str,
    output: &Output,
    registry: &Registry,
) -> anyhow::Result<()> {
    let specs = grid(resolved, device_kind);
    let runs = output.finished(resolved, &specs)?;
    let shown = showcase(resolved, &specs, &runs, output, registry)?;
    let summary = summarise(resolved, device_kind, output, &runs, &shown)?;
    for run in &summary.broken {
        complaint(format_args!(
            "left out: run {} ({}): {}",
            run.run, run.title, run.reason
        ));
    }
    for path in &summary.others {
        complaint(format_args!(
            "left as it is, not of this report: {}",
            path.display()
        ));
    }
    line(verdict_lines(&summary.verdicts))?;
    line(format_args!(
        "{} of {} runs in the report: {}",
        summary.finished,
        summary.planned,
        summary.report.display()
    ))?;
    match summary.planned - summary.finished {
        0 => Ok(()),
        missing => Err(Error::Incomplete {
            missing,
            planned: summary.planned,
        }
        .into()),
    }
}
