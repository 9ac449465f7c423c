//! What a person sees while runs go on: a bar with an ETA on a terminal, a line a run elsewhere.

use std::io::{IsTerminal, Write};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use nodule_config::Epoch;
use nodule_study::text::format_duration;

/// How much is said while runs go on, on standard error.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Talk {
    /// Nothing.
    Quiet,
    /// A line a run, or a bar on a terminal.
    #[default]
    Runs,
    /// A line an epoch too.
    Epochs,
}

/// Progress of a study, counted in epochs so that the ETA moves smoothly.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    plain: bool,
    talk: Talk,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    finished: usize,
    total: usize,
    started: Instant,
}

/// Progress over `runs` runs of `epochs` epochs in all.
pub(crate) fn progress(runs: usize, epochs: usize, talk: Talk) -> Progress {
    let plain = !std::io::stderr().is_terminal();
    let bar = if plain || talk == Talk::Quiet {
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
    let state = State {
        finished: 0,
        total: runs,
        started: Instant::now(),
    };
    Progress {
        bar,
        plain,
        talk,
        state: Mutex::new(state),
    }
}

impl Progress {
    /// One more epoch of the run `title` is over; none is known of one that an earlier start trained.
    pub(crate) fn epoch(&self, title: &str, epoch: Option<&Epoch>) {
        self.bar.inc(1);
        if let (Talk::Epochs, Some(epoch)) = (self.talk, epoch) {
            self.say(&format!("{title}: {}", in_words(epoch)));
        }
    }

    /// A run's training took `epochs` of the `planned` ones.
    pub(crate) fn ends_after(&self, epochs: usize, planned: usize) {
        let spared = planned.saturating_sub(epochs) as u64;
        let length = self.bar.length().unwrap_or_default();
        self.bar.set_length(length.saturating_sub(spared));
    }

    /// A run is over; `line` says which and how it went.
    pub(crate) fn run(&self, line: &str) {
        // A panic of another thread while it held this lock cannot have broken a counter.
        let mut state = self
            .state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        state.finished += 1;
        let (finished, total) = (state.finished, state.total);
        self.bar.set_message(format!("{finished} of {total} runs"));
        if self.plain && self.talk != Talk::Quiet {
            let left = total - finished;
            let each = state.started.elapsed().as_secs_f64() / finished as f64;
            let eta = format_duration(each * left as f64);
            line_on_stderr(&format!("[{finished:>3}/{total}] {line}; about {eta} left"));
        }
    }

    /// Runs that are over, however they went.
    pub(crate) fn finished(&self) -> usize {
        self.state
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .finished
    }

    /// Says something above the bar.
    pub(crate) fn say(&self, line: &str) {
        if self.talk == Talk::Quiet {
        } else if self.plain {
            line_on_stderr(line);
        } else {
            self.bar.println(line);
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}

/// What an epoch came to: losses, and the accuracy of a head that the loss trains.
fn in_words(row: &Epoch) -> String {
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

/// Nobody may be reading (`2>&1 | head -1`), or the log's disk be full: the runs go on.
fn line_on_stderr(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
