//! `nodule study plan | tune | run | watch | status | report | compare | verify`, one file each.

mod compare;
mod current;
mod execute;
mod plan;
mod report;
mod resources;
mod run;
mod slurm;
mod status;
mod tune;
mod verify;
mod watch;

use clap::Subcommand;
use nodule_run::{CHECKPOINT_FILE, Execution, Verbosity, device_kind};
use nodule_study::results::is_done;
use nodule_study::settings::built_in_studies;
use nodule_study::{Output, Resolved, RunSpec};

/// Plan, run, monitor and report a study.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Study {
    /// List the runs of a study without running anything.
    #[command(after_help = PLAN_EXAMPLES)]
    Plan(plan::Plan),
    /// Try random settings of each loss, and write the study with the best of them.
    #[command(after_help = TUNE_EXAMPLES)]
    Tune(execute::ExecuteArgs),
    /// Execute all unfinished runs, then write tables, figures and the report.
    #[command(after_help = RUN_EXAMPLES)]
    Run(execute::ExecuteArgs),
    Watch(watch::Watch),
    Status(status::Status),
    Report(report::Report),
    Compare(compare::Compare),
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

With --json, memory is in bytes and processor time in seconds.";

const TUNE_EXAMPLES: &str = "Examples:
  nodule study tune --study regimes-tuned --out results/tuning
  nodule study tune --study my-study.toml --dry-run
  nodule study tune --study my-study.toml --executor slurm --tasks 20
  nodule study run --study results/tuning/tuned.toml

The study's table [tune] declares the settings to try. Writes tune.csv, all trials with their validation
accuracy, and tuned.toml, the study to run next. Trials get no test sets, so tuning cannot select on them.
After an interruption, the same command resumes.";

const RUN_EXAMPLES: &str = "Examples:
  nodule study run --study quick
  nodule study run --study my-study.toml --out results/mine --jobs 4
  nodule study run --study paper --device cuda:0 --jobs 1
  nodule study run --study paper --executor slurm --tasks 20 --slurm=--time=1:00:00

After an interruption, the same command resumes.";

impl Study {
    pub(crate) fn run(self, level: Verbosity) -> anyhow::Result<()> {
        match self {
            Self::Plan(command) => plan::show_plan(&command, Execution::default().jobs, true),
            Self::Tune(command) => tune::tune(&command, level),
            Self::Run(command) => run::run(&command, level),
            Self::Watch(command) => command.run(),
            Self::Status(command) => command.run(),
            Self::Report(command) => command.run(),
            Self::Compare(command) => command.run(),
            Self::Verify(command) => command.run(),
        }
    }
}

/// Returns the help of `--study`.
pub(super) fn study_help() -> String {
    let names: Vec<_> = built_in_studies().collect();
    format!("Study file, or built-in study: {}", names.join(", "))
}

/// Returns the planned runs of `resolved`. Parses the name of the device without opening it.
fn plan_runs(resolved: &Resolved, device: &str) -> anyhow::Result<Vec<RunSpec>> {
    Ok(nodule_study::plan(resolved, device_kind(device)?))
}

/// Returns a function that describes, in one line, how many runs are done or checkpointed when a signal stops them.
pub(super) fn describe_progress(
    output: &Output,
    specs: &[RunSpec],
) -> impl Fn() -> String + Send + use<> {
    let output = output.clone();
    let folders: Vec<_> = specs.iter().map(|s| output.run_folder(&s.id)).collect();
    move || {
        let done = folders.iter().filter(|run| is_done(run)).count();
        let checkpointed = folders
            .iter()
            .filter(|run| !is_done(run) && run.join(CHECKPOINT_FILE).is_file());
        format!(
            "{done} of {} runs done, {} with a checkpoint, in {}; the same command resumes",
            folders.len(),
            checkpointed.count(),
            output.path().display()
        )
    }
}
