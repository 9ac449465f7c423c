//! `nodule study status`: how far a study has come, and which of its runs are broken.

use std::path::PathBuf;

use clap::Args;
use nodule_study::results::{Depth, RunState, failure};
use nodule_study::{Registry, read_output};
use serde::Serialize;

use crate::print::{json, line};

use super::plan::Planned;
use super::specs;

#[derive(Debug, Args)]
pub(crate) struct Status {
    /// Output folder of a study
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The device its runs were planned for: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// What `--json` prints: `done` counts the runs that are finished and whole.
#[derive(Debug, Serialize)]
struct StudyStatus<'a> {
    study: &'a str,
    planned: usize,
    done: usize,
    runs: Vec<RunStatus>,
}

/// A run: `done`, `unlisted` (done before files were listed: not verified), `to do`, `failed` or `broken`.
#[derive(Debug, Serialize)]
struct RunStatus {
    #[serde(flatten)]
    run: Planned,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

pub(super) fn status(command: &Status) -> anyhow::Result<()> {
    let registry = Registry::default();
    let (output, resolved) = read_output(&command.out, &registry)?;
    let specs = specs(&resolved, &command.device)?;
    let states = output.states(&specs, Depth::Records)?;
    let done = states.iter().filter(|state| state.counts()).count();
    let runs = specs.iter().zip(states).map(|(spec, state)| {
        let (state, reason) = match state {
            RunState::Whole => ("done", None),
            RunState::Unlisted => ("unlisted", None),
            RunState::Broken(why) => ("broken", Some(why.to_string())),
            RunState::Unfinished => match failure(&output.run_folder(&spec.id)) {
                Some(reason) => ("failed", Some(reason)),
                None => ("to do", None),
            },
        };
        let run = Planned::new(spec, &resolved, state);
        RunStatus { run, reason }
    });
    let status = StudyStatus {
        study: &resolved.study.name,
        planned: specs.len(),
        done,
        runs: runs.collect(),
    };
    match command.json {
        true => json(&status),
        false => in_words(&status),
    }
}

fn in_words(status: &StudyStatus) -> anyhow::Result<()> {
    let StudyStatus {
        study,
        planned,
        done,
        runs,
    } = status;
    line(format_args!("{study}: {done} of {planned} runs done"))?;
    for RunStatus { run, reason } in runs {
        match (run.state, reason) {
            ("done" | "unlisted", _) => {}
            (state, Some(reason)) => line(format_args!(
                "{state}: {} ({}): {reason}",
                run.title, run.id
            ))?,
            (state, None) => line(format_args!("{state}: {} ({})", run.title, run.id))?,
        }
    }
    match runs
        .iter()
        .filter(|run| run.run.state == "unlisted")
        .count()
    {
        0 => Ok(()),
        n => line(format_args!(
            "{n} runs finished before files were listed: not verified"
        )),
    }
}
