//! Carrying out what a study plans, here or on a cluster: what `nodule study run` and `nodule study tune` share.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use nodule_error::{InvalidInput, invalid_value};
use nodule_run::{Talk, device_kind, execute, execute_on_slurm};
use nodule_study::plan::cost;
use nodule_study::{Error, Output, Registry, Resolved, RunSpec, open_output, plan};

use crate::budget::fits;
use crate::signals::watch;

use super::kept;
use super::pace::Pace;
use super::plan::{Plan, out_folder, pending, show, warn};
use super::slurm::job_array;

/// Which runs, where and how.
#[derive(Debug, Args)]
pub(crate) struct CarryOut {
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
    dry_run: bool,
    /// Leave when other processes hold all that is left, and make nothing of the runs: for one of many processes
    #[arg(long)]
    pub(super) no_wait: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Executor {
    /// On this machine
    Local,
    /// As a Slurm job array; --out must be on a file system that all nodes share
    Slurm,
}

/// What was carried out, and how it ended.
pub(super) struct Carried {
    pub(super) kind: &'static str,
    pub(super) specs: Vec<RunSpec>,
    pub(super) out: PathBuf,
    pub(super) output: Output,
    pub(super) ran: Result<(), Error>,
}

impl CarryOut {
    /// Carries out the plan of `resolved` for `nodule study VERB`. None if it was only to be shown.
    pub(super) fn carry_out(
        &self,
        verb: &str,
        resolved: &Resolved,
        registry: &Registry,
        talk: Talk,
    ) -> anyhow::Result<Option<Carried>> {
        let is_local = self.executor == Executor::Local;
        let place = format!("nodule study {verb}");
        self.check(is_local).map_err(|e| e.at(place))?;
        if self.dry_run {
            show(&self.plan, self.pace.jobs(), is_local)?;
            return Ok(None);
        }
        let mut execution = self.pace.execution(&self.plan.device, talk);
        execution.wait = !self.no_wait;
        let kind = device_kind(&self.plan.device)?;
        let specs = plan(resolved, kind);
        let out = out_folder(&self.plan, resolved);
        if is_local {
            execution.check()?;
            let pending = pending(&specs, &Output::at(&out));
            let needed = cost(resolved, &pending, execution.jobs);
            fits(&self.plan.study, &needed, execution.jobs, self.plan.force)?;
        }
        let output = open_output(&out, resolved, registry)?;
        warn(resolved);
        watch(&execution.stop, kept(&output, &specs))?;
        let ran = match self.executor {
            Executor::Local => execute(resolved, &specs, &output, &execution),
            Executor::Slurm => {
                let array = job_array(verb, self, &output)?;
                execute_on_slurm(resolved, &specs, &output, &array)
            }
        };
        Ok(Some(Carried {
            kind,
            specs,
            out,
            output,
            ran,
        }))
    }

    /// Refuses what would be ignored, and more threads than a machine starts.
    fn check(&self, is_local: bool) -> Result<(), InvalidInput> {
        let only_slurm = "left out, or given with --executor slurm";
        if let (true, Some(tasks)) = (is_local, self.tasks) {
            return Err(invalid_value("--tasks", tasks, only_slurm));
        }
        if let (true, Some(option)) = (is_local, self.slurm.first()) {
            return Err(invalid_value("--slurm", option, only_slurm));
        }
        self.pace.check()
    }
}
