//! The evidence for one claim: effect, interval over seeds, and p.

use nodule_eval::{
    Interval, ReadOut, bootstrap_mean, cohen_dz, kendall, percentile, sign_flip_test, spearman,
};
use nodule_seed::{Stream, derive, stream};

use crate::record::FinishedRun;
use crate::settings::{Arm, Contrast, Endpoint, Hypothesis, Study};

/// Resamples behind an interval, and random permutations behind a p that is not exact.
const RESAMPLES: usize = 10_000;

/// An endpoint's value for one run under one read-out.
pub(crate) fn value(run: &FinishedRun, endpoint: &Endpoint, read_out: ReadOut) -> Option<f64> {
    let measured = run
        .evaluation
        .read_outs
        .iter()
        .find(|r| r.read_out == read_out)?;
    let mode = |name: &String| measured.reliance.iter().find(|m| m.mode == *name);
    let test = |name: &String| {
        measured
            .tests
            .iter()
            .find(|t| t.test == *name)
            .map(|t| &t.metrics)
    };
    match endpoint {
        Endpoint::Effect { mode: name } => Some(mode(name)?.effect),
        Endpoint::Flipped { mode: name } => Some(mode(name)?.flipped),
        Endpoint::Accuracy { test: name } => Some(test(name)?.accuracy?.value),
        Endpoint::Auroc { test: name } => Some(test(name)?.auroc?.value),
    }
}

/// What the finished runs say of one claim.
pub(super) struct Evidence {
    pub(super) effect: Option<f64>,
    /// The effect in standard deviations of its paired values, where it is a mean of such.
    pub(super) standardised: Option<f64>,
    pub(super) interval: Option<Interval>,
    pub(super) p: Option<f64>,
    /// Seeds.
    pub(super) n: usize,
}

/// Weighs one claim over the runs of its training distribution.
pub(super) fn weigh(study: &Study, hypothesis: &Hypothesis, runs: &[FinishedRun]) -> Evidence {
    let runs: Vec<_> = runs
        .iter()
        .filter(|run| run.record.train == hypothesis.train)
        .collect();
    let seed = derive(0, &["hypothesis", &hypothesis.id]);
    match &hypothesis.contrast {
        Contrast::PairedDifference { endpoint, a, b } => {
            of_mean(&paired(study, &runs, endpoint, (a, b)), seed)
        }
        Contrast::OrderCarries { from, to, read_out } => {
            let of_seed = |s: usize| {
                let values = values_of_seed(&runs, from, to, *read_out, s);
                // An order is of all losses: a seed with a run missing has none yet.
                let whole = values.len() == study.losses.len();
                let (x, y): (Vec<_>, Vec<_>) = values.into_iter().unzip();
                whole.then(|| kendall(&x, &y)).flatten()
            };
            of_mean(
                &(0..study.seeds).filter_map(of_seed).collect::<Vec<_>>(),
                seed,
            )
        }
        Contrast::RankCorrelation { x, y, read_out } => {
            let groups = (0..study.seeds).map(|s| values_of_seed(&runs, x, y, *read_out, s));
            of_correlation(&groups.filter(|g| !g.is_empty()).collect::<Vec<_>>(), seed)
        }
    }
}

/// One arm minus the other for each seed that has both, in runs trained on `train`.
pub(crate) fn differences(
    study: &Study,
    runs: &[FinishedRun],
    train: &str,
    endpoint: &Endpoint,
    arms: (&Arm, &Arm),
) -> Vec<f64> {
    let runs: Vec<_> = runs.iter().filter(|r| r.record.train == train).collect();
    paired(study, &runs, endpoint, arms)
}

fn paired(
    study: &Study,
    runs: &[&FinishedRun],
    endpoint: &Endpoint,
    (a, b): (&Arm, &Arm),
) -> Vec<f64> {
    let of_seed = |seed| difference(runs, endpoint, a, b, seed);
    (0..study.seeds).filter_map(of_seed).collect()
}

fn difference(
    runs: &[&FinishedRun],
    endpoint: &Endpoint,
    a: &Arm,
    b: &Arm,
    seed: usize,
) -> Option<f64> {
    let of = |arm: &Arm| {
        let run = runs
            .iter()
            .find(|r| r.record.loss == arm.loss && r.record.seed == seed)?;
        value(run, endpoint, arm.read_out)
    };
    Some(of(a)? - of(b)?)
}

/// Both endpoints of every run of one seed.
fn values_of_seed(
    runs: &[&FinishedRun],
    x: &Endpoint,
    y: &Endpoint,
    read_out: ReadOut,
    seed: usize,
) -> Vec<(f64, f64)> {
    let of_seed = runs.iter().filter(|run| run.record.seed == seed);
    of_seed
        .filter_map(|run| value(run, x, read_out).zip(value(run, y, read_out)))
        .collect()
}

/// A mean over seeds: percentile bootstrap and sign-flip test.
fn of_mean(values: &[f64], seed: u64) -> Evidence {
    let n = values.len();
    Evidence {
        effect: (n > 0).then(|| values.iter().sum::<f64>() / n as f64),
        standardised: cohen_dz(values),
        interval: bootstrap_mean(values, RESAMPLES, seed),
        p: sign_flip_test(values),
        n,
    }
}

/// Spearman's correlation over all runs. Runs of one seed share their data, so whole seeds are
/// resampled, and outcomes are permuted within seeds.
fn of_correlation(groups: &[Vec<(f64, f64)>], seed: u64) -> Evidence {
    let mut random = stream(seed);
    let (effect, interval) = correlation_interval(groups, RESAMPLES, &mut random);
    let p = effect.map(|observed| {
        let mut permuted = groups.to_vec();
        let mut extreme = 1;
        for _ in 0..RESAMPLES {
            permuted
                .iter_mut()
                .for_each(|group| shuffle_outcomes(group, &mut random));
            let other = correlation(permuted.iter()).unwrap_or(0.0);
            extreme += usize::from(other.abs() >= observed.abs() - 1e-12);
        }
        extreme as f64 / (RESAMPLES + 1) as f64
    });
    Evidence {
        effect,
        standardised: None,
        interval,
        p,
        n: groups.len(),
    }
}

fn correlation<'a>(groups: impl Iterator<Item = &'a Vec<(f64, f64)>>) -> Option<f64> {
    let (x, y): (Vec<_>, Vec<_>) = groups.flatten().copied().unzip();
    spearman(&x, &y)
}

/// Spearman's correlation over all pairs of all groups, and its 95% percentile interval over
/// resampled groups: one group a seed, because the runs of a seed share their data.
pub(crate) fn correlation_interval(
    groups: &[Vec<(f64, f64)>],
    resamples: usize,
    random: &mut Stream,
) -> (Option<f64>, Option<Interval>) {
    let mut draw = || {
        let pick = |_| random.below(groups.len() as u64) as usize;
        (0..groups.len()).map(pick).collect::<Vec<_>>()
    };
    let draws = (0..resamples).filter_map(|_| correlation(draw().iter().map(|i| &groups[*i])));
    let mut drawn: Vec<f64> = draws.collect();
    drawn.sort_by(f64::total_cmp);
    let ends = || Interval {
        low: percentile(&drawn, 0.025),
        high: percentile(&drawn, 0.975),
    };
    let interval = (!drawn.is_empty()).then(ends);
    (correlation(groups.iter()), interval)
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
        let found = of_correlation(&groups(|s, l| (l + 0.01 * s, 2.0 * l + 0.01 * s)), 1);
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
        let found = of_correlation(&groups(|s, l| (10.0 * s + l, 10.0 * s + order(s, l))), 1);
        assert!(found.effect > Some(0.9), "{:?}", found.effect);
        assert!(found.p > Some(0.05), "{:?}", found.p);
    }

    #[test]
    fn a_constant_has_no_correlation() {
        let found = of_correlation(&groups(|_, l| (l, 1.0)), 1);
        assert_eq!((found.effect, found.p, found.interval), (None, None, None));
        assert_eq!(of_correlation(&[], 1).effect, None);
    }
}
