//! Evidence for a claim: effect, interval over seeds and p, from finished runs.

use nodule_eval::statistics::{Interval, bootstrap_mean, cohen_dz, sign_flip_test};
use nodule_eval::{Error, ReadOut};

use super::Endpoint;
use crate::records::FinishedRun;

/// Bootstrap resamples of an interval, and random permutations of a p that is not exact.
pub const RESAMPLES: usize = 10_000;

/// Finished runs of one training distribution.
pub trait ClaimRuns {
    /// Returns the losses of the study, in its order.
    fn losses(&self) -> &[String];

    /// Returns the number of planned seeds.
    fn seeds(&self) -> usize;

    /// Returns the run of one loss and seed, if it is finished.
    fn run(&self, loss: &str, seed: usize) -> Option<&FinishedRun>;

    /// Returns the finished runs of one seed, in the order of the losses.
    fn runs_of_seed(&self, seed: usize) -> Vec<&FinishedRun>;
}

/// Effect, interval and p of one claim.
#[derive(Debug)]
pub struct Evidence {
    /// The effect; `None` if too few runs are finished or it is undefined.
    pub effect: Option<f64>,
    /// Cohen's dz of the values of the seeds; `None` if the effect is not a mean over seeds.
    pub standardised: Option<f64>,
    /// 95% interval over seeds.
    pub interval: Option<Interval>,
    /// Two-sided p.
    pub p: Option<f64>,
    /// Number of seeds.
    pub n: usize,
}

/// Returns the evidence for a mean over seeds: percentile bootstrap and sign-flip test.
///
/// `random_seed` starts the bootstrap.
///
/// # Errors
/// If a value is not finite.
pub fn mean_evidence(values: &[f64], random_seed: u64) -> Result<Evidence, Error> {
    let n = values.len();
    Ok(Evidence {
        effect: (n > 0).then(|| values.iter().sum::<f64>() / n as f64),
        standardised: cohen_dz(values)?,
        interval: bootstrap_mean(values, RESAMPLES, random_seed)?,
        p: sign_flip_test(values)?,
        n,
    })
}

/// Returns two endpoints of every run of one seed that has both.
pub(super) fn endpoint_pairs(
    runs: &dyn ClaimRuns,
    seed: usize,
    (x, y): (&Endpoint, &Endpoint),
    read_out: ReadOut,
) -> Vec<(f64, f64)> {
    runs.runs_of_seed(seed)
        .into_iter()
        .filter_map(|run| x.value(run, read_out).zip(y.value(run, read_out)))
        .collect()
}
