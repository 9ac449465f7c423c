//! Progress of all runs on standard error: a bar with an ETA on a terminal, one line per run otherwise.

use std::io::{IsTerminal, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use nodule_config::Epoch;
use nodule_study::text::format_duration;

/// Amount of progress messages.
///
/// ```
/// assert_eq!(nodule_run::Verbosity::default(), nodule_run::Verbosity::Runs);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verbosity {
    /// No messages.
    Quiet,
    /// A bar on a terminal, or one line per run.
    #[default]
    Runs,
    /// One line per epoch as well.
    Epochs,
}

/// Progress of all runs of a start, counted in epochs so that the ETA changes smoothly.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    is_terminal: bool,
    verbosity: Verbosity,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    finished: usize,
    total: usize,
    started: Instant,
}

impl Progress {
    /// Starts the progress of `runs` runs with `epochs` epochs in total.
    pub(crate) fn start(runs: usize, epochs: usize, verbosity: Verbosity) -> Self {
        let is_terminal = std::io::stderr().is_terminal();
        let bar = if !is_terminal || verbosity == Verbosity::Quiet {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(epochs as u64)
        };
        let template = "{elapsed_precise} [{bar:32}] {percent:>3}%  {msg}  ETA {eta}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style.progress_chars("=> "));
        }
        bar.set_message(format!("0 of {runs} runs"));
        bar.enable_steady_tick(Duration::from_millis(500));
        Self {
            bar,
            is_terminal,
            verbosity,
            state: Mutex::new(State {
                finished: 0,
                total: runs,
                started: Instant::now(),
            }),
        }
    }

    /// Counts one epoch of the run `title`; `None` for an epoch that an earlier start trained.
    pub(crate) fn count_epoch(&self, title: &str, epoch: Option<&Epoch>) {
        self.bar.inc(1);
        if let (Verbosity::Epochs, Some(epoch)) = (self.verbosity, epoch) {
            self.print(&format!("{title}: {}", describe_epoch(epoch)));
        }
    }

    /// Removes the epochs that a run did not need: it took `epochs` of `planned`.
    pub(crate) fn skip_epochs(&self, epochs: usize, planned: usize) {
        let skipped = planned.saturating_sub(epochs) as u64;
        let length = self.bar.length().unwrap_or_default();
        self.bar.set_length(length.saturating_sub(skipped));
    }

    /// Counts one run; `line` gives its title and result.
    pub(crate) fn count_run(&self, line: &str) {
        let mut state = self.lock_state();
        state.finished += 1;
        let (finished, total) = (state.finished, state.total);
        self.bar.set_message(format!("{finished} of {total} runs"));
        if !self.is_terminal && self.verbosity != Verbosity::Quiet {
            let per_run = state.started.elapsed().as_secs_f64() / finished as f64;
            let eta = format_duration(per_run * (total - finished) as f64);
            print_line(&format!("[{finished:>3}/{total}] {line}; about {eta} left"));
        }
    }

    /// Returns the number of counted runs, failed ones included.
    pub(crate) fn finished_count(&self) -> usize {
        self.lock_state().finished
    }

    /// Prints a line above the bar.
    pub(crate) fn print(&self, line: &str) {
        if self.verbosity == Verbosity::Quiet {
        } else if self.is_terminal {
            self.bar.println(line);
        } else {
            print_line(line);
        }
    }

    /// Removes the bar.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }

    fn lock_state(&self) -> MutexGuard<'_, State> {
        // A thread that panicked while it held the lock cannot have left a counter half-written.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn describe_epoch(row: &Epoch) -> String {
    let mut text = format!("epoch {}", row.epoch);
    if let Some(loss) = row.train_loss {
        text += &format!(", training loss {loss:.4}");
    }
    text += &format!(", validation loss {:.4}", row.validation_loss);
    if let Some(accuracy) = row.validation_accuracy {
        text += &format!(", validation accuracy {accuracy:.3}");
    }
    text
}

/// Prints a line to standard error. Ignores errors: a closed pipe or a full disk must not stop the runs.
fn print_line(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
