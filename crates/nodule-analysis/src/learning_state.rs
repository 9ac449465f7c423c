//! Whether a run learned its training distribution, from its own records.
//!
//! The rule (*ours*) uses the 95% interval over images of balanced accuracy on validation images of the training
//! distribution, under the read-out of the saliency maps; of an external model, under its own score if it has one. A run *learned* if the interval lies above 0.5. It is *at
//! chance* if the interval reaches 0.5 and stays below 0.75, half-way to perfect. It is *undecided* if the interval
//! contains both, which means too few images, and if its decision is constant. It *diverged* if a loss or an embedding
//! became infinite or NaN, and *failed* if it ended for any other reason.

use nodule_eval::{Estimate, Metric};
use nodule_study::records::{FailedRun, FinishedRun, ReadOutEvaluation};
use nodule_study::settings::choose_map_read_out;
use nodule_study::text::format_number;
use strum::{Display, EnumCount, IntoStaticStr};

const CHANCE: f64 = 0.5;
/// A network that may be as good as this may have learned.
const HALF_WAY: f64 = 0.75;

/// Whether a run learned.
///
/// ```
/// use nodule_analysis::LearningState;
///
/// let texts = LearningState::ALL.map(LearningState::text);
/// assert_eq!(texts, ["learned", "at chance", "undecided", "diverged", "failed"]);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Display, EnumCount, IntoStaticStr)]
#[strum(serialize_all = "lowercase")]
pub enum LearningState {
    /// Above chance.
    Learned,
    /// Not above chance.
    #[strum(serialize = "at chance")]
    AtChance,
    /// Constant decision, or too few images.
    Undecided,
    /// A loss or embedding became infinite or NaN; the run has no records.
    Diverged,
    /// The run ended for another reason; it has no records.
    Failed,
}

impl LearningState {
    /// All states, in the order of tables.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Learned,
        Self::AtChance,
        Self::Undecided,
        Self::Diverged,
        Self::Failed,
    ];

    /// Returns the text, as tables spell it.
    #[must_use]
    pub fn text(self) -> &'static str {
        self.into()
    }
}

/// Returns the state of a finished run.
#[must_use]
pub fn learning_state(run: &FinishedRun) -> LearningState {
    classify(run).0
}

/// Returns why a finished run is in its state.
#[must_use]
pub fn state_reason(run: &FinishedRun) -> String {
    let (state, measured, estimate) = classify(run);
    let Some(measured) = measured else {
        return "the run has no read-out".to_owned();
    };
    if measured.score_sd.is_constant() {
        return "the decision score is constant on the validation images".into();
    }
    let n = measured.validation.n;
    let Some(Estimate { value, low, high }) = estimate else {
        return format!("{n} validation images of one class");
    };
    let interval = format!("[{}, {}]", format_number(low), format_number(high));
    let accuracy = format!(
        "balanced accuracy {} {interval} on {n} validation images, {} read-out",
        format_number(value),
        measured.read_out
    );
    match state {
        LearningState::Undecided => format!("{accuracy}: too few images to decide"),
        _ => accuracy,
    }
}

/// Returns the state of a run without records.
#[must_use]
pub fn failed_state(run: &FailedRun) -> LearningState {
    match run.has_diverged() {
        true => LearningState::Diverged,
        false => LearningState::Failed,
    }
}

/// Returns the state with the read-out and the balanced accuracy that decide it.
fn classify(run: &FinishedRun) -> (LearningState, Option<&ReadOutEvaluation>, Option<Estimate>) {
    let all = &run.evaluation.read_outs;
    let names: Vec<_> = all.iter().map(|measured| measured.read_out).collect();
    let mapped = choose_map_read_out(&names)
        .filter(|_| !run.record.is_external())
        .and_then(|read_out| run.read_out(read_out));
    // The first read-out of an external model is its own score, if it has one.
    let Some(measured) = mapped.or(all.first()) else {
        return (LearningState::Undecided, None, None);
    };
    let estimate = measured.validation.get(Metric::BalancedAccuracy);
    let state = match estimate {
        _ if measured.score_sd.is_constant() => LearningState::Undecided,
        None => LearningState::Undecided,
        Some(accuracy) if accuracy.low > CHANCE => LearningState::Learned,
        Some(accuracy) if accuracy.high >= HALF_WAY => LearningState::Undecided,
        Some(_) => LearningState::AtChance,
    };
    (state, Some(measured), estimate)
}
