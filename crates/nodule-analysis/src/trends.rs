//! Trends: how the difference of a claim changes per doubling of a setting, seed by seed.

use nodule_eval::statistics::holm;
use nodule_seed::derive;
use nodule_study::Study;
use nodule_study::claims::{Contrast, Evidence, Hypothesis, mean_evidence};
use nodule_study::settings::Trend;

use crate::Error;
use crate::least_squares::fit_line;
use crate::ruling::Ruling;
use crate::run_coverage::count_runs;
use crate::sweep::Sweep;
use crate::variants::VariantRuns;
use crate::verdicts::decide;

/// A judged trend.
pub struct TrendVerdict<'a> {
    /// The trend.
    pub trend: &'a Trend,
    /// Description of the slope, with its unit.
    pub measure: String,
    /// The slope.
    pub evidence: Evidence,
    /// The p corrected by Holm over the trends of the study.
    pub p_holm: f64,
    /// The verdict.
    pub ruling: Ruling,
}

/// Judges every trend of the study. A seed counts if it has both losses at every value of the setting.
///
/// # Errors
/// If a number in the record of a run is not finite.
pub fn judge_trends<'a>(
    study: &'a Study,
    variants: &[VariantRuns],
) -> Result<Vec<TrendVerdict<'a>>, Error> {
    let mut trends = Vec::new();
    for trend in &study.trends {
        let mut claims = study.hypotheses.iter();
        let Some(claim) = claims.find(|claim| claim.id == trend.of) else {
            continue;
        };
        let sweep = Sweep::new(&trend.over, variants);
        let random_seed = derive(0, &["trend", &trend.id]);
        let evidence = mean_evidence(&slopes(&sweep, claim, study.seeds), random_seed)?;
        let none_learned = sweep
            .points
            .iter()
            .all(|(_, runs)| count_runs(claim, runs).has_none_learned());
        trends.push((trend, claim, evidence, none_learned));
    }
    let p: Vec<f64> = trends
        .iter()
        .map(|(_, _, evidence, _)| evidence.p.unwrap_or(1.0))
        .collect();
    let judged = trends.into_iter().zip(holm(&p)?);
    Ok(judged
        .map(|((trend, claim, evidence, none_learned), p_holm)| {
            let measure = claim.contrast.kind().measure();
            TrendVerdict {
                trend,
                measure: format!("{measure}, per doubling of {}", trend.over),
                ruling: decide(
                    &evidence,
                    none_learned,
                    p_holm,
                    (trend.smallest_effect, trend.direction),
                ),
                evidence,
                p_holm,
            }
        })
        .collect())
}

/// Returns one slope per seed: least squares of the difference on the base-2 logarithm of the setting.
fn slopes(sweep: &Sweep, claim: &Hypothesis, seeds: usize) -> Vec<f64> {
    let Contrast::PairedDifference(pair) = &claim.contrast else {
        return Vec::new();
    };
    let slope = |seed: usize| {
        let points = sweep
            .points
            .iter()
            .map(|(value, runs)| {
                let difference = pair.difference(&runs.claim_runs(&claim.train), seed)?;
                Some((value.log2(), difference))
            })
            .collect::<Option<Vec<_>>>()?;
        Some(fit_line(&points)?.0)
    };
    (0..seeds).filter_map(slope).collect()
}
