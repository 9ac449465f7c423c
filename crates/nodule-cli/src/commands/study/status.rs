//! `nodule study status`: finished, failed and broken runs of a study.

use std::path::PathBuf;

use clap::Args;
use nodule_study::results::{Depth, RunState, failure_reason};
use nodule_study::{Registry, read_output};
use serde::Serialize;

use crate::print::{print_json, print_line};

use super::plan::PlannedRun;
use super::plan_runs;

const EXAMPLES: &str = "Examples:
  nodule study status --out results/quick
  nodule study status --out results/quick --json | jq .done";

/// Print which runs of a study are finished, failed or broken.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Status {
    /// Output folder of a study
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Device that the runs were planned for: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The object that `--json` prints; `done` counts the runs that are finished and intact.
#[derive(Debug, Serialize)]
struct StudyStatus<'a> {
    study: &'a str,
    planned: usize,
    done: usize,
    runs: Vec<RunStatus>,
}

/// A run: `done`, `to do`, `failed` or `broken`.
#[derive(Debug, Serialize)]
struct RunStatus {
    #[serde(flatten)]
    run: PlannedRun,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Status {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (output, resolved) = read_output(&self.out, &Registry::default())?;
        let specs = plan_runs(&resolved, &self.device)?;
        let states = output.run_states(&specs, Depth::Records)?;
        let done = states.iter().filter(|state| state.is_complete()).count();
        let runs = specs.iter().zip(states).map(|(spec, state)| {
            let (state, reason) = match state {
                RunState::Complete => ("done", None),
                RunState::Broken(why) => ("broken", Some(why.to_string())),
                RunState::Unfinished => match failure_reason(&output.run_folder(&spec.id)) {
                    Some(reason) => ("failed", Some(reason)),
                    None => ("to do", None),
                },
            };
            let run = PlannedRun::new(spec, &resolved, state);
            RunStatus { run, reason }
        });
        let status = StudyStatus {
            study: &resolved.study.name,
            planned: specs.len(),
            done,
            runs: runs.collect(),
        };
        match self.json {
            true => print_json(&status),
            false => print_status(&status),
        }
    }
}

fn print_status(status: &StudyStatus) -> anyhow::Result<()> {
    let (study, done, planned) = (status.study, status.done, status.planned);
    print_line(format_args!("{study}: {done} of {planned} runs done"))?;
    for RunStatus { run, reason } in &status.runs {
        let (state, title, id) = (run.state, &run.title, &run.id);
        match (state, reason) {
            ("done", _) => {}
            (_, Some(reason)) => print_line(format_args!("{state}: {title} ({id}): {reason}"))?,
            (_, None) => print_line(format_args!("{state}: {title} ({id})"))?,
        }
    }
    Ok(())
}
