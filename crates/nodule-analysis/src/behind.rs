//! Which runs are behind a verdict, how many of them learned, and what the verdict would be without the
//! others.

use std::fmt;

use nodule_eval::statistics::Interval;
use nodule_study::records::FinishedRun;
use nodule_study::settings::{Contrast, Hypothesis};
use nodule_study::text::format_number;

use super::Runs;
use super::evidence::whole_seeds;
use super::ruling::Ruling;
use super::state::{State, state};

/// The runs behind a verdict, by what became of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Behind {
    /// Finished runs whose numbers are in it.
    pub runs: usize,
    /// Of these, those not above chance in distribution.
    pub at_chance: usize,
    /// Of these, those that do not decide, or have too few images to tell.
    pub undecided: usize,
    /// Runs that would be behind it, had they not failed.
    pub failed: usize,
    /// Whether they were trained on labels that nothing can learn: those are expected at chance.
    pub control: bool,
}

/// A verdict over the runs that learned, for comparison: leaving runs out by what became of them is no
/// fair sample.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LearnedOnly {
    /// The verdict.
    pub ruling: Ruling,
    /// The effect; none where too few are left.
    pub effect: Option<f64>,
    /// Its 95% interval over seeds.
    pub interval: Option<Interval>,
    /// Seeds left.
    pub n: usize,
}

impl Behind {
    /// Finished runs that should have learned and did not, as far as is known.
    #[must_use]
    pub fn not_learned(&self) -> usize {
        match self.control {
            true => 0,
            false => self.at_chance + self.undecided,
        }
    }

    /// Whether there are runs that should have learned, and not one did.
    pub(super) fn none_learned(&self) -> bool {
        self.runs > 0 && self.not_learned() == self.runs
    }
}

/// The runs behind `claim`.
pub(super) fn behind(claim: &Hypothesis, runs: &Runs) -> Behind {
    let all = runs_behind(claim, runs);
    let of = |wanted: State| all.iter().filter(|run| state(run) == wanted).count();
    let failed = runs.failed.iter().filter(|run| {
        let concerned = match &claim.contrast {
            Contrast::PairedDifference { a, b, .. } => [&a.loss, &b.loss].contains(&&run.loss),
            Contrast::RankCorrelation { .. } | Contrast::OrderCarries { .. } => true,
        };
        run.train == claim.train && concerned
    });
    Behind {
        runs: all.len(),
        at_chance: of(State::AtChance),
        undecided: of(State::Undecided),
        failed: failed.count(),
        control: runs.is_control(&claim.train),
    }
}

/// Each once.
fn runs_behind<'a>(claim: &Hypothesis, runs: &Runs<'a>) -> Vec<&'a FinishedRun> {
    let train = &claim.train;
    let losses = match &claim.contrast {
        Contrast::PairedDifference { a, b, .. } if a.loss == b.loss => vec![&a.loss],
        Contrast::PairedDifference { a, b, .. } => vec![&a.loss, &b.loss],
        Contrast::RankCorrelation { .. } | Contrast::OrderCarries { .. } => {
            runs.study.losses.iter().collect()
        }
    };
    let seeds = whole_seeds(claim, runs).into_iter();
    let has = |run: &&FinishedRun| match &claim.contrast {
        Contrast::RankCorrelation { read_out, .. } => run.read_out(*read_out).is_some(),
        _ => true,
    };
    let all = seeds.flat_map(|seed| {
        losses
            .iter()
            .filter_map(move |loss| runs.one(train, loss, seed))
    });
    all.filter(has).collect()
}

/// What there is to say of the runs behind a verdict whose ruling is `ruling`, in a sentence without its
/// end.
pub(super) fn sentence(behind: &Behind, ruling: Ruling, learned: Option<&LearnedOnly>) -> String {
    let runs = behind.runs;
    let failed = match behind.failed {
        0 => String::new(),
        1 => ", and 1 that failed is missing".to_owned(),
        n => format!(", and {n} that failed are missing"),
    };
    if behind.control {
        return format!("{runs} runs, controls whose labels nothing can learn{failed}");
    }
    let not = behind.not_learned();
    if not == 0 {
        return match runs {
            0 => format!("no run is behind it{failed}"),
            _ => format!("all {runs} runs behind it learned{failed}"),
        };
    }
    let is = if not == 1 { "is" } else { "are" };
    let what = match (behind.at_chance, behind.undecided) {
        (_, 0) => format!("{is} at chance"),
        (0, _) => format!("{is} undecided"),
        (chance, undecided) => format!("did not learn ({chance} at chance, {undecided} undecided)"),
    };
    let counted = format!("{not} of {runs} runs behind it {what}{failed}");
    match learned {
        Some(without) if without.n > 0 => {
            let stays = if without.ruling == ruling {
                "still "
            } else {
                ""
            };
            format!("{counted}; without them: {stays}{without}")
        }
        _ => format!("{counted}; without them nothing is left to judge"),
    }
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
