//! Is a claim's effect another one in a second study? Runs of the same seeds are compared in pairs: the sign-flip
//! test and the bootstrap of their differences. Where seeds are others, studies are two samples: effects of single
//! seeds change places between them at random, and each study is resampled by itself. *Ours*.

use nodule_eval::statistics::{Interval, percentile};
use nodule_seed::{Stream, derive, stream};
use nodule_study::records::RunSeeds;
use nodule_study::settings::Hypothesis;

use super::Runs;
use super::evidence::{RESAMPLES, of_mean, values_of_seeds};
use super::intervals::mean;
use crate::Error;

/// How far the effect in the second study is from that in the first.
#[derive(Debug, Clone, PartialEq)]
pub struct Between {
    /// Second minus first, in the effect's unit.
    pub difference: f64,
    /// 95%; none where there is no second seed.
    pub interval: Option<Interval>,
    /// Two-sided, by itself.
    pub p: f64,
    /// Seeds behind it in the first study and in the second; the same ones where they are paired.
    pub n: (usize, usize),
    /// Whether it is over pairs of the same run seeds.
    pub paired: bool,
}

/// The number of one seed, with the seeds of its runs.
type Valued = (RunSeeds, f64);

/// Of the same claim in both, or why there is no test.
pub fn between(
    claims: (&Hypothesis, &Hypothesis),
    runs: (&Runs, &Runs),
) -> Result<Result<Between, &'static str>, Error> {
    if (&claims.0.contrast, &claims.0.train) != (&claims.1.contrast, &claims.1.train) {
        return Ok(Err("no test: the claims differ"));
    }
    let both = valued(claims.0, runs.0)?.zip(valued(claims.1, runs.1)?);
    let Some((first, second)) = both else {
        return Ok(Err(
            "no test: a correlation over runs has no number of a seed",
        ));
    };
    if first.is_empty() || second.is_empty() {
        return Ok(Err("no test: too few finished runs"));
    }
    let seed = derive(0, &["between studies", &claims.0.id]);
    let pairs = first.iter().filter_map(|(seeds, value)| {
        let same = second.iter().find(|(others, _)| others == seeds);
        same.map(|(_, other)| other - value)
    });
    let pairs: Vec<_> = pairs.collect();
    let found = match pairs.len() == first.len().min(second.len()) {
        true => paired(&pairs, seed)?,
        false => unpaired(&numbers(&first), &numbers(&second), &mut stream(seed))?,
    };
    Ok(Ok(found))
}

/// None for a claim that has no number of a single seed.
fn valued(claim: &Hypothesis, runs: &Runs) -> Result<Option<Vec<Valued>>, Error> {
    let with_seeds = |(seed, value): (usize, f64)| {
        // They are the same for every loss.
        let mut of_seed = runs.of_train(&claim.train);
        let run = of_seed.find(|run| run.record.seed == seed)?;
        Some((run.record.seeds, value))
    };
    let values = values_of_seeds(claim, runs)?;
    Ok(values.map(|values| values.into_iter().filter_map(with_seeds).collect()))
}

fn numbers(values: &[Valued]) -> Vec<f64> {
    values.iter().map(|(_, value)| *value).collect()
}

fn paired(differences: &[f64], seed: u64) -> Result<Between, Error> {
    let found = of_mean(differences, seed)?;
    Ok(Between {
        difference: mean(differences),
        interval: found.interval,
        p: found.p.unwrap_or(1.0),
        n: (found.n, found.n),
        paired: true,
    })
}

/// The observed order counts among the permutations, so p is never 0.
fn unpaired(first: &[f64], second: &[f64], random: &mut Stream) -> Result<Between, Error> {
    let difference = mean(second) - mean(first);
    let mut all = [first, second].concat();
    let size: f64 = all.iter().map(|value| value.abs()).sum();
    // What is equal but for rounding counts as equal.
    let least = difference.abs() - 1e-12 * size;
    let mut extreme = 1;
    for _ in 0..RESAMPLES {
        random.shuffle(&mut all);
        let (one, other) = all.split_at(first.len());
        extreme += usize::from((mean(other) - mean(one)).abs() >= least);
    }
    let enough = first.len().min(second.len()) > 1;
    let interval = enough.then(|| resampled(first, second, random));
    Ok(Between {
        difference,
        interval: interval.transpose()?,
        p: extreme as f64 / (RESAMPLES + 1) as f64,
        n: (first.len(), second.len()),
        paired: false,
    })
}

/// 95% percentile interval of the difference of means.
fn resampled(first: &[f64], second: &[f64], random: &mut Stream) -> Result<Interval, Error> {
    let mut drawn = |values: &[f64]| {
        let n = values.len();
        let draw = |_| values[random.below(n as u64) as usize];
        (0..n).map(draw).sum::<f64>() / n as f64
    };
    let difference = |_| drawn(second) - drawn(first);
    let mut differences: Vec<_> = (0..RESAMPLES).map(difference).collect();
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
    fn two_samples_that_differ_are_told_apart_and_two_that_do_not_are_not() {
        let sample = |start: f64| {
            (0..10)
                .map(|i| start + f64::from(i % 5))
                .collect::<Vec<_>>()
        };
        let found = |shift| unpaired(&sample(0.0), &sample(shift), &mut stream(1)).unwrap();
        let apart = found(10.0);
        assert!((apart.difference - 10.0).abs() < 1e-12);
        // Of the 184,756 ways to part twenty, two are as extreme.
        assert!(apart.p < 0.001, "{}", apart.p);
        let interval = apart.interval.unwrap();
        assert!(8.0 < interval.low && interval.high < 12.0, "{interval:?}");
        let alike = found(0.0);
        assert_eq!((alike.difference, alike.p), (0.0, 1.0));
        let inside = alike.interval.unwrap();
        assert!(inside.low < 0.0 && inside.high > 0.0);
        let single = unpaired(&[1.0], &sample(0.0), &mut stream(1)).unwrap();
        assert_eq!((single.interval, single.n), (None, (1, 10)));
    }
}
