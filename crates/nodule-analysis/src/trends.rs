//! Does the difference that a claim is about change with a setting? Its slope over doublings, seed by seed.

use nodule_eval::statistics::holm;
use nodule_seed::derive;
use nodule_study::Study;
use nodule_study::settings::{Contrast, Hypothesis, Trend};

use super::behind::behind;
use super::claim_words::measure;
use super::evidence::{Evidence, difference, of_mean};
use super::line::line;
use super::ruling::Ruling;
use super::sweep::{Sweep, sweep};
use super::variants::VariantRuns;
use super::verdicts::rule;
use crate::Error;

/// A judged trend.
pub struct TrendVerdict<'a> {
    pub trend: &'a Trend,
    /// What the slope is, with its unit.
    pub measure: String,
    pub evidence: Evidence,
    /// Corrected over the study's trends.
    pub p_holm: f64,
    pub ruling: Ruling,
}

/// Every trend of the study. A seed counts that has both losses at every value of the setting.
pub fn judge_trends<'a>(
    study: &'a Study,
    variants: &[VariantRuns],
) -> Result<Vec<TrendVerdict<'a>>, Error> {
    let claimed = study.trends.iter().filter_map(|trend| {
        let of = |claim: &&Hypothesis| claim.id == trend.of;
        Some((trend, study.hypotheses.iter().find(of)?))
    });
    let mut found = Vec::new();
    for (trend, claim) in claimed {
        let sweep = sweep(&trend.over, variants);
        let seed = derive(0, &["trend", &trend.id]);
        let evidence = of_mean(&slopes(&sweep, claim, study.seeds), seed)?;
        let nothing_learned = sweep
            .at
            .iter()
            .all(|(_, runs)| behind(claim, runs).none_learned());
        found.push((trend, claim, evidence, nothing_learned));
    }
    let p: Vec<f64> = found
        .iter()
        .map(|(_, _, e, _)| e.p.unwrap_or(1.0))
        .collect();
    let judged = found.into_iter().zip(holm(&p)?);
    let verdict =
        |((trend, claim, evidence, nothing), p_holm): ((&'a Trend, &Hypothesis, _, _), _)| {
            TrendVerdict {
                trend,
                measure: format!(
                    "{}, for each doubling of {}",
                    measure(&claim.contrast),
                    trend.over
                ),
                ruling: rule(&evidence, nothing, p_holm, trend.smallest_effect),
                evidence,
                p_holm,
            }
        };
    Ok(judged.map(verdict).collect())
}

/// One a seed: the least-squares slope of the difference over the logarithm to base 2 of the setting.
fn slopes(sweep: &Sweep, claim: &Hypothesis, seeds: usize) -> Vec<f64> {
    let Contrast::PairedDifference { endpoint, a, b } = &claim.contrast else {
        return Vec::new();
    };
    let of_seed = |seed: usize| {
        let points = sweep.at.iter().map(|(value, runs)| {
            let difference = difference(runs, &claim.train, endpoint, (a, b), seed)?;
            Some((value.log2(), difference))
        });
        Some(line(&points.collect::<Option<Vec<_>>>()?)?.0)
    };
    (0..seeds).filter_map(of_seed).collect()
}
