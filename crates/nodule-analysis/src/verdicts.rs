//! Verdicts: each declared claim judged over paired runs.
//!
//! The unit is the run, and runs are paired by seed. A claim is *supported* if its p, corrected by
//! Holm over all claims of the study, is below 0.05 and its 95% interval excludes 0; *not
//! supported* if the interval lies within the smallest effect of interest on both sides of 0;
//! *inconclusive* otherwise, and always with fewer than 6 seeds, and where none of the runs behind it
//! learned what it was trained on. All *ours*.

use nodule_eval::statistics::{Interval, holm};
use nodule_study::Study;
use nodule_study::records::FinishedRun;
use nodule_study::settings::{FEWEST_SEEDS, Hypothesis};
use nodule_study::text::format_p_value;

use super::Runs;
use super::behind::{Behind, LearnedOnly, behind, sentence};
use super::claim_words::measure;
use super::evidence::{Evidence, evidence};
use super::ruling::Ruling;
use crate::Error;

const LEVEL: f64 = 0.05;

/// A judged claim.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// Its short name.
    pub id: String,
    /// The claim.
    pub claim: String,
    /// What the effect is, in words and with its unit.
    pub measure: String,
    /// The effect; none where too few runs are finished.
    pub effect: Option<f64>,
    /// The effect in standard deviations of the paired values over seeds (Cohen's dz); none for a
    /// correlation over runs, and where they do not vary.
    pub standardised: Option<f64>,
    /// 95% interval over seeds.
    pub interval: Option<Interval>,
    /// Two-sided p.
    pub p: Option<f64>,
    /// The same, corrected over the study's claims.
    pub p_holm: Option<f64>,
    /// Seeds behind it.
    pub n: usize,
    /// The verdict.
    pub ruling: Ruling,
    /// The smallest effect of interest, in the effect's unit.
    pub smallest_effect: f64,
    /// The runs behind it.
    pub behind: Behind,
    /// What it would be over the runs that learned; none where that is all of them, or they are
    /// controls.
    pub learned_only: Option<LearnedOnly>,
}

impl Verdict {
    /// The verdict in words: an effect that is there may be too small to matter.
    #[must_use]
    pub fn words(&self) -> String {
        match self.is_small() {
            true => format!("{}, but smaller than matters", self.ruling),
            false => self.ruling.to_string(),
        }
    }

    /// How many of the runs behind it learned, and what it would be without the others: a sentence
    /// without its end.
    #[must_use]
    pub fn runs_behind(&self) -> String {
        sentence(&self.behind, self.ruling, self.learned_only.as_ref())
    }

    /// What it is over the runs that learned.
    #[must_use]
    pub fn ruling_learned_only(&self) -> Ruling {
        self.learned_only
            .map_or(self.ruling, |learned| learned.ruling)
    }

    /// Why there is no effect, or no interval of it, in words.
    pub fn why_no_numbers(&self) -> &'static str {
        match (self.effect, self.behind.runs) {
            (None, 2..) => {
                "undefined: a number that it compares is the same in every run of a seed"
            }
            _ => "too few finished runs",
        }
    }

    /// An effect that is there, and smaller than the smallest one of interest.
    fn is_small(&self) -> bool {
        let within = |i: Interval| is_within(i, self.smallest_effect);
        self.ruling == Ruling::Supported && self.interval.is_some_and(within)
    }
}

/// Judges every claim of `study` over the finished `runs` of its grid, in the study's order.
///
/// # Errors
/// If a number in a run's record cannot be judged: one that is not finite.
pub fn judge(study: &Study, runs: &[FinishedRun]) -> Result<Vec<Verdict>, Error> {
    judge_claims(&study.hypotheses, &Runs::new(study, runs))
}

/// Judges these claims, corrected over all of them; and once more without the runs that did not learn,
/// where there are any.
pub fn judge_claims(claims: &[Hypothesis], runs: &Runs) -> Result<Vec<Verdict>, Error> {
    let mut verdicts = judge_once(claims, runs)?;
    if verdicts.iter().all(|v| v.behind.not_learned() == 0) {
        return Ok(verdicts);
    }
    let without = judge_once(claims, &runs.learned())?;
    for (verdict, without) in verdicts.iter_mut().zip(without) {
        let concerned = verdict.behind.not_learned() > 0;
        verdict.learned_only = concerned.then_some(LearnedOnly {
            ruling: without.ruling,
            effect: without.effect,
            interval: without.interval,
            n: without.n,
        });
    }
    Ok(verdicts)
}

/// Judges these claims, corrected over all of them.
pub fn judge_once(claims: &[Hypothesis], runs: &Runs) -> Result<Vec<Verdict>, Error> {
    let evidence = claims.iter().map(|claim| evidence(claim, runs));
    let evidence = evidence.collect::<Result<Vec<_>, _>>()?;
    // A claim without runs cannot be rejected: it counts with p = 1.
    let p: Vec<f64> = evidence.iter().map(|e| e.p.unwrap_or(1.0)).collect();
    let verdict = |((claim, e), p): ((&Hypothesis, Evidence), f64)| {
        let behind = behind(claim, runs);
        Verdict {
            id: claim.id.clone(),
            claim: claim.claim.clone(),
            measure: measure(&claim.contrast),
            ruling: rule(&e, behind.none_learned(), p, claim.smallest_effect),
            effect: e.effect,
            standardised: e.standardised,
            interval: e.interval,
            p: e.p,
            p_holm: e.p.map(|_| p),
            n: e.n,
            smallest_effect: claim.smallest_effect,
            behind,
            learned_only: None,
        }
    };
    let judged = claims.iter().zip(evidence).zip(holm(&p)?);
    Ok(judged.map(verdict).collect())
}

/// The verdicts for a terminal: a claim and its numbers, three lines each.
#[must_use]
pub fn verdict_lines(verdicts: &[Verdict]) -> String {
    let line = |v: &Verdict| {
        let numbers = match (v.effect, v.interval, v.p_holm) {
            (Some(effect), Some(i), Some(p)) => {
                format!(
                    "{effect:+.3} [{:+.3}, {:+.3}], p {}, n {}",
                    i.low,
                    i.high,
                    format_p_value(p),
                    v.n
                )
            }
            _ => v.why_no_numbers().to_owned(),
        };
        format!(
            "{:<4} {:<13} {numbers}\n     {}\n     ({}; {})",
            v.id,
            v.words(),
            v.claim,
            v.measure,
            v.runs_behind()
        )
    };
    verdicts.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// What the evidence comes to. Networks of which `none_learned` say nothing of what a loss makes them learn.
pub(super) fn rule(evidence: &Evidence, none_learned: bool, p_holm: f64, smallest: f64) -> Ruling {
    let Some(interval) = evidence.interval else {
        return Ruling::Inconclusive;
    };
    if evidence.n < FEWEST_SEEDS || none_learned {
        Ruling::Inconclusive
    } else if p_holm < LEVEL && (interval.low > 0.0 || interval.high < 0.0) {
        Ruling::Supported
    } else if is_within(interval, smallest) {
        Ruling::NotSupported
    } else {
        Ruling::Inconclusive
    }
}

/// Whether the interval lies within the smallest effect of interest on both sides of 0.
fn is_within(interval: Interval, smallest: f64) -> bool {
    -smallest < interval.low && interval.high < smallest
}
