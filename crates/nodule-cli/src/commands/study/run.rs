//! `nodule study run`: what is not done is run, then the report is written.

use clap::{Args, ValueEnum};
use nodule_error::{Refused, refused};
use nodule_run::{Talk, device_kind, execute, execute_on_slurm};
use nodule_study::plan::cost;
use nodule_study::settings::check_tuned;
use nodule_study::{Error, Output, Registry, load_study, open_output, plan};

use crate::budget::fits;
use crate::print::complaint;
use crate::signals::watch;

use super::kept;
use super::pace::Pace;
use super::plan::{Plan, out_folder, pending, warn};
use super::report::summary;
use super::slurm::job_array;

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(super) plan: Plan,
    #[command(flatten)]
    pub(super) pace: Pace,
    /// Where the runs are carried out
    #[arg(long, value_enum, default_value = "local")]
    executor: Executor,
    /// Slurm: tasks of the job array, each of which takes runs until none is left [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    pub(super) tasks: Option<u16>,
    /// Slurm: an option for sbatch, such as --partition=gpu; may be given again
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    pub(super) slurm: Vec<String>,
    /// List what would run, and stop
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Leave when other processes hold all that is left, and make no report: for one of many processes
    #[arg(long)]
    no_wait: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Executor {
    /// On this machine
    Local,
    /// As a Slurm job array; --out must be on a file system that all nodes share
    Slurm,
}

impl Run {
    /// Refuses what would be ignored, and more threads than a machine starts.
    pub(super) fn check(&self) -> Result<(), Refused> {
        let at = |e: Refused| e.at("nodule study run");
        let only_slurm = "left out, or given with --executor slurm";
        if let (true, Some(tasks)) = (self.is_local(), self.tasks) {
            return Err(at(refused("--tasks", tasks, only_slurm)));
        }
        if let (true, Some(option)) = (self.is_local(), self.slurm.first()) {
            return Err(at(refused("--slurm", option, only_slurm)));
        }
        self.pace.check().map_err(at)
    }

    pub(super) fn is_local(&self) -> bool {
        self.executor == Executor::Local
    }
}

pub(super) fn run(command: &Run, talk: Talk) -> anyhow::Result<()> {
    let registry = Registry::default();
    let resolved = load_study(&command.plan.study, &registry)?;
    check_tuned(&resolved.study, &command.plan.study)?;
    let mut execution = command.pace.execution(&command.plan.device, talk);
    execution.wait = !command.no_wait;
    let kind = device_kind(&command.plan.device)?;
    let specs = plan(&resolved, kind);
    let out = out_folder(&command.plan, &resolved);
    if command.is_local() {
        execution.check()?;
        let pending = pending(&specs, &Output::at(&out));
        let needed = cost(&resolved, &pending, execution.jobs);
        let (study, force) = (&command.plan.study, command.plan.force);
        fits(study, &needed, execution.jobs, force)?;
    }
    let output = open_output(&out, &resolved, &registry)?;
    warn(&resolved);
    watch(&execution.stop, kept(&output, &specs))?;
    let ran = match command.executor {
        Executor::Local => execute(&resolved, &specs, &output, &execution),
        Executor::Slurm => {
            execute_on_slurm(&resolved, &specs, &output, &job_array(command, &output)?)
        }
    };
    if let Err(error @ (Error::Stopped | Error::Unkept { .. })) = ran {
        return Err(error.into());
    }
    if command.no_wait {
        return Ok(ran?);
    }
    // What is finished is worth a report even where something failed.
    let reported = summary(&resolved, kind, &output, &registry);
    if let (Err(_), Err(e)) = (&ran, &reported) {
        complaint(format_args!("no report: {e:#}"));
    }
    ran?;
    reported
}
