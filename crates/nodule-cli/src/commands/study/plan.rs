//! `nodule study plan`: the runs of a study, and the memory and time that the unfinished ones need.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use clap::Args;
use nodule_study::claims::feasibility_warnings;
use nodule_study::plan::estimate_cost;
use nodule_study::results::failure_reason;
use nodule_study::{Output, Registry, Resolved, RunSpec, load_study};
use serde::Serialize;

use crate::memory::{check_memory, format_estimate};
use crate::print::{print_json, print_line, print_note};

use super::{plan_runs, study_help};

#[derive(Debug, Args)]
pub(crate) struct Plan {
    #[arg(long, value_name = "FILE|NAME", help = study_help())]
    pub(super) study: String,
    /// Output folder [default: results/STUDY, or results/STUDY-tune if the study has a table `[tune]`]
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Device: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    pub(super) device: String,
    /// Run even if the estimate exceeds the available memory
    #[arg(long)]
    pub(super) force: bool,
    /// Print the plan as one JSON object; also with `--dry-run`
    #[arg(long)]
    json: bool,
}

/// Prints the runs and the estimate of the unfinished ones. Checks their memory if `is_local`.
pub(super) fn show_plan(command: &Plan, jobs: usize, is_local: bool) -> anyhow::Result<()> {
    let resolved = load_study(&command.study, &Registry::default())?;
    let specs = plan_runs(&resolved, &command.device)?;
    let output = Output::at(&output_folder(command, &resolved));
    let unfinished = unfinished_runs(&specs, &output);
    let needed = estimate_cost(&resolved, &unfinished, jobs);
    if is_local {
        check_memory(&command.study, &needed, jobs, command.force)?;
    }
    let total = estimate_cost(&resolved, &specs.iter().collect::<Vec<_>>(), 1);
    let unfinished_ids: BTreeSet<_> = unfinished.iter().map(|spec| spec.id.as_str()).collect();
    let describe = |spec: &RunSpec| {
        let state = match unfinished_ids.contains(spec.id.as_str()) {
            false => "done",
            true if failure_reason(&output.run_folder(&spec.id)).is_some() => "failed",
            true => "to do",
        };
        PlannedRun::new(spec, &resolved, state)
    };
    let planned = PlannedStudy {
        study: &resolved.study.name,
        out: output.path(),
        done: specs.len() - unfinished.len(),
        trials: resolved.study.tune.as_ref().map(|tune| tune.trials),
        training_images: total.images,
        memory_bytes: needed.memory_bytes,
        cpu_seconds: needed.cpu_seconds,
        runs: specs.iter().map(describe).collect(),
    };
    match command.json {
        true => print_json(&planned)?,
        false => {
            let estimate = format_estimate(&needed, jobs.min(unfinished.len()));
            print_plan(&planned, &estimate)?;
        }
    }
    print_warnings(&resolved);
    Ok(())
}

/// A plan as `--json` prints it; memory and time are those of the unfinished runs.
#[derive(Debug, Serialize)]
struct PlannedStudy<'a> {
    study: &'a str,
    out: &'a Path,
    done: usize,
    /// Trials per loss, if the study has a table `[tune]`.
    #[serde(skip_serializing_if = "Option::is_none")]
    trials: Option<usize>,
    training_images: u64,
    memory_bytes: u64,
    cpu_seconds: f64,
    runs: Vec<PlannedRun>,
}

/// A run as `--json` prints it; `state` is `done`, `to do` or `failed`.
#[derive(Debug, Serialize)]
pub(super) struct PlannedRun {
    pub(super) id: String,
    pub(super) state: &'static str,
    pub(super) title: String,
    train: String,
    loss: String,
    seed: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    variant: Option<BTreeMap<String, String>>,
}

impl PlannedRun {
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

fn print_plan(planned: &PlannedStudy, estimate: &str) -> anyhow::Result<()> {
    print_line(format_args!("{:<16}  {:<6}  run", "id", "state"))?;
    for run in &planned.runs {
        let (id, state, title) = (&run.id, run.state, &run.title);
        print_line(format_args!("{id:<16}  {state:<6}  {title}"))?;
    }
    if let Some(trials) = planned.trials {
        print_line(format_args!(
            "\n{trials} trials of each loss for `nodule study tune`; their result determines the study's runs"
        ))?;
    }
    print_line(format_args!(
        "\n{} runs, {} done; {} training images in all; output in {}",
        planned.runs.len(),
        planned.done,
        planned.training_images,
        planned.out.display()
    ))?;
    match planned.done == planned.runs.len() {
        true => print_line("all runs are done"),
        false => print_line(estimate),
    }
}

/// Prints warnings about claims that the study cannot decide.
pub(super) fn print_warnings(resolved: &Resolved) {
    let study = &resolved.study;
    for warning in feasibility_warnings(&study.hypotheses, study.seeds, study.losses.len()) {
        print_note(format_args!("warning: {warning}"));
    }
}

/// Returns the runs that are not done.
pub(super) fn unfinished_runs<'a>(specs: &'a [RunSpec], output: &Output) -> Vec<&'a RunSpec> {
    specs.iter().filter(|spec| !output.is_done(spec)).collect()
}

/// Returns the folder of `--out`, or the default one.
pub(super) fn output_folder(command: &Plan, resolved: &Resolved) -> PathBuf {
    let name = &resolved.study.name;
    let folder = match resolved.study.tune {
        Some(_) => format!("{name}-tune"),
        None => name.clone(),
    };
    let out = command.out.clone();
    out.unwrap_or_else(|| PathBuf::from("results").join(folder))
}
