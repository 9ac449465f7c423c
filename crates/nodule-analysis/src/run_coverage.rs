//! Run coverage of a verdict: how many runs enter it, how many of them learned, and the verdict without the others.

use std::fmt;

use nodule_eval::statistics::Interval;
use nodule_study::claims::Hypothesis;
use nodule_study::records::FinishedRun;
use nodule_study::text::format_number;

use crate::Runs;
use crate::learning_state::{LearningState, learning_state};
use crate::ruling::Ruling;

/// The runs that enter a verdict, counted by state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RunCoverage {
    /// Finished runs whose numbers enter the verdict.
    pub runs: usize,
    /// Of these, runs at chance in distribution.
    pub at_chance: usize,
    /// Of these, runs with a constant decision, or with too few images to tell.
    pub undecided: usize,
    /// Failed runs that would have entered the verdict.
    pub failed: usize,
    /// Whether the runs are controls, trained on random labels: they are expected at chance.
    pub is_control: bool,
    /// Whether the runs are models that were trained elsewhere.
    pub external: bool,
}

/// A verdict over the runs that learned, for comparison. The selection of runs by their outcome is biased.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LearnedOnly {
    /// The verdict.
    pub ruling: Ruling,
    /// The effect; `None` if too few runs remain.
    pub effect: Option<f64>,
    /// Its 95% interval over seeds.
    pub interval: Option<Interval>,
    /// Number of seeds that remain.
    pub n: usize,
}

impl RunCoverage {
    /// Returns the number of finished runs that should have learned and did not, or are undecided.
    #[must_use]
    pub fn not_learned(&self) -> usize {
        match self.is_control {
            true => 0,
            false => self.at_chance + self.undecided,
        }
    }

    /// Returns whether runs should have learned and none of them did.
    pub(crate) fn has_none_learned(&self) -> bool {
        self.runs > 0 && self.not_learned() == self.runs
    }
}

/// Counts the runs that enter the verdict on `claim`.
pub(crate) fn count_runs(claim: &Hypothesis, runs: &Runs) -> RunCoverage {
    let kind = claim.contrast.kind();
    let trained = runs.claim_runs(&claim.train);
    let entering: Vec<&FinishedRun> = (0..runs.study.seeds)
        .flat_map(|seed| kind.evidence_runs(&trained, seed))
        .collect();
    let count = |state: LearningState| {
        entering
            .iter()
            .filter(|run| learning_state(run) == state)
            .count()
    };
    let failed = runs
        .failed
        .iter()
        .filter(|run| run.train == claim.train && kind.compares_loss(&run.loss))
        .count();
    RunCoverage {
        runs: entering.len(),
        at_chance: count(LearningState::AtChance),
        undecided: count(LearningState::Undecided),
        failed,
        is_control: runs.is_control(&claim.train),
        external: runs.external,
    }
}

/// Returns the coverage as a sentence without its full stop.
pub(crate) fn coverage_text(
    coverage: &RunCoverage,
    ruling: Ruling,
    learned: Option<&LearnedOnly>,
) -> String {
    let runs = coverage.runs;
    let failed = match coverage.failed {
        0 => String::new(),
        1 => ", 1 failed run is missing".to_owned(),
        n => format!(", {n} failed runs are missing"),
    };
    if coverage.is_control {
        let runs = count_text(coverage);
        return format!("{runs}, controls with random labels{failed}");
    }
    let not_learned = coverage.not_learned();
    if not_learned == 0 {
        return match (runs, coverage.external) {
            (0, false) => format!("no finished run{failed}"),
            (1, false) => format!("its run learned{failed}"),
            (_, false) => format!("all {runs} runs learned{failed}"),
            (0, true) => "no such model".to_owned(),
            (1, true) => "its model is better than chance".to_owned(),
            (_, true) => format!("all {runs} models are better than chance"),
        };
    }
    let verb = if not_learned == 1 { "is" } else { "are" };
    let states = match (coverage.at_chance, coverage.undecided) {
        (_, 0) => format!("{verb} at chance"),
        (0, _) => format!("{verb} undecided"),
        (chance, undecided) => {
            let states = match coverage.external {
                true => "are not better than chance",
                false => "did not learn",
            };
            format!("{states} ({chance} at chance, {undecided} undecided)")
        }
    };
    let counted = format!("{not_learned} of {} {states}{failed}", count_text(coverage));
    match learned {
        Some(without) if without.n > 0 => {
            let still = if without.ruling == ruling {
                "still "
            } else {
                ""
            };
            format!("{counted}; without them: {still}{without}")
        }
        _ => format!("{counted}; without them, no seed remains"),
    }
}

fn count_text(coverage: &RunCoverage) -> String {
    let noun = if coverage.external { "model" } else { "run" };
    let plural = if coverage.runs == 1 { "" } else { "s" };
    format!("{} {noun}{plural}", coverage.runs)
}

impl fmt::Display for LearnedOnly {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.ruling)?;
        if let Some(effect) = self.effect {
            write!(f, ", {}", format_number(effect))?;
        }
        if let Some(Interval { low, high }) = self.interval {
            write!(f, " [{}, {}]", format_number(low), format_number(high))?;
        }
        let plural = if self.n == 1 { "" } else { "s" };
        write!(f, ", {} seed{plural}", self.n)
    }
}
