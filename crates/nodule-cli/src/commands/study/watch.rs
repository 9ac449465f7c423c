//! `nodule study watch`: progress, losses and validation accuracy of finished and unfinished runs.

use std::collections::BTreeMap;
use std::io::{IsTerminal, stdout};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::Args;
use nodule_config::Epoch;
use nodule_eval::Metric;
use nodule_run::{RunProgress, Stop, read_run_progress};
use nodule_study::records::FinishedRun;
use nodule_study::results::failure_reason;
use nodule_study::settings::choose_map_read_out;
use nodule_study::text::{format_duration, format_number};
use nodule_study::{Output, Registry, Resolved, RunSpec, read_output};

use super::plan_runs;
use crate::numbers::whole;
use crate::print::print_line;
use crate::signals::handle_signals;

const EXAMPLES: &str = "Examples:
  nodule study watch --out results/quick
  nodule study watch --out results/quick --once

Only reads files; the runs are not affected. The progress of an unfinished run is that of its last checkpoint.
`nodule study report` writes the page from the finished runs at any time.";

/// Show the progress of a study's runs, updated every few seconds.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Watch {
    /// Output folder of a study
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Device that the runs were planned for: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Seconds between updates
    #[arg(long, value_name = "SECONDS", default_value_t = 5, allow_hyphen_values = true, value_parser = whole::<u64>(1, 86_400))]
    every: u64,
    /// Print the state once and exit
    #[arg(long)]
    once: bool,
}

/// Number of finished runs that are listed, so that the unfinished ones stay visible.
const MAX_DONE_LINES: usize = 12;

/// Summary of a finished run, cached because its records do not change.
struct FinishedSummary {
    seconds: f64,
    line: String,
}

/// State of all runs at one moment, as lines.
#[derive(Default)]
struct Progress {
    failed: Vec<String>,
    running: Vec<String>,
    done: Vec<String>,
    /// Fraction of each unfinished run that is trained, summed.
    trained: f64,
    /// Time of all finished runs, in seconds.
    seconds: f64,
}

impl Watch {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (output, resolved) = read_output(&self.out, &Registry::default())?;
        let specs = plan_runs(&resolved, &self.device)?;
        handle_signals(&Stop::default(), || "the runs are not affected".to_owned())?;
        let mut summaries = BTreeMap::new();
        let mut previous = String::new();
        loop {
            let (text, is_complete) = describe_runs(&output, &resolved, &specs, &mut summaries);
            if text != previous {
                // On a terminal each update replaces the last.
                let clear = match !self.once && stdout().is_terminal() {
                    true => "\x1b[2J\x1b[H",
                    false => "",
                };
                print_line(format_args!("{clear}{text}"))?;
            }
            if is_complete || self.once {
                return Ok(());
            }
            previous = text;
            thread::sleep(Duration::from_secs(self.every));
        }
    }
}

/// Returns the state of all runs as text, and whether no run remains.
fn describe_runs(
    output: &Output,
    resolved: &Resolved,
    specs: &[RunSpec],
    summaries: &mut BTreeMap<String, FinishedSummary>,
) -> (String, bool) {
    let mut progress = Progress::default();
    for spec in specs {
        let title = spec.title();
        if !summaries.contains_key(&spec.id)
            && let Some(Ok(run)) = output.read_run(spec)
        {
            summaries.insert(spec.id.clone(), summarise_run(&run));
        }
        let epochs = spec.training.epochs;
        if let Some(run) = summaries.get(&spec.id) {
            progress.seconds += run.seconds;
            let line = format!("done       {title}: {}", run.line);
            progress.done.push(line);
        } else if let Some(reason) = failure_reason(&output.run_folder(&spec.id)) {
            let line = format!("failed     {title}: {reason}");
            progress.failed.push(line);
        } else if let Some(run) = read_run_progress(output, spec) {
            progress.trained += run.history.len().saturating_sub(1) as f64 / epochs.max(1) as f64;
            let state = describe_training(&run, epochs);
            let line = format!("running    {title}: {state}");
            progress.running.push(line);
        }
    }
    let remaining = specs.len() - progress.done.len() - progress.failed.len();
    let counts = format_counts(&progress, specs.len());
    let head = format!("{}: {counts}", resolved.study.name);
    let hidden = progress.done.len().saturating_sub(MAX_DONE_LINES);
    let done = progress.done.split_off(hidden);
    let more = (hidden > 0).then(|| format!("done       {hidden} more"));
    let lines = [
        vec![head],
        progress.failed,
        progress.running,
        done,
        more.into_iter().collect(),
    ];
    (lines.concat().join("\n"), remaining == 0)
}

/// Returns the number of runs in each state, with an estimate of the remaining time at the present pace.
fn format_counts(progress: &Progress, planned: usize) -> String {
    let Progress {
        done,
        running,
        failed,
        ..
    } = progress;
    let [done, running, failed] = [done, running, failed].map(Vec::len);
    let remaining = planned - done - failed;
    let eta = match (done, remaining) {
        (0, _) | (_, 0) => String::new(),
        _ => {
            let parallel = running.max(1);
            let per_run = progress.seconds / done as f64;
            let seconds = per_run * (remaining as f64 - progress.trained) / parallel as f64;
            let left = format_duration(seconds);
            format!("; about {left} left with {parallel} in parallel")
        }
    };
    format!(
        "{done} of {planned} runs done, {running} running, {failed} failed, {} waiting{eta}",
        remaining - running
    )
}

/// Returns the final loss and accuracy of a run, and its time.
fn summarise_run(run: &FinishedRun) -> FinishedSummary {
    let timings = &run.record.timings;
    let read_outs = &run.evaluation.read_outs;
    let names: Vec<_> = read_outs.iter().map(|r| r.read_out).collect();
    let accuracy = choose_map_read_out(&names).and_then(|read_out| {
        let value = run.read_out(read_out)?.validation.value(Metric::Accuracy)?;
        let value = format_number(value);
        Some(format!(", validation accuracy {value} ({read_out})"))
    });
    let loss = run.history.last().map_or_else(String::new, format_epoch);
    FinishedSummary {
        seconds: timings.generate_s + timings.train_s + timings.evaluate_s,
        line: format!("{loss}{}", accuracy.unwrap_or_default()),
    }
}

fn describe_training(run: &RunProgress, epochs: usize) -> String {
    let last = run.history.last();
    let epoch = last.map_or(0, |epoch| epoch.epoch);
    let age = run.age.map_or_else(String::new, |age| {
        format!("; {} ago", format_duration(age.as_secs_f64()))
    });
    format!(
        "epoch {epoch} of {epochs}, {}{age}",
        last.map_or_else(|| "not measured yet".to_owned(), format_epoch)
    )
}

fn format_epoch(epoch: &Epoch) -> String {
    let (train_loss, accuracy) = (epoch.train_loss, epoch.validation_accuracy);
    let train_loss = train_loss.map(|loss| format!("loss {}, ", format_number(loss)));
    let accuracy = accuracy.map(|value| format!(", accuracy {} (head)", format_number(value)));
    format!(
        "{}validation loss {}{}",
        train_loss.unwrap_or_default(),
        format_number(epoch.validation_loss),
        accuracy.unwrap_or_default()
    )
}
