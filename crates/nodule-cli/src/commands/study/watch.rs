//! `nodule study watch`: progress, losses and validation accuracy of finished runs and of those under way.

use std::collections::BTreeMap;
use std::io::{IsTerminal, stdout};
use std::path::PathBuf;
use std::thread;
use std::time::Duration;

use clap::Args;
use nodule_config::Epoch;
use nodule_eval::Metric;
use nodule_run::{Stop, UnderWay, under_way};
use nodule_study::records::FinishedRun;
use nodule_study::results::failure;
use nodule_study::settings::map_read_out;
use nodule_study::text::{duration_text, number};
use nodule_study::{Output, Registry, Resolved, RunSpec, read_output};

use super::specs;
use crate::print::line;
use crate::signals::watch as watch_signals;

const EXAMPLES: &str = "Examples:
  nodule study watch --out results/quick
  nodule study watch --out results/quick --once

It only reads: runs go on, or do not, as they would without it. What is under way is as old as its last
checkpoint. `nodule study report` makes the page at any time, from what is finished.";

/// Show how the runs of a study come on.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Watch {
    /// Output folder of a study
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The device its runs were planned for: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Look again so often, in seconds
    #[arg(long, value_name = "SECONDS", default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    every: u64,
    /// Look once
    #[arg(long)]
    once: bool,
}

/// What a finished run says in one line; its records do not change.
struct Told {
    seconds: f64,
    line: String,
}

impl Watch {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let (output, resolved) = read_output(&self.out, &Registry::default())?;
        let specs = specs(&resolved, &self.device)?;
        watch_signals(&Stop::default(), || {
            "the runs go on as they were".to_owned()
        })?;
        let mut told = BTreeMap::new();
        let mut before = String::new();
        loop {
            let (text, whole) = look(&output, &resolved, &specs, &mut told);
            if text != before {
                // On a terminal each look takes the place of the last.
                let clear = match !self.once && stdout().is_terminal() {
                    true => "\x1b[2J\x1b[H",
                    false => "",
                };
                line(format_args!("{clear}{text}"))?;
            }
            if whole || self.once {
                return Ok(());
            }
            before = text;
            thread::sleep(Duration::from_secs(self.every));
        }
    }
}

/// More finished runs than this are counted: what goes on stays in view.
const MOST_DONE: usize = 12;

/// What was seen in one look, line by line.
#[derive(Default)]
struct Seen {
    failed: Vec<String>,
    under_way: Vec<String>,
    done: Vec<String>,
    /// Epochs of the runs under way, as shares of their runs.
    begun: f64,
    /// Time of all finished runs, in seconds.
    seconds: f64,
}

/// All there is to see, and whether there is nothing more to come.
fn look(
    output: &Output,
    resolved: &Resolved,
    specs: &[RunSpec],
    told: &mut BTreeMap<String, Told>,
) -> (String, bool) {
    let mut seen = Seen::default();
    for spec in specs {
        let title = spec.title();
        if !told.contains_key(&spec.id)
            && let Some(Ok(run)) = output.read(spec)
        {
            told.insert(spec.id.clone(), finished(&run));
        }
        let all = spec.budget.epochs;
        if let Some(run) = told.get(&spec.id) {
            seen.seconds += run.seconds;
            seen.done.push(format!("done       {title}: {}", run.line));
        } else if let Some(reason) = failure(&output.run_folder(&spec.id)) {
            seen.failed.push(format!("failed     {title}: {reason}"));
        } else if let Some(found) = under_way(output, spec) {
            seen.begun += found.history.len().saturating_sub(1) as f64 / all.max(1) as f64;
            let far = on_its_way(&found, all);
            seen.under_way.push(format!("under way  {title}: {far}"));
        }
    }
    let left = specs.len() - seen.done.len() - seen.failed.len();
    let head = format!("{}: {}", resolved.study.name, counted(&seen, specs.len()));
    let more = seen.done.len().saturating_sub(MOST_DONE);
    let done = seen.done.split_off(more);
    let more = (more > 0).then(|| format!("done       {more} more"));
    let lines = [
        vec![head],
        seen.failed,
        seen.under_way,
        done,
        more.into_iter().collect(),
    ];
    (lines.concat().join("\n"), left == 0)
}

/// How many runs are where, and how long the rest takes if it goes on as it did.
fn counted(seen: &Seen, planned: usize) -> String {
    let (done, moving, failed) = (seen.done.len(), seen.under_way.len(), seen.failed.len());
    let left = planned - done - failed;
    let eta = match (done, left) {
        (0, _) | (_, 0) => String::new(),
        _ => {
            let beside = moving.max(1);
            let each = seen.seconds / done as f64;
            let seconds = each * (left as f64 - seen.begun) / beside as f64;
            format!(
                "; about {} left at {beside} at a time",
                duration_text(seconds)
            )
        }
    };
    format!(
        "{done} of {planned} runs done, {moving} under way, {failed} failed, {} to come{eta}",
        left - moving
    )
}

/// Loss and accuracy of a run at its end, and the time that it took.
fn finished(run: &FinishedRun) -> Told {
    let took = &run.record.timings;
    let names: Vec<_> = run
        .evaluation
        .read_outs
        .iter()
        .map(|r| r.read_out)
        .collect();
    let accuracy = map_read_out(&names).and_then(|read_out| {
        let value = run.read_out(read_out)?.validation.value(Metric::Accuracy)?;
        Some(format!(
            ", accuracy in distribution {} by {read_out}",
            number(value)
        ))
    });
    let loss = run.history.last().map_or_else(String::new, of_epoch);
    Told {
        seconds: took.generate_s + took.train_s + took.evaluate_s,
        line: format!("{loss}{}", accuracy.unwrap_or_default()),
    }
}

fn on_its_way(found: &UnderWay, epochs: usize) -> String {
    let last = found.history.last();
    let at = last.map_or(0, |epoch| epoch.epoch);
    let age = found.age.map_or_else(String::new, |age| {
        format!("; as of {} ago", duration_text(age.as_secs_f64()))
    });
    format!(
        "epoch {at} of {epochs}, {}{age}",
        last.map_or_else(|| "nothing measured yet".to_owned(), of_epoch)
    )
}

fn of_epoch(epoch: &Epoch) -> String {
    let trained = epoch
        .train_loss
        .map(|loss| format!("loss {}, ", number(loss)));
    let accuracy = epoch
        .validation_accuracy
        .map(|share| format!(", accuracy {} by its head", number(share)));
    format!(
        "{}validation loss {}{}",
        trained.unwrap_or_default(),
        number(epoch.validation_loss),
        accuracy.unwrap_or_default()
    )
}
