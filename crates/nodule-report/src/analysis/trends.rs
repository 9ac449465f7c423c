//! Does the difference that a claim is about change with a setting? Its slope over doublings, seed by seed.

use nodule_eval::statistics::holm;
use nodule_seed::derive;
use nodule_study::Study;
use nodule_study::settings::{Contrast, Hypothesis, Trend};

use super::behind::behind;
use super::claim_words::measure;
use super::evidence::{Evidence, difference, of_mean};
use super::ruling::Ruling;
use super::sweep::{Sweep, sweep};
use super::variants::VariantRuns;
use super::verdicts::rule;
use crate::Error;

/// A judged trend.
pub(crate) struct TrendVerdict<'a> {
    pub(crate) trend: &'a Trend,
    /// What the slope is, with its unit.
    pub(crate) measure: String,
    pub(crate) evidence: Evidence,
    /// Corrected over the study's trends.
    pub(crate) p_holm: f64,
    pub(crate) ruling: Ruling,
}

/// Every trend of the study. A seed counts that has both losses at every value of the setting.
pub(crate) fn judge_trends<'a>(
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
        slope(&points.collect::<Option<Vec<_>>>()?)
    };
    (0..seeds).filter_map(of_seed).collect()
}

/// None for fewer than two places.
fn slope(points: &[(f64, f64)]) -> Option<f64> {
    let n = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let along: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let squares: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    (squares > 0.0).then(|| along / squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slope_is_for_each_doubling() {
        let at = |n: f64, y| (n.log2(), y);
        let found = slope(&[at(256.0, 0.1), at(512.0, 0.2), at(1024.0, 0.3)]);
        assert!(found.is_some_and(|s| (s - 0.1).abs() < 1e-12), "{found:?}");
        assert_eq!(slope(&[at(256.0, 0.1)]), None);
        assert_eq!(slope(&[]), None);
        // numpy.polyfit([8, 9, 10, 11], [0.3, 0.1, 0.4, 0.1], 1)[0] is -0.03.
        let found = slope(&[(8.0, 0.3), (9.0, 0.1), (10.0, 0.4), (11.0, 0.1)]);
        assert!(found.is_some_and(|s| (s + 0.03).abs() < 1e-12), "{found:?}");
    }
}
