//! Verdicts: each declared claim judged over paired runs.
//!
//! The unit is the run. A claim is *supported* if its p, corrected by Holm over all claims of the
//! study, is below 0.05 and its 95% interval excludes 0; *not supported* if the interval lies
//! within the smallest effect of interest on both sides of 0; *inconclusive* otherwise. All *ours*.

use nodule_eval::{
    Interval, ReadOut, bootstrap_mean, holm, kendall, percentile, sign_flip_test, spearman,
};
use nodule_seed::{derive, stream};

use crate::record::FinishedRun;
use crate::settings::{Arm, Contrast, Endpoint, Hypothesis, Study};

/// Resamples behind an interval, and random permutations behind a p that is not exact.
const RESAMPLES: usize = 10_000;
const LEVEL: f64 = 0.05;
/// Below this many pairs no two-sided sign-flip test can reach a p of 0.05: 2 / 2^5 is 0.0625.
pub(crate) const FEWEST_PAIRS: usize = 6;

/// What the runs say of a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ruling {
    /// The effect is there.
    Supported,
    /// An effect as large as the smallest one of interest is ruled out.
    NotSupported,
    /// Neither.
    Inconclusive,
}

impl Ruling {
    /// As tables spell it.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Supported => "supported",
            Self::NotSupported => "not supported",
            Self::Inconclusive => "inconclusive",
        }
    }
}

/// A judged claim.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// Its short name.
    pub id: String,
    /// The claim.
    pub claim: String,
    /// The effect, in the unit of the contrast; none where too few runs are finished.
    pub effect: Option<f64>,
    /// 95% interval over seeds.
    pub interval: Option<Interval>,
    /// Two-sided p.
    pub p: Option<f64>,
    /// The same, corrected over the study's claims.
    pub p_holm: Option<f64>,
    /// Seeds behind it.
    pub n: usize,
    /// The verdict.
    pub ruling: Ruling,
}

/// Judges every claim of `study` over the finished `runs`.
#[must_use]
pub fn judge(study: &Study, runs: &[FinishedRun]) -> Vec<Verdict> {
    let evidence: Vec<_> = study
        .hypotheses
        .iter()
        .map(|h| weigh(study, h, runs))
        .collect();
    // A claim without runs cannot be rejected: it counts with p = 1.
    let p: Vec<f64> = evidence.iter().map(|e| e.p.unwrap_or(1.0)).collect();
    let corrected = holm(&p);
    let verdict = |((h, e), p): ((&Hypothesis, Evidence), f64)| Verdict {
        id: h.id.clone(),
        claim: h.claim.clone(),
        ruling: rule(&e, p, h.smallest_effect),
        effect: e.effect,
        interval: e.interval,
        p: e.p,
        p_holm: e.p.map(|_| p),
        n: e.n,
    };
    study
        .hypotheses
        .iter()
        .zip(evidence)
        .zip(corrected)
        .map(verdict)
        .collect()
}

/// The verdicts for a terminal: one line a claim.
#[must_use]
pub fn verdict_lines(verdicts: &[Verdict]) -> String {
    let line = |v: &Verdict| {
        let numbers = match (v.effect, v.interval, v.p_holm) {
            (Some(effect), Some(i), Some(p)) => {
                format!(
                    "{effect:+.3} [{:+.3}, {:+.3}], p {p:.4}, n {}",
                    i.low, i.high, v.n
                )
            }
            _ => "too few finished runs".to_owned(),
        };
        format!(
            "{:<4} {:<13} {numbers}\n     {}",
            v.id,
            v.ruling.text(),
            v.claim
        )
    };
    verdicts.iter().map(line).collect::<Vec<_>>().join("\n")
}

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

struct Evidence {
    effect: Option<f64>,
    interval: Option<Interval>,
    p: Option<f64>,
    n: usize,
}

fn weigh(study: &Study, hypothesis: &Hypothesis, runs: &[FinishedRun]) -> Evidence {
    let runs: Vec<_> = runs
        .iter()
        .filter(|run| run.record.train == hypothesis.train)
        .collect();
    let seed = derive(0, &["hypothesis", &hypothesis.id]);
    match &hypothesis.contrast {
        Contrast::PairedDifference { endpoint, a, b } => {
            let differences = (0..study.seeds).filter_map(|s| difference(&runs, endpoint, a, b, s));
            of_mean(&differences.collect::<Vec<_>>(), seed)
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
        interval: bootstrap_mean(values, RESAMPLES, seed),
        p: sign_flip_test(values),
        n,
    }
}

/// Spearman's correlation over all runs. Runs of one seed share their data, so whole seeds are
/// resampled, and outcomes are permuted within seeds.
fn of_correlation(groups: &[Vec<(f64, f64)>], seed: u64) -> Evidence {
    let correlation = |groups: &mut dyn Iterator<Item = &Vec<(f64, f64)>>| {
        let (x, y): (Vec<_>, Vec<_>) = groups.flatten().copied().unzip();
        spearman(&x, &y)
    };
    let effect = correlation(&mut groups.iter());
    let mut random = stream(seed);
    let mut drawn: Vec<f64> = (0..RESAMPLES)
        .filter_map(|_| {
            let picks: Vec<_> = groups
                .iter()
                .map(|_| random.below(groups.len() as u64) as usize)
                .collect();
            correlation(&mut picks.iter().map(|i| &groups[*i]))
        })
        .collect();
    drawn.sort_by(f64::total_cmp);
    let p = effect.map(|observed| {
        let mut permuted = groups.to_vec();
        let mut extreme = 1;
        for _ in 0..RESAMPLES {
            permuted
                .iter_mut()
                .for_each(|group| shuffle_outcomes(group, &mut random));
            let other = correlation(&mut permuted.iter()).unwrap_or(0.0);
            extreme += usize::from(other.abs() >= observed.abs() - 1e-12);
        }
        extreme as f64 / (RESAMPLES + 1) as f64
    });
    let ends = || Interval {
        low: percentile(&drawn, 0.025),
        high: percentile(&drawn, 0.975),
    };
    Evidence {
        effect,
        interval: (!drawn.is_empty()).then(ends),
        p,
        n: groups.len(),
    }
}

fn shuffle_outcomes(group: &mut [(f64, f64)], random: &mut nodule_seed::Stream) {
    let mut outcomes: Vec<f64> = group.iter().map(|(_, y)| *y).collect();
    random.shuffle(&mut outcomes);
    group
        .iter_mut()
        .zip(outcomes)
        .for_each(|(pair, y)| pair.1 = y);
}

fn rule(evidence: &Evidence, p_holm: f64, smallest: f64) -> Ruling {
    let Some(Interval { low, high }) = evidence.interval else {
        return Ruling::Inconclusive;
    };
    if p_holm < LEVEL && (low > 0.0 || high < 0.0) {
        Ruling::Supported
    } else if evidence.n >= FEWEST_PAIRS && -smallest < low && high < smallest {
        Ruling::NotSupported
    } else {
        Ruling::Inconclusive
    }
}
