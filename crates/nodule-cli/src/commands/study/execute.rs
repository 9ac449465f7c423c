//! Options and execution shared by `nodule study run` and `nodule study tune`: on this machine or on Slurm.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use nodule_error::{InvalidInput, conflict, invalid_value};
use nodule_run::{Error, Models, Verbosity, check_slurm, device_kind, execute, execute_on_slurm};
use nodule_study::plan::estimate_cost;
use nodule_study::{Output, Resolved, RunSpec, open_output, plan};

use crate::memory::check_memory;
use crate::numbers::whole;
use crate::signals::handle_signals;

use super::describe_progress;
use super::plan::{Plan, output_folder, print_warnings, show_plan, unfinished_runs};
use super::resources::Resources;
use super::slurm::job_array;

/// Options of `nodule study run` and `nodule study tune`.
#[derive(Debug, Args)]
pub(crate) struct ExecuteArgs {
    #[command(flatten)]
    pub(super) plan: Plan,
    #[command(flatten)]
    pub(super) resources: Resources,
    /// Where to execute the runs
    #[arg(long, value_enum, default_value = "local")]
    executor: Executor,
    /// Slurm: number of tasks of the job array; each takes runs until none remain [default: 8]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<u16>(1, 10_000))]
    pub(super) tasks: Option<u16>,
    /// Slurm: option for sbatch, such as --partition=gpu; repeatable
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    pub(super) slurm: Vec<String>,
    /// List the runs and exit
    #[arg(long)]
    dry_run: bool,
    /// Exit when other processes hold all remaining runs, and write no report: for one of many processes
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

/// Executed runs and the outcome.
pub(super) struct Executed {
    pub(super) device_kind: &'static str,
    pub(super) specs: Vec<RunSpec>,
    pub(super) out: PathBuf,
    pub(super) output: Output,
    pub(super) outcome: Result<(), Error>,
}

impl ExecuteArgs {
    /// Executes the plan of `resolved` for `nodule study VERB`. Returns `None` after a dry run.
    pub(super) fn execute_plan(
        &self,
        verb: &str,
        resolved: &Resolved,
        models: &Models,
        level: Verbosity,
    ) -> anyhow::Result<Option<Executed>> {
        let is_local = self.executor == Executor::Local;
        let place = format!("nodule study {verb}");
        self.check(is_local).map_err(|e| e.at(place))?;
        if self.dry_run {
            show_plan(&self.plan, self.resources.jobs(), is_local)?;
            return Ok(None);
        }
        let mut execution = self.resources.execution(&self.plan.device, level);
        execution.wait = !self.no_wait;
        let device_kind = device_kind(&self.plan.device)?;
        let specs = plan(resolved, device_kind);
        let out = output_folder(&self.plan, resolved);
        let unfinished = unfinished_runs(&specs, &Output::at(&out));
        // Everything that can be missing is checked before a file is written.
        if !is_local && !unfinished.is_empty() {
            check_slurm(&out)?;
        } else if is_local {
            execution.check()?;
            let needed = estimate_cost(resolved, &unfinished, execution.jobs);
            check_memory(&self.plan.study, &needed, execution.jobs, self.plan.force)?;
        }
        let output = open_output(&out, resolved, models.registry())?;
        print_warnings(resolved);
        handle_signals(&execution.stop, describe_progress(&output, &specs))?;
        let outcome = match self.executor {
            Executor::Local => execute(resolved, &specs, &output, models, &execution),
            Executor::Slurm => {
                let array = job_array(verb, self, &output)?;
                execute_on_slurm(resolved, &specs, &output, &array)
            }
        };
        Ok(Some(Executed {
            device_kind,
            specs,
            out,
            output,
            outcome,
        }))
    }

    /// Returns an error for options without effect and for too many threads.
    fn check(&self, is_local: bool) -> Result<(), InvalidInput> {
        let reason = "has no effect without --executor slurm; add it or remove this option";
        if is_local && self.tasks.is_some() {
            return Err(conflict("--tasks", reason));
        }
        if is_local && !self.slurm.is_empty() {
            return Err(conflict("--slurm", reason));
        }
        // sbatch takes the first word that is no option for the script.
        if let Some(first) = self.slurm.first().filter(|option| !option.starts_with('-')) {
            let allowed = "an option of sbatch, such as --partition=gpu";
            return Err(invalid_value("--slurm", first, allowed));
        }
        self.resources.check()
    }
}
