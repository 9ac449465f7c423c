//! Equivalence: whether the effect of a claim is smaller than the smallest effect size of interest (SESOI).

use nodule_eval::statistics::{equivalence_power, equivalence_test, mean_sd};
use nodule_study::claims::Hypothesis;

use crate::{Error, Runs};

/// Level of each of the two one-sided tests.
const LEVEL: f64 = 0.05;

/// Test that an effect lies between minus and plus the SESOI.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Equivalence {
    /// The p of the two one-sided t tests over seeds.
    pub p: f64,
    /// Probability that as many seeds with this standard deviation find equivalence at the level 0.05, if the true effect
    /// is 0.
    pub power: f64,
}

/// Tests the equivalence of a claim. `None` for correlations over runs, and if the values do not vary over seeds.
pub(crate) fn test_equivalence(
    claim: &Hypothesis,
    runs: &Runs,
) -> Result<Option<Equivalence>, Error> {
    let kind = claim.contrast.kind();
    if !kind.is_mean_over_seeds() {
        return Ok(None);
    }
    let values = kind.seed_values(&runs.claim_runs(&claim.train))?;
    let values: Vec<f64> = values.into_iter().map(|(_, value)| value).collect();
    let margin = claim.smallest_effect;
    let Some(p) = equivalence_test(&values, margin)? else {
        return Ok(None);
    };
    let sd = mean_sd(&values)?.and_then(|found| found.sd);
    let power = |sd: f64| equivalence_power(margin / sd, values.len(), LEVEL);
    let power = sd.map(power).transpose()?;
    Ok(power.map(|power| Equivalence { p, power }))
}
