//! Power analysis: standard deviation of paired differences, and the number of seeds needed to detect a difference
//! between two losses.

use nodule_eval::ReadOut;
use nodule_eval::statistics::{mean_sd, pairs_needed};
use nodule_study::claims::{Arm, Endpoint, PairedDifference};

use crate::endpoints::standard_endpoints;
use crate::{Error, Runs};

/// Level of the two-sided paired t test.
const LEVEL: f64 = 0.05;
const POWER: f64 = 0.8;
/// Differences for which seeds are counted, in the unit of each endpoint.
pub const DIFFERENCES: [f64; 4] = [0.01, 0.02, 0.05, 0.1];
/// Fewest pairs from which a standard deviation is estimated.
const MIN_PAIRS: usize = 3;

/// Standard deviation over seeds of the paired differences of one endpoint.
pub struct PairedSd {
    /// Training distribution.
    pub train: String,
    /// The two losses.
    pub losses: String,
    /// Title of the endpoint.
    pub measure: String,
    /// Standard deviation of the difference over seeds.
    pub sd: f64,
    /// Number of pairs.
    pub n: usize,
    /// Seeds for each of [`DIFFERENCES`]; `None` if the number exceeds the search limit of `pairs_needed`.
    pub needed: Vec<Option<usize>>,
}

/// Compares the first loss with every other one under `read_out`.
///
/// # Errors
/// If a number in the record of a run is not finite.
pub fn paired_sds(runs: &Runs, read_out: ReadOut) -> Result<Vec<PairedSd>, Error> {
    let Some((first, others)) = runs.study.losses.split_first() else {
        return Ok(Vec::new());
    };
    let endpoints = standard_endpoints(runs.all.first().copied());
    let mut rows = Vec::new();
    for train in runs.study.train_names() {
        let trained = runs.claim_runs(train);
        for other in others {
            for endpoint in &endpoints {
                let [a, b] = [first, other].map(|loss| Arm {
                    loss: loss.clone(),
                    read_out,
                });
                let endpoint = endpoint.clone();
                let pair = PairedDifference { endpoint, a, b };
                let differences = pair.differences(&trained);
                let losses = format!("{first}, {other}");
                rows.extend(paired_sd(train, losses, &pair.endpoint, &differences)?);
            }
        }
    }
    Ok(rows)
}

/// Returns the number of seeds with which a paired test has 80% power, if differences have standard deviation `sd`.
///
/// `None` if the number exceeds the search limit of `pairs_needed`.
///
/// # Errors
/// If a number is not finite, or `sd` is negative.
///
/// ```
/// use nodule_analysis::power::seeds_needed;
///
/// // A difference of one standard deviation needs ten seeds.
/// assert_eq!(seeds_needed(1.0, 1.0)?, Some(10));
/// assert!(seeds_needed(1.0, -1.0).is_err());
/// # Ok::<(), nodule_analysis::Error>(())
/// ```
pub fn seeds_needed(difference: f64, sd: f64) -> Result<Option<usize>, Error> {
    Ok(pairs_needed(difference, sd, POWER, LEVEL)?)
}

fn paired_sd(
    train: &str,
    losses: String,
    endpoint: &Endpoint,
    differences: &[f64],
) -> Result<Option<PairedSd>, Error> {
    let sd = mean_sd(differences)?.and_then(|found| found.sd);
    let Some(sd) = sd.filter(|sd| *sd > 0.0 && differences.len() >= MIN_PAIRS) else {
        return Ok(None);
    };
    let needed = DIFFERENCES.map(|difference| seeds_needed(difference, sd));
    Ok(Some(PairedSd {
        train: train.to_owned(),
        losses,
        measure: endpoint.title(),
        sd,
        n: differences.len(),
        needed: needed.into_iter().collect::<Result<_, _>>()?,
    }))
}
