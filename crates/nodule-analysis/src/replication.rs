//! Replication: tests whether the effect of a claim differs between two studies.
//!
//! Runs with the same seeds are compared in pairs, by the sign-flip test and the bootstrap of their differences.
//! Otherwise the studies are two samples: a permutation test exchanges the values of single seeds between them, and the
//! bootstrap resamples each study by itself. *Ours*.

use std::collections::BTreeSet;

use nodule_eval::statistics::{Interval, percentile};
use nodule_seed::{Stream, derive, stream};
use nodule_study::claims::{Hypothesis, RESAMPLES, mean_evidence};
use nodule_study::records::RunSeeds;

use crate::means::mean;
use crate::{Error, Runs};

/// Difference of a claim's effect between two studies.
#[derive(Debug, Clone, PartialEq)]
pub struct Replication {
    /// Effect of the second study minus effect of the first, in the unit of the effect.
    pub difference: f64,
    /// 95% interval; `None` for a single seed.
    pub interval: Option<Interval>,
    /// Two-sided p, not corrected.
    pub p: f64,
    /// Number of seeds of the first and of the second study; both count the pairs if the seeds are paired.
    pub n: (usize, usize),
    /// Whether the seeds of the two studies are paired.
    pub is_paired: bool,
}

/// The value of one seed, with the derived seeds of its runs.
type SeedValue = (RunSeeds, f64);

/// Compares the effect of a claim in two studies. Returns the reason if no test is possible.
///
/// # Errors
/// If a number in the record of a run is not finite.
pub fn compare_effects(
    claims: (&Hypothesis, &Hypothesis),
    runs: (&Runs, &Runs),
) -> Result<Result<Replication, &'static str>, Error> {
    if (&claims.0.contrast, &claims.0.train) != (&claims.1.contrast, &claims.1.train) {
        return Ok(Err("no test: the claims differ"));
    }
    if !claims.0.contrast.kind().is_mean_over_seeds() {
        return Ok(Err(
            "no test: a correlation over runs has no value per seed",
        ));
    }
    let first = seed_values(claims.0, runs.0)?;
    let second = seed_values(claims.1, runs.1)?;
    if first.is_empty() || second.is_empty() {
        return Ok(Err("no test: too few finished runs"));
    }
    let ids = (run_ids(claims.0, runs.0), run_ids(claims.1, runs.1));
    if ids.0.is_subset(&ids.1) || ids.1.is_subset(&ids.0) {
        return Ok(Err("no test: both studies have the same runs"));
    }
    let random_seed = derive(0, &["between studies", &claims.0.id]);
    let differences: Vec<f64> = first
        .iter()
        .filter_map(|(seeds, value)| {
            let (_, other) = second.iter().find(|(others, _)| others == seeds)?;
            Some(other - value)
        })
        .collect();
    let compared = match differences.len() == first.len().min(second.len()) {
        true => compare_paired(&differences, random_seed)?,
        false => compare_unpaired(
            &values_only(&first),
            &values_only(&second),
            &mut stream(random_seed),
        )?,
    };
    Ok(Ok(compared))
}

pub(crate) fn seed_values(claim: &Hypothesis, runs: &Runs) -> Result<Vec<SeedValue>, Error> {
    let trained = runs.claim_runs(&claim.train);
    let values = claim.contrast.kind().seed_values(&trained)?;
    let with_seeds = |(seed, value): (usize, f64)| {
        // The derived seeds are the same for every loss.
        let mut runs = runs.trained_on(&claim.train);
        let run = runs.find(|run| run.record.seed == seed)?;
        Some((run.record.seeds, value))
    };
    Ok(values.into_iter().filter_map(with_seeds).collect())
}

/// Returns the ids of the runs behind the effect. Equal ids mean equal settings, seeds and numbers.
pub(crate) fn run_ids(claim: &Hypothesis, runs: &Runs) -> BTreeSet<String> {
    let trained = runs.claim_runs(&claim.train);
    let kind = claim.contrast.kind();
    let all = (0..runs.study.seeds).flat_map(|seed| kind.evidence_runs(&trained, seed));
    all.map(|run| run.record.run.clone()).collect()
}

fn values_only(values: &[SeedValue]) -> Vec<f64> {
    values.iter().map(|(_, value)| *value).collect()
}

fn compare_paired(differences: &[f64], random_seed: u64) -> Result<Replication, Error> {
    let evidence = mean_evidence(differences, random_seed)?;
    Ok(Replication {
        difference: mean(differences),
        interval: evidence.interval,
        p: evidence.p.unwrap_or(1.0),
        n: (evidence.n, evidence.n),
        is_paired: true,
    })
}

/// The observed order counts as one of the permutations, so p is never 0.
fn compare_unpaired(
    first: &[f64],
    second: &[f64],
    random: &mut Stream,
) -> Result<Replication, Error> {
    let difference = mean(second) - mean(first);
    let mut all = [first, second].concat();
    let size: f64 = all.iter().map(|value| value.abs()).sum();
    // Differences that are equal up to rounding count as equal.
    let least = difference.abs() - 1e-12 * size;
    let mut extreme = 1;
    for _ in 0..RESAMPLES {
        random.shuffle(&mut all);
        let (one, other) = all.split_at(first.len());
        extreme += usize::from((mean(other) - mean(one)).abs() >= least);
    }
    let has_interval = first.len().min(second.len()) > 1;
    let interval = has_interval.then(|| resample_difference(first, second, random));
    Ok(Replication {
        difference,
        interval: interval.transpose()?,
        p: extreme as f64 / (RESAMPLES + 1) as f64,
        n: (first.len(), second.len()),
        is_paired: false,
    })
}

/// Returns the 95% percentile interval of the difference of means.
fn resample_difference(
    first: &[f64],
    second: &[f64],
    random: &mut Stream,
) -> Result<Interval, Error> {
    let mut resampled_mean = |values: &[f64]| {
        let n = values.len();
        let draw = |_| values[random.below(n as u64) as usize];
        (0..n).map(draw).sum::<f64>() / n as f64
    };
    let mut differences: Vec<_> = (0..RESAMPLES)
        .map(|_| resampled_mean(second) - resampled_mean(first))
        .collect();
    differences.sort_by(f64::total_cmp);
    Ok(Interval {
        low: percentile(&differences, 0.025)?,
        high: percentile(&differences, 0.975)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unpaired_test_finds_a_shift_and_nothing_else() {
        let sample = |start: f64| {
            (0..10)
                .map(|i| start + f64::from(i % 5))
                .collect::<Vec<_>>()
        };
        let compare =
            |shift| compare_unpaired(&sample(0.0), &sample(shift), &mut stream(1)).unwrap();
        let shifted = compare(10.0);
        assert!((shifted.difference - 10.0).abs() < 1e-12);
        // Two of the 184,756 ways to split twenty values are as extreme.
        assert!(shifted.p < 0.001, "{}", shifted.p);
        let interval = shifted.interval.unwrap();
        assert!(8.0 < interval.low && interval.high < 12.0, "{interval:?}");
        let equal = compare(0.0);
        assert_eq!((equal.difference, equal.p), (0.0, 1.0));
        let around_zero = equal.interval.unwrap();
        assert!(around_zero.low < 0.0 && around_zero.high > 0.0);
        let single = compare_unpaired(&[1.0], &sample(0.0), &mut stream(1)).unwrap();
        assert_eq!((single.interval, single.n), (None, (1, 10)));
    }
}
