//! Verdicts: each declared claim judged over paired runs.
//!
//! The unit is the run, and runs are paired by seed. A claim is *supported* if its p, corrected by
//! Holm over all claims of the study, is below 0.05 and its 95% interval excludes 0; *not
//! supported* if the interval lies within the smallest effect of interest on both sides of 0;
//! *inconclusive* otherwise, and always with fewer than 6 seeds. All *ours*.

use nodule_eval::statistics::{Interval, holm};
use nodule_study::Study;
use nodule_study::records::FinishedRun;
use nodule_study::settings::Hypothesis;
use nodule_study::text::p_value;

use super::Runs;
use super::claim_words::measure;
use super::evidence::{Evidence, evidence};
use super::ruling::Ruling;
use crate::Error;

const LEVEL: f64 = 0.05;
/// Fewer seeds decide nothing: no two-sided sign-flip test of five pairs reaches a p of 0.05
/// (2 / 2^5 is 0.0625), and a bootstrap of five is too narrow.
pub(crate) const FEWEST_SEEDS: usize = 6;

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
}

/// Judges every claim of `study` over the finished `runs` of its grid, in the study's order.
///
/// # Errors
/// If a number in a run's record cannot be judged: one that is not finite.
pub fn judge(study: &Study, runs: &[FinishedRun]) -> Result<Vec<Verdict>, Error> {
    judge_claims(&study.hypotheses, &Runs::new(study, runs))
}

/// Judges these claims, corrected over all of them.
pub(crate) fn judge_claims(claims: &[Hypothesis], runs: &Runs) -> Result<Vec<Verdict>, Error> {
    let evidence = claims.iter().map(|claim| evidence(claim, runs));
    let evidence = evidence.collect::<Result<Vec<_>, _>>()?;
    // A claim without runs cannot be rejected: it counts with p = 1.
    let p: Vec<f64> = evidence.iter().map(|e| e.p.unwrap_or(1.0)).collect();
    let verdict = |((claim, e), p): ((&Hypothesis, Evidence), f64)| Verdict {
        id: claim.id.clone(),
        claim: claim.claim.clone(),
        measure: measure(&claim.contrast),
        ruling: rule(&e, p, claim.smallest_effect),
        effect: e.effect,
        standardised: e.standardised,
        interval: e.interval,
        p: e.p,
        p_holm: e.p.map(|_| p),
        n: e.n,
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
                    p_value(p),
                    v.n
                )
            }
            _ => "too few finished runs".to_owned(),
        };
        format!(
            "{:<4} {:<13} {numbers}\n     {}\n     ({})",
            v.id,
            v.ruling.text(),
            v.claim,
            v.measure
        )
    };
    verdicts.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn rule(evidence: &Evidence, p_holm: f64, smallest: f64) -> Ruling {
    let Some(Interval { low, high }) = evidence.interval else {
        return Ruling::Inconclusive;
    };
    if evidence.n < FEWEST_SEEDS {
        Ruling::Inconclusive
    } else if p_holm < LEVEL && (low > 0.0 || high < 0.0) {
        Ruling::Supported
    } else if -smallest < low && high < smallest {
        Ruling::NotSupported
    } else {
        Ruling::Inconclusive
    }
}
