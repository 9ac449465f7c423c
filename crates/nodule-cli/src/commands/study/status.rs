//! `nodule study status`: how far a study has come, and which of its runs are broken.

use std::path::PathBuf;

use clap::Args;
use nodule_study::results::{Depth, RunState, failure};
use nodule_study::{Registry, read_output};

use crate::print::line;

use super::specs;

#[derive(Debug, Args)]
pub(crate) struct Folder {
    /// Output folder of a study
    #[arg(long, value_name = "DIR")]
    pub(super) out: PathBuf,
    /// The device its runs were planned for: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    pub(super) device: String,
}

pub(super) fn status(command: &Folder) -> anyhow::Result<()> {
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
            RunState::Unfinished => match failure(&output.run_folder(id)) {
                Some(reason) => line(format_args!("failed: {title} ({id}): {reason}"))?,
                None => line(format_args!("to do: {title} ({id})"))?,
            },
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
