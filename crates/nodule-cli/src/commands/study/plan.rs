//! `nodule study plan`: the runs of a study, and what those that are not done would take.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;
use nodule_study::plan::cost;
use nodule_study::results::failure;
use nodule_study::settings::warnings;
use nodule_study::{Output, Registry, Resolved, RunSpec, load_study};
use serde::Serialize;

use crate::budget::{estimate, fits};
use crate::print::{json, line, remark};

use super::{specs, study_help};

#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[arg(long, value_name = "FILE|NAME", help = study_help())]
    pub(super) study: String,
    /// Output folder, by default the name of the study under `results/`, with -tune where its losses are
    /// still to be tuned
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    pub(super) device: String,
    /// Go on though it would take more memory than there is
    #[arg(long)]
    pub(super) force: bool,
    /// Print one JSON object: of a plan, with `--dry-run` too
    #[arg(long)]
    json: bool,
}

/// The runs, and what those that are not done would take. `here`: on this machine.
pub(super) fn show(command: &Plan, jobs: usize, here: bool) -> anyhow::Result<()> {
    let resolved = load_study(&command.study, &Registry::default())?;
    let specs = specs(&resolved, &command.device)?;
    let output = Output::at(&out_folder(command, &resolved));
    let pending = pending(&specs, &output);
    let needed = cost(&resolved, &pending, jobs);
    if here {
        fits(&command.study, &needed, jobs, command.force)?;
    }
    let all = cost(&resolved, &specs.iter().collect::<Vec<_>>(), 1);
    let to_do: BTreeSet<_> = pending.iter().map(|spec| spec.id.as_str()).collect();
    let runs = specs.iter().map(|spec| {
        let state = match to_do.contains(spec.id.as_str()) {
            false => "done",
            true if failure(&output.run_folder(&spec.id)).is_some() => "failed",
            true => "to do",
        };
        Planned::new(spec, &resolved, state)
    });
    let planned = PlannedStudy {
        study: &resolved.study.name,
        out: output.path(),
        done: specs.len() - pending.len(),
        trials: resolved.study.tune.as_ref().map(|tune| tune.trials),
        training_images: all.images,
        memory_bytes: needed.memory_bytes,
        cpu_seconds: needed.cpu_seconds,
        runs: runs.collect(),
    };
    match command.json {
        true => json(&planned)?,
        false => in_words(&planned, &estimate(&needed, jobs.min(pending.len())))?,
    }
    warn(&resolved);
    Ok(())
}

/// What `--json` prints of a plan; memory and time are of the runs that are not done.
#[derive(Debug, Serialize)]
struct PlannedStudy<'a> {
    study: &'a str,
    out: &'a Path,
    done: usize,
    /// Trials of each loss; none where there is nothing to tune.
    #[serde(skip_serializing_if = "Option::is_none")]
    trials: Option<usize>,
    training_images: u64,
    memory_bytes: u64,
    cpu_seconds: f64,
    runs: Vec<Planned>,
}

/// A run, as `--json` prints it: what it is, and `done`, `to do` or `failed`.
#[derive(Debug, Serialize)]
pub(super) struct Planned {
    pub(super) id: String,
    pub(super) state: &'static str,
    pub(super) title: String,
    train: String,
    loss: String,
    seed: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<BTreeMap<String, String>>,
}

impl Planned {
    pub(super) fn new(spec: &RunSpec, resolved: &Resolved, state: &'static str) -> Self {
        let variant = spec.variant.and_then(|at| resolved.variants.get(at));
        Self {
            id: spec.id.clone(),
            state,
            title: spec.title(),
            train: spec.train.name().to_owned(),
            loss: spec.loss.name.clone(),
            seed: spec.seed,
            variant: variant.map(|variant| {
                let changes = variant.changes.iter();
                changes.map(|(s, v)| (s.clone(), v.to_string())).collect()
            }),
        }
    }
}

fn in_words(planned: &PlannedStudy, estimate: &str) -> anyhow::Result<()> {
    line(format_args!("{:<16}  {:<6}  run", "id", "state"))?;
    for run in &planned.runs {
        let Planned {
            id, state, title, ..
        } = run;
        line(format_args!("{id:<16}  {state:<6}  {title}"))?;
    }
    if let Some(trials) = planned.trials {
        line(format_args!(
            "\n{trials} trials of each loss, for `nodule study tune`: the study's own runs follow from what they choose"
        ))?;
    }
    line(format_args!(
        "\n{} runs, {} done; {} training images in all; output in {}",
        planned.runs.len(),
        planned.done,
        planned.training_images,
        planned.out.display()
    ))?;
    match planned.done == planned.runs.len() {
        true => line("nothing is left to do"),
        false => line(estimate),
    }
}

/// What the claims cannot be expected to say, before anyone waits for it.
pub(super) fn warn(resolved: &Resolved) {
    for warning in warnings(resolved) {
        remark(format_args!("warning: {warning}"));
    }
}

pub(super) fn pending<'a>(specs: &'a [RunSpec], output: &Output) -> Vec<&'a RunSpec> {
    let pending = specs.iter().filter(|spec| !output.is_done(spec));
    pending.collect()
}

pub(super) fn out_folder(command: &Plan, resolved: &Resolved) -> PathBuf {
    let name = &resolved.study.name;
    let name = match resolved.study.tune {
        Some(_) => format!("{name}-tune"),
        None => name.clone(),
    };
    let out = command.out.clone();
    out.unwrap_or_else(|| PathBuf::from("results").join(name))
}
