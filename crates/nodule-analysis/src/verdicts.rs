//! Verdicts on the claims of a study, over runs paired by seed.
//!
//! The unit is the run. A claim is *supported* if its p, corrected by Holm over all claims of the study, is below 0.05
//! and its 95% interval excludes 0; it is *refuted* instead if it asserts the other sign. It is *not supported* if the interval lies within the bounds of the smallest effect
//! size of interest (SESOI), on both sides of 0. Otherwise it is *inconclusive*; also with fewer than 6 seeds, and if
//! none of its runs learned its training distribution. All *ours*.

use nodule_eval::statistics::{Interval, holm};
use nodule_seed::derive;
use nodule_study::Study;
use nodule_study::claims::{Direction, Evidence, Hypothesis, MIN_SEEDS};
use nodule_study::records::FinishedRun;
use nodule_study::text::format_p_value;

use crate::equivalence::{Equivalence, test_equivalence};
use crate::ruling::Ruling;
use crate::run_coverage::{LearnedOnly, RunCoverage, count_runs, coverage_text};
use crate::{Error, Runs};

const LEVEL: f64 = 0.05;

/// A judged claim.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Verdict {
    /// Short name of the claim.
    pub id: String,
    /// The claim as a sentence.
    pub claim: String,
    /// Description of the effect, with its unit.
    pub measure: String,
    /// The effect; `None` if too few runs are finished.
    pub effect: Option<f64>,
    /// The effect in standard deviations of the paired values over seeds (Cohen's dz); `None` for a correlation over
    /// runs, and if the values do not vary.
    pub standardised: Option<f64>,
    /// 95% interval over seeds.
    pub interval: Option<Interval>,
    /// Two-sided p.
    pub p: Option<f64>,
    /// The p corrected by Holm over the claims of the study.
    pub p_holm: Option<f64>,
    /// Number of seeds.
    pub n: usize,
    /// The verdict.
    pub ruling: Ruling,
    /// The smallest effect size of interest, in the unit of the effect.
    pub smallest_effect: f64,
    /// The runs that enter it.
    pub coverage: RunCoverage,
    /// Test that the effect lies within the bounds of the smallest effect size of interest.
    pub equivalence: Option<Equivalence>,
    /// The verdict over the runs that learned; `None` if all of them did, or they are controls.
    pub learned_only: Option<LearnedOnly>,
}

impl Verdict {
    /// Returns the verdict, with a note if the effect is negligible.
    #[must_use]
    pub fn ruling_text(&self) -> String {
        match self.is_negligible() {
            true => format!("{}, but negligible (within the SESOI)", self.ruling),
            false => self.ruling.to_string(),
        }
    }

    /// Returns how many of the runs learned, and the verdict without the others: a sentence without its full stop.
    #[must_use]
    pub fn coverage_text(&self) -> String {
        coverage_text(&self.coverage, self.ruling, self.learned_only.as_ref())
    }

    /// Returns the verdict over the runs that learned.
    #[must_use]
    pub fn ruling_learned_only(&self) -> Ruling {
        self.learned_only
            .map_or(self.ruling, |learned| learned.ruling)
    }

    /// Returns why the effect or its interval is missing.
    #[must_use]
    pub fn missing_effect_reason(&self) -> &'static str {
        match (self.effect, self.coverage.runs, self.coverage.external) {
            (None, 2.., false) => "undefined: a compared number is the same in every run of a seed",
            (None, 2.., true) => {
                "undefined: a compared number is the same in every model of a seed"
            }
            (_, _, false) => "too few finished runs",
            (_, _, true) => "too few models",
        }
    }

    /// Returns whether a significant effect lies within the bounds of the smallest effect size of interest.
    fn is_negligible(&self) -> bool {
        matches!(self.ruling, Ruling::Supported | Ruling::Refuted)
            && self
                .interval
                .is_some_and(|interval| is_within(interval, self.smallest_effect))
    }
}

/// Judges every claim of `study` over the finished `runs` of its grid. Returns verdicts in the order of the study.
///
/// # Errors
/// If a number in the record of a run is not finite.
///
/// ```
/// use nodule_analysis::{Ruling, judge};
/// use nodule_study::{Registry, load_study};
///
/// let study = load_study("smoke", &Registry::default())?.study_by_name();
/// let verdicts = judge(&study, &[])?;
/// assert_eq!(verdicts.len(), study.hypotheses.len());
/// assert!(verdicts.iter().all(|verdict| verdict.ruling == Ruling::Inconclusive));
/// # Ok::<(), nodule_analysis::Error>(())
/// ```
pub fn judge(study: &Study, runs: &[FinishedRun]) -> Result<Vec<Verdict>, Error> {
    judge_claims(&study.hypotheses, &Runs::new(study, runs))
}

/// Judges `claims`, with p corrected over all of them; and again without the runs that did not learn, if there are any.
///
/// # Errors
/// As [`judge`].
pub fn judge_claims(claims: &[Hypothesis], runs: &Runs) -> Result<Vec<Verdict>, Error> {
    let mut verdicts = judge_all_runs(claims, runs)?;
    if verdicts
        .iter()
        .all(|verdict| verdict.coverage.not_learned() == 0)
    {
        return Ok(verdicts);
    }
    let learned = judge_all_runs(claims, &runs.only_learned())?;
    for (verdict, learned) in verdicts.iter_mut().zip(learned) {
        verdict.learned_only = (verdict.coverage.not_learned() > 0).then_some(LearnedOnly {
            ruling: learned.ruling,
            effect: learned.effect,
            interval: learned.interval,
            n: learned.n,
        });
    }
    Ok(verdicts)
}

/// Judges `claims` over all finished runs, with p corrected over all claims.
///
/// # Errors
/// As [`judge`].
pub fn judge_all_runs(claims: &[Hypothesis], runs: &Runs) -> Result<Vec<Verdict>, Error> {
    let evidence = claims
        .iter()
        .map(|claim| collect_evidence(claim, runs))
        .collect::<Result<Vec<_>, _>>()?;
    // A claim without runs counts with p = 1 in the correction.
    let p: Vec<f64> = evidence.iter().map(|e| e.p.unwrap_or(1.0)).collect();
    let judged = claims.iter().zip(evidence).zip(holm(&p)?);
    judged
        .map(|((claim, evidence), p_holm)| {
            let coverage = count_runs(claim, runs);
            let ruling = decide(
                &evidence,
                coverage.has_none_learned(),
                p_holm,
                (claim.smallest_effect, claim.claimed_direction()),
            );
            Ok(Verdict {
                id: claim.id.clone(),
                claim: claim.claim.clone(),
                measure: claim.contrast.kind().measure(),
                ruling,
                effect: evidence.effect,
                standardised: evidence.standardised,
                interval: evidence.interval,
                p: evidence.p,
                p_holm: evidence.p.map(|_| p_holm),
                n: evidence.n,
                smallest_effect: claim.smallest_effect,
                coverage,
                equivalence: test_equivalence(claim, runs)?,
                learned_only: None,
            })
        })
        .collect()
}

/// Returns the verdicts as text for a terminal, three lines per claim.
///
/// ```
/// use nodule_analysis::{judge, verdict_lines};
/// use nodule_study::{Registry, load_study};
///
/// let study = load_study("smoke", &Registry::default())?.study_by_name();
/// let text = verdict_lines(&judge(&study, &[])?);
/// assert_eq!(text.lines().count(), 3 * study.hypotheses.len());
/// # Ok::<(), nodule_analysis::Error>(())
/// ```
#[must_use]
pub fn verdict_lines(verdicts: &[Verdict]) -> String {
    let lines = |verdict: &Verdict| {
        let numbers = match (verdict.effect, verdict.interval, verdict.p_holm) {
            (Some(effect), Some(Interval { low, high }), Some(p)) => {
                let p = format_p_value(p);
                format!(
                    "{effect:+.3} [{low:+.3}, {high:+.3}], p {p}, n {}",
                    verdict.n
                )
            }
            _ => verdict.missing_effect_reason().to_owned(),
        };
        format!(
            "{:<4} {:<13} {numbers}\n     {}\n     ({}; {})",
            verdict.id,
            verdict.ruling_text(),
            verdict.claim,
            verdict.measure,
            verdict.coverage_text()
        )
    };
    verdicts.iter().map(lines).collect::<Vec<_>>().join("\n")
}

/// Returns the evidence for `claim`. Its id seeds the resampling, so adding a claim does not change the others.
fn collect_evidence(claim: &Hypothesis, runs: &Runs) -> Result<Evidence, Error> {
    let trained = runs.claim_runs(&claim.train);
    let evidence = claim.contrast.kind().evidence(&trained, random_seed(claim));
    Ok(evidence?)
}

/// Returns the seed of the resampling for `claim`.
pub(crate) fn random_seed(claim: &Hypothesis) -> u64 {
    derive(0, &["hypothesis", &claim.id])
}

/// Returns the verdict that follows from the evidence. If `none_learned`, the runs say nothing about their losses.
pub(crate) fn decide(
    evidence: &Evidence,
    none_learned: bool,
    p_holm: f64,
    (smallest_effect, direction): (f64, Option<Direction>),
) -> Ruling {
    let Some(interval) = evidence.interval else {
        return Ruling::Inconclusive;
    };
    if evidence.n < MIN_SEEDS || none_learned {
        Ruling::Inconclusive
    } else if p_holm < LEVEL && (interval.low > 0.0 || interval.high < 0.0) {
        match direction {
            Some(Direction::Positive) if interval.high < 0.0 => Ruling::Refuted,
            Some(Direction::Negative) if interval.low > 0.0 => Ruling::Refuted,
            _ => Ruling::Supported,
        }
    } else if is_within(interval, smallest_effect) {
        Ruling::NotSupported
    } else {
        Ruling::Inconclusive
    }
}

/// Returns whether the interval lies between minus and plus the smallest effect size of interest.
fn is_within(interval: Interval, smallest_effect: f64) -> bool {
    -smallest_effect < interval.low && interval.high < smallest_effect
}
