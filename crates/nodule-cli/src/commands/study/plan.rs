//! `nodule study plan`: the runs of a study, and what those that are not done would take.

use std::collections::BTreeSet;
use std::path::PathBuf;

use clap::Args;
use nodule_study::plan::cost;
use nodule_study::results::failure;
use nodule_study::settings::warnings;
use nodule_study::{Output, Registry, Resolved, RunSpec, load_study};

use crate::budget::{estimate, fits};
use crate::print::{complaint, line};

use super::{specs, study_help};

#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[arg(long, value_name = "FILE|NAME", help = study_help())]
    pub(super) study: String,
    /// Output folder, by default the name of the study under `results/`
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    pub(super) device: String,
    /// Go on though it would take more memory than there is
    #[arg(long)]
    pub(super) force: bool,
}

/// The runs, and what those that are not done would take. `here`: on this machine.
pub(super) fn show(command: &Plan, jobs: usize, here: bool) -> anyhow::Result<()> {
    let resolved = load_study(&command.study, &Registry::default())?;
    let specs = specs(&resolved, &command.device)?;
    let out = out_folder(command, &resolved);
    let output = Output::at(&out);
    let pending = pending(&specs, &output);
    let needed = cost(&resolved, &pending, jobs);
    if here {
        fits(&command.study, &needed, jobs, command.force)?;
    }
    let to_do: BTreeSet<_> = pending.iter().map(|spec| spec.id.as_str()).collect();
    line(format_args!("{:<16}  {:<6}  run", "id", "state"))?;
    for spec in &specs {
        let failed = || failure(&output.run_folder(&spec.id)).is_some();
        let state = match to_do.contains(spec.id.as_str()) {
            true if failed() => "failed",
            true => "to do",
            false => "done",
        };
        line(format_args!(
            "{:<16}  {state:<6}  {}",
            spec.id,
            spec.title()
        ))?;
    }
    let (done, jobs) = (specs.len() - pending.len(), jobs.min(pending.len()));
    let all = cost(&resolved, &specs.iter().collect::<Vec<_>>(), 1);
    line(format_args!(
        "\n{} runs, {done} done; {} training images in all; output in {}",
        specs.len(),
        all.images,
        out.display()
    ))?;
    match pending.is_empty() {
        true => line("nothing is left to do")?,
        false => line(estimate(&needed, jobs))?,
    }
    warn(&resolved);
    Ok(())
}

/// What the claims cannot be expected to say, before anyone waits for it.
pub(super) fn warn(resolved: &Resolved) {
    for warning in warnings(resolved) {
        complaint(format_args!("warning: {warning}"));
    }
}

pub(super) fn pending<'a>(specs: &'a [RunSpec], output: &Output) -> Vec<&'a RunSpec> {
    let pending = specs.iter().filter(|spec| !output.is_done(spec));
    pending.collect()
}

pub(super) fn out_folder(command: &Plan, resolved: &Resolved) -> PathBuf {
    command
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from("results").join(&resolved.study.name))
}
