//! What a person sees while runs go on: a bar with an ETA on a terminal, a line a run elsewhere.

use std::io::IsTerminal;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};
use nodule_study::text::duration_text;

/// Progress of a study, counted in epochs so that the ETA moves smoothly.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: ProgressBar,
    plain: bool,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    finished: usize,
    total: usize,
    started: Instant,
}

/// Progress over `runs` runs of `epochs` epochs in all.
pub(crate) fn progress(runs: usize, epochs: usize) -> Progress {
    let plain = !std::io::stderr().is_terminal();
    let bar = if plain {
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
        state: Mutex::new(state),
    }
}

impl Progress {
    /// One more epoch of some run is over.
    pub(crate) fn epoch(&self) {
        self.bar.inc(1);
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
        if self.plain {
            let left = total - finished;
            let each = state.started.elapsed().as_secs_f64() / finished as f64;
            let eta = duration_text(each * left as f64);
            eprintln!("[{finished:>3}/{total}] {line}; about {eta} left");
        }
    }

    /// Says something above the bar.
    pub(crate) fn say(&self, line: &str) {
        if self.plain {
            eprintln!("{line}");
        } else {
            self.bar.println(line);
        }
    }

    /// Takes the bar away.
    pub(crate) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
