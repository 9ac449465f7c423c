//! Pooling: the effect of one claim over several studies, by a random-effects model.
//!
//! A study's effect is its mean over seeds, with the standard error over seeds. Studies with the same root seed share
//! images, weights and order, so their errors are not independent; the number of roots says how many are.

use std::collections::BTreeSet;

use nodule_eval::statistics::{PooledEffect, mean_sd, pool_effects};
use nodule_study::claims::Hypothesis;

use crate::replication::{run_ids, seed_values};
use crate::{Error, Runs};

/// Effect of a claim over several studies.
#[derive(Debug, Clone, PartialEq)]
pub struct PooledClaim {
    /// The effect over studies.
    pub effect: PooledEffect,
    /// Positions of the studies that enter it.
    pub studies: Vec<usize>,
    /// Number of different root seeds among them.
    pub roots: usize,
}

/// Pools the claim with this id over the studies that declare it with the same contrast and training set as the first of
/// them. `None` with fewer than two such studies.
///
/// A study with fewer than two seeds, without variation, or with the same runs as an earlier one does not enter.
///
/// # Errors
/// If a number in the record of a run is not finite.
pub fn pool_claim(id: &str, studies: &[Runs]) -> Result<Option<PooledClaim>, Error> {
    let mut first: Option<&Hypothesis> = None;
    let mut seen: Vec<BTreeSet<String>> = Vec::new();
    let (mut members, mut effects, mut errors) = (Vec::new(), Vec::new(), Vec::new());
    for (i, runs) in studies.iter().enumerate() {
        let mut claims = runs.study.hypotheses.iter();
        let Some(claim) = claims.find(|claim| claim.id == id) else {
            continue;
        };
        let reference = *first.get_or_insert(claim);
        let is_same = (&claim.contrast, &claim.train) == (&reference.contrast, &reference.train);
        if !is_same || !claim.contrast.kind().is_mean_over_seeds() {
            continue;
        }
        let ids = run_ids(claim, runs);
        if seen
            .iter()
            .any(|other| ids.is_subset(other) || other.is_subset(&ids))
        {
            continue;
        }
        let values: Vec<f64> = seed_values(claim, runs)?
            .into_iter()
            .map(|(_, value)| value)
            .collect();
        let Some(found) = mean_sd(&values)? else {
            continue;
        };
        if let Some(sd) = found.sd.filter(|sd| *sd > 0.0) {
            seen.push(ids);
            members.push(i);
            effects.push(found.mean);
            errors.push(sd / (values.len() as f64).sqrt());
        }
    }
    if members.len() < 2 {
        return Ok(None);
    }
    let roots: BTreeSet<_> = members
        .iter()
        .map(|i| studies[*i].study.root_seed)
        .collect();
    Ok(Some(PooledClaim {
        effect: pool_effects(&effects, &errors)?,
        studies: members,
        roots: roots.len(),
    }))
}
