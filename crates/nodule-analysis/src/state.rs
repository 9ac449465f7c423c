//! Whether a run learned what it was trained on, by its own records: a claim about what losses make
//! networks learn is about networks that learned something.
//!
//! The rule (*ours*): a run *learned* if the 95% interval over images of its balanced accuracy on
//! validation images of its training distribution lies above 0.5, under the read-out that maps are made
//! of. It is *at chance* if the interval reaches down to 0.5 but stays below 0.75, half-way to perfect.
//! It is *undecided* if the interval holds both, since then the images are too few to tell, and if its
//! decision never varies. It *diverged* if a loss or an embedding left the finite numbers, and *failed*
//! if anything else kept it from its end.

use std::fmt;

use nodule_eval::{Estimate, Metric};
use nodule_study::records::{FailedRun, FinishedRun, ReadOutEvaluation};
use nodule_study::settings::map_read_out;
use nodule_study::text::format_number;

const CHANCE: f64 = 0.5;
/// A network that may be as good as this may well have learned.
const HALF_WAY: f64 = 0.75;

/// Whether a run learned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Above chance.
    Learned,
    /// Not above chance.
    AtChance,
    /// It does not decide, or too few images tell.
    Undecided,
    /// It left the finite numbers, and has no records.
    Diverged,
    /// It has no records for another reason.
    Failed,
}

impl State {
    /// All of them, in the order of tables.
    pub const ALL: [Self; 5] = [
        Self::Learned,
        Self::AtChance,
        Self::Undecided,
        Self::Diverged,
        Self::Failed,
    ];

    /// As tables spell it.
    pub fn text(self) -> &'static str {
        match self {
            Self::Learned => "learned",
            Self::AtChance => "at chance",
            Self::Undecided => "undecided",
            Self::Diverged => "diverged",
            Self::Failed => "failed",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text())
    }
}

/// The state of a finished run.
pub fn state(run: &FinishedRun) -> State {
    judged(run).0
}

/// Why it is in that state, in words.
pub fn reason(run: &FinishedRun) -> String {
    let (state, measured, estimate) = judged(run);
    let Some(measured) = measured else {
        return "it has no read-out".to_owned();
    };
    if measured.score_sd.is_constant() {
        return "this network does not decide: one decision value for all validation images".into();
    }
    let n = measured.validation.n;
    let Some(Estimate { value, low, high }) = estimate else {
        return format!("{n} validation images of one class");
    };
    let ends = format!("[{}, {}]", format_number(low), format_number(high));
    let found = format!(
        "balanced accuracy {} {ends} on {n} validation images by {}",
        format_number(value),
        measured.read_out
    );
    match state {
        State::Undecided => format!("{found}: too few images to tell"),
        _ => found,
    }
}

/// The state of one that has no records.
pub fn state_of_failed(run: &FailedRun) -> State {
    match run.has_diverged() {
        true => State::Diverged,
        false => State::Failed,
    }
}

/// With what it is judged by.
fn judged(run: &FinishedRun) -> (State, Option<&ReadOutEvaluation>, Option<Estimate>) {
    let all = &run.evaluation.read_outs;
    let names: Vec<_> = all.iter().map(|measured| measured.read_out).collect();
    let mapped = map_read_out(&names).and_then(|read_out| run.read_out(read_out));
    let Some(measured) = mapped.or(all.first()) else {
        return (State::Undecided, None, None);
    };
    let estimate = measured.validation.get(Metric::BalancedAccuracy);
    let state = match estimate {
        _ if measured.score_sd.is_constant() => State::Undecided,
        None => State::Undecided,
        Some(found) if found.low > CHANCE => State::Learned,
        Some(found) if found.high >= HALF_WAY => State::Undecided,
        Some(_) => State::AtChance,
    };
    (state, Some(measured), estimate)
}
