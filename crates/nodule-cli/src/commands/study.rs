//! `nodule study plan | run | status | report | verify`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use nodule_error::{Refused, refused};
use nodule_report::{summarise, verdict_lines};
use nodule_run::{
    CHECKPOINT, CHECKPOINT_EVERY, Execution, Slurm, Stop, device_kind, execute, execute_on_slurm,
    showcase,
};
use nodule_study::{
    Depth, Error, Output, Registry, Resolved, RunSpec, RunState, built_in_studies, cost, grid,
    load_study, open_output, plan, read_output,
};

use crate::signals::watch;

use crate::budget::{estimate, fits};
use crate::print::{complaint, line};
use crate::threads::settled;

use super::verify::Verify;

/// Whole studies.
#[derive(Debug, Subcommand)]
pub(crate) enum Study {
    /// List the runs of a study without running anything.
    Plan(Plan),
    /// Run what is not done, then write tables, figures and the report.
    #[command(after_help = RUN_EXAMPLES)]
    Run(Run),
    /// Say how far a study has come.
    Status(Status),
    /// Write tables, figures and the report again from the runs that are done.
    Report(Status),
    /// Check every file of every run.
    Verify(Verify),
}

const RUN_EXAMPLES: &str = "Examples:
  nodule study run --study quick
  nodule study run --study my-study.toml --out results/mine --jobs 4
  nodule study run --study paper --device cuda:0 --jobs 1
  nodule study run --study paper --executor slurm --tasks 20 --slurm=--time=1:00:00

Interrupt it when you like: the same command goes on where it was.";

/// More runs side by side, or threads of one, than any machine has use for.
const MOST_THREADS: i64 = 1024;
/// Tasks of a job array where nobody says how many.
const TASKS: u16 = 8;

#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[arg(long, value_name = "FILE|NAME", help = study_help())]
    study: String,
    /// Output folder, by default the name of the study under `results/`
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Go on though it would take more memory than there is
    #[arg(long)]
    force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    plan: Plan,
    /// Runs side by side [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_THREADS))]
    jobs: Option<u16>,
    /// Threads of each run [default: the cores shared out among the jobs]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_THREADS))]
    threads: Option<u16>,
    /// Write the training under way to the disk this often, in seconds: what a kill without warning
    /// costs at most
    #[arg(long, value_name = "SECONDS", default_value_t = CHECKPOINT_EVERY.as_secs_f64(), value_parser = seconds)]
    checkpoint_every: f64,
    /// Where the runs are carried out
    #[arg(long, value_enum, default_value = "local")]
    executor: Executor,
    /// Slurm: tasks of the job array, each of which takes runs until none is left [default: 8]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=10_000))]
    tasks: Option<u16>,
    /// Slurm: an option for sbatch, such as --partition=gpu; may be given again
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    slurm: Vec<String>,
    /// List what would run, and stop
    #[arg(long)]
    dry_run: bool,
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

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Output folder of a study
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The device its runs were planned for: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
}

impl Study {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Plan(command) => show_plan(&command, Execution::default().jobs, true),
            Self::Run(command) => {
                command.check()?;
                match command.dry_run {
                    true => show_plan(&command.plan, command.jobs(), command.is_local()),
                    false => run(&command),
                }
            }
            Self::Status(command) => status(&command),
            Self::Report(command) => report(&command),
            Self::Verify(command) => command.run(),
        }
    }
}

impl Run {
    /// Refuses what would be ignored, and more threads than a machine starts.
    fn check(&self) -> Result<(), Refused> {
        let at = |e: Refused| e.at("nodule study run");
        let only_slurm = "left out, or given with --executor slurm";
        if let (true, Some(tasks)) = (self.is_local(), self.tasks) {
            return Err(at(refused("--tasks", tasks, only_slurm)));
        }
        if let (true, Some(option)) = (self.is_local(), self.slurm.first()) {
            return Err(at(refused("--slurm", option, only_slurm)));
        }
        let threads = usize::from(self.threads.unwrap_or(1)) * self.jobs();
        let most = MOST_THREADS.unsigned_abs() as usize;
        if threads > most {
            let allowed = format!("at most {most} threads in all");
            return Err(at(refused("--jobs x --threads", threads, allowed)));
        }
        Ok(())
    }

    fn is_local(&self) -> bool {
        self.executor == Executor::Local
    }

    /// Runs side by side.
    fn jobs(&self) -> usize {
        self.jobs.map_or(Execution::default().jobs, usize::from)
    }
}

/// What `--study` takes.
pub(super) fn study_help() -> String {
    let names: Vec<_> = built_in_studies().collect();
    format!("A study file, or a built-in study: {}", names.join(", "))
}

/// The runs of `resolved` on that device. Only names are looked at: no device is opened.
fn specs(resolved: &Resolved, device: &str) -> anyhow::Result<Vec<RunSpec>> {
    Ok(plan(resolved, device_kind(device)?))
}

fn out_folder(command: &Plan, resolved: &Resolved) -> PathBuf {
    command
        .out
        .clone()
        .unwrap_or_else(|| PathBuf::from("results").join(&resolved.study.name))
}

/// The runs, and what those that are not done would take. `here`: on this machine.
fn show_plan(command: &Plan, jobs: usize, here: bool) -> anyhow::Result<()> {
    let resolved = load_study(&command.study, &Registry::default())?;
    let specs = specs(&resolved, &command.device)?;
    let out = out_folder(command, &resolved);
    let pending = pending(&specs, &Output::at(&out));
    let needed = cost(&resolved, &pending, jobs);
    if here {
        fits(&command.study, &needed, jobs, command.force)?;
    }
    let to_do: BTreeSet<_> = pending.iter().map(|spec| spec.id.as_str()).collect();
    line(format_args!("{:<16}  {:<5}  run", "id", "state"))?;
    for spec in &specs {
        let state = match to_do.contains(spec.id.as_str()) {
            true => "to do",
            false => "done",
        };
        line(format_args!(
            "{:<16}  {state:<5}  {}",
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
        true => line("nothing is left to do"),
        false => line(estimate(&needed, jobs)),
    }
}

fn pending<'a>(specs: &'a [RunSpec], output: &Output) -> Vec<&'a RunSpec> {
    let pending = specs.iter().filter(|spec| !output.is_done(spec));
    pending.collect()
}

fn run(command: &Run) -> anyhow::Result<()> {
    let registry = Registry::default();
    let resolved = load_study(&command.plan.study, &registry)?;
    let mut execution = Execution {
        device: command.plan.device.clone(),
        ..Execution::default()
    };
    execution.jobs = command.jobs();
    execution.threads = command.threads.map(usize::from);
    execution.checkpoint_every = Duration::from_secs_f64(command.checkpoint_every);
    execution.wait = !command.no_wait;
    let kind = device_kind(&command.plan.device)?;
    let specs = plan(&resolved, kind);
    let out = out_folder(&command.plan, &resolved);
    if command.is_local() {
        execution.check()?;
        let pending = pending(&specs, &Output::at(&out));
        let needed = cost(&resolved, &pending, execution.jobs);
        fits(
            &command.plan.study,
            &needed,
            execution.jobs,
            command.plan.force,
        )?;
    }
    let output = open_output(&out, &resolved, &registry)?;
    watch(&execution.stop, kept(&output, &specs))?;
    let ran = match command.executor {
        Executor::Local => execute(&resolved, &specs, &output, &execution),
        Executor::Slurm => execute_on_slurm(&resolved, &specs, &output, &slurm(command, &output)?),
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

/// What is kept of `specs` when a signal stops them, in one line.
pub(super) fn kept(output: &Output, specs: &[RunSpec]) -> impl Fn() -> String + Send + use<> {
    let (output, specs) = (output.clone(), specs.to_vec());
    move || {
        let done = specs.iter().filter(|spec| output.is_done(spec)).count();
        let begun = specs.iter().filter(|spec| {
            let checkpoint = output.run_folder(&spec.id).join(CHECKPOINT);
            !output.is_done(spec) && checkpoint.is_file()
        });
        format!(
            "{done} of {} runs are done and {} kept as far as they had come, in {}; the same command goes on from there",
            specs.len(),
            begun.count(),
            output.path().display()
        )
    }
}

/// A time that may pass between two writes.
fn seconds(text: &str) -> Result<f64, String> {
    let value = text.parse().map_err(|_| "must be a number of seconds")?;
    if (0.0..=86_400.0).contains(&value) {
        Ok(value)
    } else {
        Err("must be from 0 to 86400 seconds".into())
    }
}

/// The job array whose tasks run this very command, on their own machines.
fn slurm(command: &Run, output: &Output) -> anyhow::Result<Slurm> {
    let absolute = |path: &Path| std::path::absolute(path).context("no current folder");
    let study = Path::new(&command.plan.study);
    let study = if study.is_file() {
        absolute(study)?.into_os_string()
    } else {
        study.into()
    };
    let mut task: Vec<OsString> = vec![std::env::current_exe()?.into()];
    task.extend(["study", "run", "--study"].map(OsString::from));
    task.push(study);
    task.extend(["--out".into(), absolute(output.path())?.into_os_string()]);
    task.extend(["--device".into(), (&command.plan.device).into()]);
    let every = command.checkpoint_every;
    if every != CHECKPOINT_EVERY.as_secs_f64() {
        task.extend(["--checkpoint-every".into(), every.to_string().into()]);
    }
    if command.plan.force {
        task.push("--force".into());
    }
    task.push("--no-wait".into());
    for (name, value) in [("--jobs", command.jobs), ("--threads", command.threads)] {
        if let Some(value) = value {
            task.extend([name.into(), value.to_string().into()]);
        }
    }
    Ok(Slurm {
        tasks: usize::from(command.tasks.unwrap_or(TASKS)),
        options: command.slurm.clone(),
        not_passed_on: settled(),
        command: task,
    })
}

fn status(command: &Status) -> anyhow::Result<()> {
    let registry = Registry::default();
    let (output, resolved) = read_output(&command.out, &registry)?;
    let specs = specs(&resolved, &command.device)?;
    let states = output.states(&specs, Depth::Records)?;
    let done = states.iter().filter(|state| state.counts()).count();
    line(format_args!(
        "{}: {done} of {} runs done",
        resolved.study.name,
        specs.len()
    ))?;
    for (spec, state) in specs.iter().zip(&states) {
        let (title, id) = (spec.title(), &spec.id);
        match state {
            RunState::Unfinished => line(format_args!("to do: {title} ({id})"))?,
            RunState::Broken(why) => line(format_args!("broken: {title} ({id}): {why}"))?,
            RunState::Whole | RunState::Unlisted => {}
        }
    }
    let is_unlisted = |state: &&RunState| matches!(state, RunState::Unlisted);
    match states.iter().filter(is_unlisted).count() {
        0 => {}
        n => line(format_args!(
            "{n} runs finished before files were listed: not verified"
        ))?,
    }
    Ok(())
}

fn report(command: &Status) -> anyhow::Result<()> {
    let registry = Registry::default();
    let (output, resolved) = read_output(&command.out, &registry)?;
    let kept = "the runs are as they were; the same command writes the rest of the report";
    watch(&Stop::default(), move || kept.to_owned())?;
    summary(&resolved, device_kind(&command.device)?, &output, &registry)
}

fn summary(
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
