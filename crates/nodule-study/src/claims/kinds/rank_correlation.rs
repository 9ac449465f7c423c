//! Rank correlation: Spearman's correlation of two endpoints over all runs.

use nodule_error::{InvalidInput, conflict, invalid_value};
use nodule_eval::{Error, ReadOut};
use nodule_seed::stream;
use serde::{Deserialize, Serialize};

use super::ClaimKind;
use crate::claims::correlation::{clustered_spearman, permutation_p};
use crate::claims::evidence::{RESAMPLES, endpoint_pairs};
use crate::claims::{ClaimRuns, ClaimScope, Endpoint, Evidence};
use crate::records::FinishedRun;
use crate::text::classifier_name;

/// Spearman's correlation of two endpoints over all runs (losses x seeds).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RankCorrelation {
    /// The predictor.
    pub x: Endpoint,
    /// The outcome.
    pub y: Endpoint,
    /// The read-out of both.
    pub read_out: ReadOut,
}

impl RankCorrelation {
    fn pairs(&self, runs: &dyn ClaimRuns, seed: usize) -> Vec<(f64, f64)> {
        endpoint_pairs(runs, seed, (&self.x, &self.y), self.read_out)
    }
}

impl ClaimKind for RankCorrelation {
    fn endpoints(&self) -> Vec<(&'static str, &Endpoint)> {
        vec![("x", &self.x), ("y", &self.y)]
    }

    fn endpoints_mut(&mut self) -> Vec<&mut Endpoint> {
        vec![&mut self.x, &mut self.y]
    }

    fn check(&self, scope: &ClaimScope) -> Result<(), InvalidInput> {
        scope.check_read_out(self.read_out)?;
        if scope.losses.len() < 2 {
            return Err(conflict(
                "kind",
                "rank-correlation permutes outcomes among the losses of a seed, so it needs at least two losses; use paired-difference",
            ));
        }
        if scope.count_losses_with(self.read_out) < 2 {
            return Err(invalid_value(
                "read_out",
                self.read_out,
                format!(
                    "a read-out of at least two losses ({}), because outcomes are permuted among the losses of a seed",
                    scope.read_out_note
                ),
            ));
        }
        scope.check_distinct(("x", &self.x), ("y", &self.y))
    }

    fn measure(&self) -> String {
        format!(
            "Spearman's correlation of {} with {} over runs, {}",
            self.x.title(),
            self.y.title(),
            classifier_name(self.read_out)
        )
    }

    fn read_out(&self) -> Option<ReadOut> {
        Some(self.read_out)
    }

    fn set_read_out(&mut self, read_out: ReadOut) {
        self.read_out = read_out;
    }

    fn is_mean_over_seeds(&self) -> bool {
        false
    }

    fn evidence_runs<'r>(&self, runs: &'r dyn ClaimRuns, seed: usize) -> Vec<&'r FinishedRun> {
        if self.pairs(runs, seed).is_empty() {
            return Vec::new();
        }
        let mut all = runs.runs_of_seed(seed);
        all.retain(|run| run.read_out(self.read_out).is_some());
        all
    }

    fn seed_value(&self, _runs: &dyn ClaimRuns, _seed: usize) -> Result<Option<f64>, Error> {
        Ok(None)
    }

    fn evidence(&self, runs: &dyn ClaimRuns, random_seed: u64) -> Result<Evidence, Error> {
        let mut clusters: Vec<_> = (0..runs.seeds())
            .map(|seed| self.pairs(runs, seed))
            .collect();
        clusters.retain(|pairs| !pairs.is_empty());
        correlation_evidence(&clusters, random_seed)
    }
}

/// Returns the evidence of pairs in one cluster per seed. Runs of one seed share their data, so whole seeds are
/// resampled, and outcomes are permuted within seeds.
fn correlation_evidence(clusters: &[Vec<(f64, f64)>], random_seed: u64) -> Result<Evidence, Error> {
    let mut random = stream(random_seed);
    let (effect, interval) = clustered_spearman(clusters, RESAMPLES, &mut random)?;
    let p = effect.map(|observed| permutation_p(clusters, observed, &mut random));
    Ok(Evidence {
        effect,
        standardised: None,
        interval,
        p: p.transpose()?,
        n: clusters.len(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns three pairs in each of 12 seeds.
    fn clusters(pair: impl Fn(f64, f64) -> (f64, f64)) -> Vec<Vec<(f64, f64)>> {
        let cluster = |seed: i32| {
            (0..3)
                .map(|loss| pair(f64::from(seed), f64::from(loss)))
                .collect()
        };
        (0..12).map(cluster).collect()
    }

    #[test]
    fn a_correlation_within_seeds_is_found() {
        let pairs = clusters(|seed, loss| (loss + 0.01 * seed, 2.0 * loss + 0.01 * seed));
        let found = correlation_evidence(&pairs, 1).unwrap();
        assert!(
            found.effect > Some(0.9) && found.p < Some(0.001),
            "{:?}",
            found.p
        );
        assert!(found.interval.is_some_and(|i| i.low > 0.8));
        assert_eq!(found.n, 12);
    }

    #[test]
    fn a_correlation_between_seeds_alone_is_no_evidence() {
        // Easy data raise both numbers of all three losses; the losses themselves disagree.
        let order = |seed: f64, loss: f64| if seed % 2.0 == 0.0 { loss } else { 2.0 - loss };
        let pairs = clusters(|seed, loss| (10.0 * seed + loss, 10.0 * seed + order(seed, loss)));
        let found = correlation_evidence(&pairs, 1).unwrap();
        assert!(found.effect > Some(0.9), "{:?}", found.effect);
        assert!(found.p > Some(0.05), "{:?}", found.p);
    }

    #[test]
    fn a_constant_has_no_correlation() {
        let found = correlation_evidence(&clusters(|_, loss| (loss, 1.0)), 1).unwrap();
        assert_eq!((found.effect, found.p, found.interval), (None, None, None));
        assert_eq!(correlation_evidence(&[], 1).unwrap().effect, None);
    }
}
