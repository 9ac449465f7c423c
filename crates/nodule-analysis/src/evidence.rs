//! The evidence for one claim: effect, interval over seeds, and p.

use nodule_eval::ReadOut;
use nodule_eval::statistics::{Interval, bootstrap_mean, cohen_dz, kendall, sign_flip_test};
use nodule_seed::{Stream, derive, stream};
use nodule_study::settings::{Arm, Contrast, Endpoint, Hypothesis};

use super::Runs;
use super::endpoint::value;
use super::intervals::{correlation, correlation_interval, mean};
use crate::Error;

/// Resamples behind an interval, and random permutations behind a p that is not exact.
pub(super) const RESAMPLES: usize = 10_000;

/// What the finished runs say of one claim.
#[derive(Debug)]
pub struct Evidence {
    pub effect: Option<f64>,
    /// The effect in standard deviations of its paired values, where it is a mean of such.
    pub standardised: Option<f64>,
    pub interval: Option<Interval>,
    pub p: Option<f64>,
    /// Seeds.
    pub n: usize,
}

/// Of one claim, over the runs of its training distribution.
pub(super) fn evidence(claim: &Hypothesis, runs: &Runs) -> Result<Evidence, Error> {
    let seed = derive(0, &["hypothesis", &claim.id]);
    match &claim.contrast {
        Contrast::PairedDifference { .. } | Contrast::OrderCarries { .. } => {
            let values = values_of_seeds(claim, runs)?.unwrap_or_default();
            of_mean(&values.iter().map(|(_, v)| *v).collect::<Vec<_>>(), seed)
        }
        Contrast::RankCorrelation { x, y, read_out } => {
            let seeds = 0..runs.study.seeds;
            let groups = seeds.map(|s| values_of_seed(runs, &claim.train, (x, y), *read_out, s));
            of_correlation(&groups.filter(|g| !g.is_empty()).collect::<Vec<_>>(), seed)
        }
    }
}

/// What a claim about a mean is the mean of: a number for each seed that has all of what it compares, with the
/// seed. None for a claim about a correlation over runs, of which a single seed has none.
pub(super) fn values_of_seeds(
    claim: &Hypothesis,
    runs: &Runs,
) -> Result<Option<Vec<(usize, f64)>>, Error> {
    let train = &claim.train;
    let seeds = 0..runs.study.seeds;
    let of_seed = |seed: usize| -> Result<Option<(usize, f64)>, Error> {
        let value = match &claim.contrast {
            Contrast::PairedDifference { endpoint, a, b } => {
                difference(runs, train, endpoint, (a, b), seed)
            }
            Contrast::OrderCarries { from, to, read_out } => {
                let values = values_of_seed(runs, train, (from, to), *read_out, seed);
                // An order is of all losses: a seed with a run missing has none yet.
                if values.len() != runs.study.losses.len() {
                    return Ok(None);
                }
                let (x, y): (Vec<_>, Vec<_>) = values.into_iter().unzip();
                kendall(&x, &y)?
            }
            Contrast::RankCorrelation { .. } => None,
        };
        Ok(value.map(|value| (seed, value)))
    };
    if matches!(claim.contrast, Contrast::RankCorrelation { .. }) {
        return Ok(None);
    }
    let values = seeds.map(of_seed).collect::<Result<Vec<_>, _>>()?;
    Ok(Some(values.into_iter().flatten().collect()))
}

/// The seeds that are in the evidence for `claim`: those that have all of what it compares.
pub(super) fn whole_seeds(claim: &Hypothesis, runs: &Runs) -> Vec<usize> {
    let train = &claim.train;
    let is_whole = |seed: &usize| match &claim.contrast {
        Contrast::PairedDifference { endpoint, a, b } => [a, b].iter().all(|arm| {
            let run = runs.one(train, &arm.loss, *seed);
            run.is_some_and(|run| value(run, endpoint, arm.read_out).is_some())
        }),
        Contrast::OrderCarries { from, to, read_out } => {
            let values = values_of_seed(runs, train, (from, to), *read_out, *seed);
            values.len() == runs.study.losses.len()
        }
        Contrast::RankCorrelation { x, y, read_out } => {
            !values_of_seed(runs, train, (x, y), *read_out, *seed).is_empty()
        }
    };
    (0..runs.study.seeds).filter(is_whole).collect()
}

/// One arm minus the other for each seed that has both, in runs trained on `train`.
pub(super) fn differences(
    runs: &Runs,
    train: &str,
    endpoint: &Endpoint,
    (a, b): (&Arm, &Arm),
) -> Vec<f64> {
    let of_seed = |seed| difference(runs, train, endpoint, (a, b), seed);
    (0..runs.study.seeds).filter_map(of_seed).collect()
}

/// One arm minus the other in one seed, if it has both.
pub(super) fn difference(
    runs: &Runs,
    train: &str,
    endpoint: &Endpoint,
    (a, b): (&Arm, &Arm),
    seed: usize,
) -> Option<f64> {
    let of = |arm: &Arm| value(runs.one(train, &arm.loss, seed)?, endpoint, arm.read_out);
    Some(of(a)? - of(b)?)
}

/// Both endpoints of every run of one seed.
fn values_of_seed(
    runs: &Runs,
    train: &str,
    (x, y): (&Endpoint, &Endpoint),
    read_out: ReadOut,
    seed: usize,
) -> Vec<(f64, f64)> {
    let of_seed = runs.of_train(train).filter(|run| run.record.seed == seed);
    of_seed
        .filter_map(|run| value(run, x, read_out).zip(value(run, y, read_out)))
        .collect()
}

/// A mean over seeds: percentile bootstrap and sign-flip test.
pub(super) fn of_mean(values: &[f64], seed: u64) -> Result<Evidence, Error> {
    let n = values.len();
    Ok(Evidence {
        effect: (n > 0).then(|| mean(values)),
        standardised: cohen_dz(values)?,
        interval: bootstrap_mean(values, RESAMPLES, seed)?,
        p: sign_flip_test(values)?,
        n,
    })
}

/// Spearman's correlation over all runs. Runs of one seed share their data, so whole seeds are
/// resampled, and outcomes are permuted within seeds.
fn of_correlation(groups: &[Vec<(f64, f64)>], seed: u64) -> Result<Evidence, Error> {
    let mut random = stream(seed);
    let (effect, interval) = correlation_interval(groups, RESAMPLES, &mut random)?;
    let p = effect.map(|observed| permutation_p(groups, observed, &mut random));
    Ok(Evidence {
        effect,
        standardised: None,
        interval,
        p: p.transpose()?,
        n: groups.len(),
    })
}

/// Two-sided; the observed order is counted in.
fn permutation_p(
    groups: &[Vec<(f64, f64)>],
    observed: f64,
    random: &mut Stream,
) -> Result<f64, Error> {
    let mut permuted = groups.to_vec();
    let mut extreme = 1;
    for _ in 0..RESAMPLES {
        for group in &mut permuted {
            shuffle_outcomes(group, random);
        }
        let other = correlation(permuted.iter())?.unwrap_or(0.0);
        extreme += usize::from(other.abs() >= observed.abs() - 1e-12);
    }
    Ok(extreme as f64 / (RESAMPLES + 1) as f64)
}

fn shuffle_outcomes(group: &mut [(f64, f64)], random: &mut Stream) {
    let mut outcomes: Vec<f64> = group.iter().map(|(_, y)| *y).collect();
    random.shuffle(&mut outcomes);
    group
        .iter_mut()
        .zip(outcomes)
        .for_each(|(pair, y)| pair.1 = y);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Three runs in each of 12 seeds.
    fn groups(pair: impl Fn(f64, f64) -> (f64, f64)) -> Vec<Vec<(f64, f64)>> {
        let seed = |s: i32| (0..3).map(|l| pair(f64::from(s), f64::from(l))).collect();
        (0..12).map(seed).collect()
    }

    #[test]
    fn a_correlation_within_seeds_is_found() {
        let found = of_correlation(&groups(|s, l| (l + 0.01 * s, 2.0 * l + 0.01 * s)), 1).unwrap();
        assert!(
            found.effect > Some(0.9) && found.p < Some(0.001),
            "{:?}",
            found.p
        );
        assert!(found.interval.is_some_and(|i| i.low > 0.8));
        assert_eq!(found.n, 12);
    }

    #[test]
    fn what_only_the_data_of_a_seed_moves_is_no_evidence() {
        // Easy data raise both numbers of all three losses; the losses themselves disagree.
        let order = |s: f64, l: f64| if s % 2.0 == 0.0 { l } else { 2.0 - l };
        let found =
            of_correlation(&groups(|s, l| (10.0 * s + l, 10.0 * s + order(s, l))), 1).unwrap();
        assert!(found.effect > Some(0.9), "{:?}", found.effect);
        assert!(found.p > Some(0.05), "{:?}", found.p);
    }

    #[test]
    fn a_constant_has_no_correlation() {
        let found = of_correlation(&groups(|_, l| (l, 1.0)), 1).unwrap();
        assert_eq!((found.effect, found.p, found.interval), (None, None, None));
        assert_eq!(of_correlation(&[], 1).unwrap().effect, None);
    }
}
