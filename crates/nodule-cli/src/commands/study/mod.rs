//! `nodule study plan | tune | run | watch | status | report | compare | verify`, each in a file of its own.

mod carry_out;
mod compare;
mod pace;
mod plan;
mod report;
mod run;
mod slurm;
mod status;
mod tune;
mod verify;
mod watch;

use clap::Subcommand;
use nodule_run::{CHECKPOINT, Execution, Talk, device_kind};
use nodule_study::settings::built_in_studies;
use nodule_study::{Output, Resolved, RunSpec};

/// Whole studies.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Study {
    /// List the runs of a study without running anything.
    #[command(after_help = PLAN_EXAMPLES)]
    Plan(plan::Plan),
    /// Try random settings of each loss, and write the study with the best of them.
    #[command(after_help = TUNE_EXAMPLES)]
    Tune(carry_out::CarryOut),
    /// Run what is not done, then write tables, figures and the report.
    #[command(after_help = RUN_EXAMPLES)]
    Run(carry_out::CarryOut),
    /// Show how runs come on, again and again: progress, time left, losses and validation accuracy.
    Watch(watch::Watch),
    /// Say how far a study has come.
    #[command(after_help = STATUS_EXAMPLES)]
    Status(status::Status),
    /// Write tables, figures and the report again from the runs that are done.
    #[command(after_help = REPORT_EXAMPLES)]
    Report(report::Report),
    /// Put the verdicts and effects of several studies side by side, on a page.
    Compare(compare::Compare),
    /// Check every file of every run.
    Verify(verify::Verify),
}

const EXAMPLES: &str = "Examples:
  nodule study plan --study quick
  nodule study run --study quick
  nodule study status --out results/quick
  nodule study report --out results/quick
  nodule study verify --out results/quick";

const PLAN_EXAMPLES: &str = "Examples:
  nodule study plan --study quick
  nodule study plan --study my-study.toml --out results/mine
  nodule study plan --study paper --json | jq '.runs[].id'

The estimate is of memory in bytes and of processor time in seconds.";

const STATUS_EXAMPLES: &str = "Examples:
  nodule study status --out results/quick
  nodule study status --out results/quick --json | jq .done";

const REPORT_EXAMPLES: &str = "Examples:
  nodule study report --out results/quick
  nodule study report --out results/paper --device cuda

Exits with 0 only if every run that the study plans is in it.";

const TUNE_EXAMPLES: &str = "Examples:
  nodule study tune --study regimes-tuned --out results/tuning
  nodule study tune --study my-study.toml --dry-run
  nodule study tune --study my-study.toml --executor slurm --tasks 20
  nodule study run --study results/tuning/tuned.toml

The table [tune] of the study says what is tried. In the folder: tune.csv, every trial with its
validation accuracy, and tuned.toml, the study to run then. No test set is made.
Interrupt it when you like: the same command goes on where it was.";

const RUN_EXAMPLES: &str = "Examples:
  nodule study run --study quick
  nodule study run --study my-study.toml --out results/mine --jobs 4
  nodule study run --study paper --device cuda:0 --jobs 1
  nodule study run --study paper --executor slurm --tasks 20 --slurm=--time=1:00:00

Interrupt it when you like: the same command goes on where it was.";

impl Study {
    pub(crate) fn run(self, talk: Talk) -> anyhow::Result<()> {
        match self {
            Self::Plan(command) => plan::show(&command, Execution::default().jobs, true),
            Self::Tune(command) => tune::tune(&command, talk),
            Self::Run(command) => run::run(&command, talk),
            Self::Status(command) => status::status(&command),
            Self::Report(command) => report::report(&command),
            Self::Watch(command) => command.run(),
            Self::Compare(command) => command.run(),
            Self::Verify(command) => command.run(),
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
    Ok(nodule_study::plan(resolved, device_kind(device)?))
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
