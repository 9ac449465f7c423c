//! How many seeds a difference between two losses needs: for the reader's own study.

use nodule_eval::ReadOut;
use nodule_eval::statistics::{mean_sd, pairs_needed};
use nodule_study::settings::{Arm, Endpoint};

use super::Runs;
use super::endpoint::compared;
use super::evidence::differences;
use crate::Error;

/// Of a two-sided paired t test.
const LEVEL: f64 = 0.05;
const POWER: f64 = 0.8;
/// Differences that seeds are counted for, in each endpoint's unit.
pub const DIFFERENCES: [f64; 4] = [0.01, 0.02, 0.05, 0.1];
/// Fewer pairs tell next to nothing of their standard deviation.
const FEWEST_PAIRS: usize = 3;

/// How paired differences of one number vary over seeds.
pub struct PairedSd {
    pub train: String,
    /// The two losses.
    pub losses: String,
    /// The endpoint's title.
    pub measure: String,
    /// Standard deviation over seeds of the difference.
    pub sd: f64,
    /// Pairs behind it.
    pub n: usize,
    /// Seeds that each of [`DIFFERENCES`] needs; none for more than anyone trains.
    pub needed: Vec<Option<usize>>,
}

/// The first loss against every other one, under `read_out`.
pub fn paired_sds(runs: &Runs, read_out: ReadOut) -> Result<Vec<PairedSd>, Error> {
    let Some((first, others)) = runs.study.losses.split_first() else {
        return Ok(Vec::new());
    };
    let endpoints = compared(runs.all.first().copied());
    let mut rows = Vec::new();
    for train in runs.study.train_names() {
        for other in others {
            for endpoint in &endpoints {
                let [a, b] = [first, other].map(|loss| Arm {
                    loss: loss.clone(),
                    read_out,
                });
                let found = differences(runs, train, endpoint, (&a, &b));
                rows.extend(paired_sd(train, [first, other], endpoint, &found)?);
            }
        }
    }
    Ok(rows)
}

/// Seeds with which a paired test finds `difference` in 80 of 100 studies, where differences have standard
/// deviation `sd`; none for more than anyone trains.
pub fn seeds_for(difference: f64, sd: f64) -> Result<Option<usize>, Error> {
    Ok(pairs_needed(difference, sd, POWER, LEVEL)?)
}

fn paired_sd(
    train: &str,
    [first, other]: [&String; 2],
    endpoint: &Endpoint,
    found: &[f64],
) -> Result<Option<PairedSd>, Error> {
    let sd = mean_sd(found)?.and_then(|found| found.sd);
    let Some(sd) = sd.filter(|sd| *sd > 0.0 && found.len() >= FEWEST_PAIRS) else {
        return Ok(None);
    };
    let needed = DIFFERENCES.map(|d| seeds_for(d, sd));
    Ok(Some(PairedSd {
        train: train.to_owned(),
        losses: format!("{first}, {other}"),
        measure: endpoint.title(),
        sd,
        n: found.len(),
        needed: needed.into_iter().collect::<Result<_, _>>()?,
    }))
}
