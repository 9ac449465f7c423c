//! `nodule study plan | run | status | report`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::{Args, Subcommand, ValueEnum};
use nodule_report::{summarise, verdict_lines};
use nodule_run::{Execution, Slurm, device_kind, execute, execute_on_slurm, showcase};
use nodule_study::results::failure;
use nodule_study::settings::{built_in_studies, warnings};
use nodule_study::{
    Output, Registry, Resolved, RunSpec, grid, load_study, open_output, plan, read_output,
};

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
}

const RUN_EXAMPLES: &str = "Examples:
  nodule study run --study quick
  nodule study run --study my-study.toml --out results/mine --jobs 4
  nodule study run --study paper --device cuda:0 --jobs 1
  nodule study run --study paper --executor slurm --tasks 20 --slurm=--time=1:00:00

Interrupt it when you like: the same command goes on where it was.";

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
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    plan: Plan,
    /// Runs side by side [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    jobs: Option<u16>,
    /// Threads of each run [default: the cores shared out among the jobs]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..))]
    threads: Option<u16>,
    /// Where the runs are carried out
    #[arg(long, value_enum, default_value = "local")]
    executor: Executor,
    /// Slurm: tasks of the job array, each of which takes runs until none is left
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..))]
    tasks: u16,
    /// Slurm: an option for sbatch, such as --partition=gpu; may be given again
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    slurm: Vec<String>,
    /// List what would run, and stop
    #[arg(long)]
    dry_run: bool,
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
            Self::Plan(command) => show_plan(&command),
            Self::Run(command) if command.dry_run => show_plan(&command.plan),
            Self::Run(command) => run(&command),
            Self::Status(command) => status(&command),
            Self::Report(command) => report(&command),
        }
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

fn show_plan(command: &Plan) -> anyhow::Result<()> {
    let resolved = load_study(&command.study, &Registry::default())?;
    let specs = specs(&resolved, &command.device)?;
    let out = out_folder(command, &resolved);
    let output = Output::at(&out);
    println!("{:<16}  {:<6}  run", "id", "state");
    for spec in &specs {
        let failed = || failure(&output.run_folder(&spec.id)).is_some();
        let state = match output.is_done(spec) {
            true => "done",
            false if failed() => "failed",
            false => "to do",
        };
        println!("{:<16}  {state:<6}  {}", spec.id, spec.title());
    }
    let done = specs.iter().filter(|spec| output.is_done(spec)).count();
    let images: usize = specs.iter().map(|spec| spec.images(&resolved)).sum();
    println!(
        "\n{} runs, {done} done; {images} training images in all; output in {}",
        specs.len(),
        out.display()
    );
    warn(&resolved);
    Ok(())
}

/// What the claims cannot be expected to say, before anyone waits for it.
fn warn(resolved: &Resolved) {
    for warning in warnings(resolved) {
        eprintln!("warning: {warning}");
    }
}

fn run(command: &Run) -> anyhow::Result<()> {
    let registry = Registry::default();
    let resolved = load_study(&command.plan.study, &registry)?;
    let mut execution = Execution {
        device: command.plan.device.clone(),
        ..Execution::default()
    };
    execution.jobs = command.jobs.map_or(execution.jobs, usize::from);
    execution.threads = command.threads.map(usize::from);
    let kind = device_kind(&command.plan.device)?;
    let specs = plan(&resolved, kind);
    if command.executor == Executor::Local {
        execution.check()?;
    }
    let output = open_output(&out_folder(&command.plan, &resolved), &resolved, &registry)?;
    warn(&resolved);
    let ran = match command.executor {
        Executor::Local => execute(&resolved, &specs, &output, &execution),
        Executor::Slurm => execute_on_slurm(&resolved, &specs, &output, &slurm(command, &output)?),
    };
    // What is finished is worth a report even where something failed.
    summary(&resolved, kind, &output, &registry)?;
    Ok(ran?)
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
    for (name, value) in [("--jobs", command.jobs), ("--threads", command.threads)] {
        if let Some(value) = value {
            task.extend([name.into(), value.to_string().into()]);
        }
    }
    Ok(Slurm {
        tasks: usize::from(command.tasks),
        options: command.slurm.clone(),
        command: task,
    })
}

fn status(command: &Status) -> anyhow::Result<()> {
    let registry = Registry::default();
    let (output, resolved) = read_output(&command.out, &registry)?;
    let specs = specs(&resolved, &command.device)?;
    let done = specs.iter().filter(|spec| output.is_done(spec)).count();
    println!(
        "{}: {done} of {} runs done",
        resolved.study.name,
        specs.len()
    );
    for spec in specs.iter().filter(|spec| !output.is_done(spec)) {
        let (title, id) = (spec.title(), &spec.id);
        match failure(&output.run_folder(id)) {
            Some(reason) => println!("failed: {title} ({id}): {reason}"),
            None => println!("to do: {title} ({id})"),
        }
    }
    Ok(())
}

fn report(command: &Status) -> anyhow::Result<()> {
    let registry = Registry::default();
    let (output, resolved) = read_output(&command.out, &registry)?;
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
    println!("{}", verdict_lines(&summary.verdicts));
    println!(
        "{} of {} runs in the report: {}",
        summary.finished,
        summary.planned,
        summary.report.display()
    );
    Ok(())
}
