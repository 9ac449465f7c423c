//! Feasibility: warnings about claims that the planned seeds or losses cannot decide.

use super::Hypothesis;

/// Fewest seeds that can decide a claim: no two-sided sign-flip test of five pairs reaches a p of 0.05 (2 / 2^5 is
/// 0.0625), and a bootstrap of five is too narrow.
pub const MIN_SEEDS: usize = 6;
const LEVEL: f64 = 0.05;

/// Returns a sentence for each way in which `seeds` and `losses` are too few for `claims`.
#[must_use]
pub fn feasibility_warnings(claims: &[Hypothesis], seeds: usize, losses: usize) -> Vec<String> {
    let coarse = claims.iter().filter_map(|claim| {
        let warning = claim.contrast.kind().warn(losses)?;
        Some(format!("hypothesis {}: {warning}", claim.id))
    });
    warn_of_few_seeds(claims, seeds)
        .into_iter()
        .chain(coarse)
        .collect()
}

fn warn_of_few_seeds(claims: &[Hypothesis], seeds: usize) -> Option<String> {
    let list_ids = |claims: Vec<&Hypothesis>| {
        let ids: Vec<_> = claims.iter().map(|claim| claim.id.as_str()).collect();
        (!ids.is_empty()).then(|| ids.join(", "))
    };
    if seeds < MIN_SEEDS {
        let ids = list_ids(claims.iter().collect())?;
        return Some(format!(
            "seeds = {seeds}: too few to decide {ids}; no paired test of fewer than {MIN_SEEDS} seeds reaches p = {LEVEL}, so they end inconclusive"
        ));
    }
    // A correlation over all runs has more permutations than a mean over seeds has sign flips.
    let over_seeds = claims
        .iter()
        .filter(|claim| claim.contrast.kind().is_mean_over_seeds());
    let ids = list_ids(over_seeds.collect())?;
    let smallest_p = |seeds: usize| claims.len() as f64 * 2f64.powi(1 - seeds.min(60) as i32);
    if smallest_p(seeds) < LEVEL {
        return None;
    }
    let enough = (seeds..=60).find(|n| smallest_p(*n) < LEVEL)?;
    Some(format!(
        "seeds = {seeds}: may be too few for {ids}; Holm over {} claims can raise the smallest p of a paired test to {:.3}, and {enough} seeds bring it below {LEVEL}",
        claims.len(),
        smallest_p(seeds).min(1.0)
    ))
}
