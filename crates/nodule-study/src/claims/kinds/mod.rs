//! Claim kinds, one per file. To add one, write its file, its `mod` line, and its line in the list `claim_kinds!`.

mod order_carries;
mod paired_difference;
mod rank_correlation;

use nodule_error::InvalidInput;
use nodule_eval::{Error, ReadOut};
use serde::{Deserialize, Serialize};

use super::evidence::{ClaimRuns, Evidence, mean_evidence};
use super::{Aspect, ClaimScope, Direction, Endpoint};
use crate::records::FinishedRun;

pub use order_carries::OrderCarries;
pub use paired_difference::{Arm, PairedDifference};
pub use rank_correlation::RankCorrelation;

/// Declares [`Contrast`] from the list of claim kinds, each by its `kind` in a study file.
macro_rules! claim_kinds {
    ($($name:literal => $kind:ident,)+) => {
        /// How a claim is judged over the runs of one training distribution. All tests are two-sided.
        #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
        #[serde(tag = "kind")]
        pub enum Contrast {
            $(
                #[doc = concat!("`kind = \"", $name, "\"`")]
                #[serde(rename = $name)]
                $kind($kind),
            )+
        }

        impl Contrast {
            /// Returns what all kinds have in common.
            #[must_use]
            pub fn kind(&self) -> &dyn ClaimKind {
                match self { $(Self::$kind(kind) => kind,)+ }
            }

            /// Returns the same, to change endpoints or the read-out.
            pub fn kind_mut(&mut self) -> &mut dyn ClaimKind {
                match self { $(Self::$kind(kind) => kind,)+ }
            }
        }

        $(
            impl From<$kind> for Contrast {
                fn from(kind: $kind) -> Self {
                    Self::$kind(kind)
                }
            }
        )+
    };
}

claim_kinds! {
    "paired-difference" => PairedDifference,
    "rank-correlation" => RankCorrelation,
    "order-carries" => OrderCarries,
}

/// A kind of claim: its settings, their checks, its evidence and its text.
pub trait ClaimKind {
    /// Returns the compared endpoints, each with its key in the study file.
    fn endpoints(&self) -> Vec<(&'static str, &Endpoint)>;

    /// Returns the compared endpoints.
    fn endpoints_mut(&mut self) -> Vec<&mut Endpoint>;

    /// Returns the aspect of networks that the claim is about, which decides its section in the report.
    fn aspect(&self) -> Aspect {
        Aspect::Generalization
    }

    /// Checks arms and read-outs, and that the losses of `scope` can judge the claim.
    ///
    /// # Errors
    /// The first invalid setting, by its key within the contrast.
    fn check(&self, scope: &ClaimScope) -> Result<(), InvalidInput>;

    /// Returns the sign of the effect that every claim of this kind asserts, if it asserts one.
    fn direction(&self) -> Option<Direction> {
        None
    }

    /// Returns a warning if the claim is coarse with this number of losses.
    fn warn(&self, _losses: usize) -> Option<String> {
        None
    }

    /// Returns what the effect is, with its unit, as reports and tables print it.
    fn measure(&self) -> String;

    /// Returns the size that no effect exceeds.
    fn max_effect(&self) -> f64 {
        1.0
    }

    /// Returns the unit of the effect, as the axis of a figure names it.
    fn unit(&self) -> String {
        "correlation".to_owned()
    }

    /// Returns the read-out of the claim; `None` if it compares two.
    fn read_out(&self) -> Option<ReadOut>;

    /// Replaces the read-out, unless the claim compares two.
    fn set_read_out(&mut self, read_out: ReadOut);

    /// Returns whether runs of `loss` can enter the evidence.
    fn compares_loss(&self, _loss: &str) -> bool {
        true
    }

    /// Returns whether the effect is a mean of one value per seed.
    fn is_mean_over_seeds(&self) -> bool {
        true
    }

    /// Returns the runs of one seed that enter the evidence, each once; none if the seed is incomplete.
    fn evidence_runs<'r>(&self, runs: &'r dyn ClaimRuns, seed: usize) -> Vec<&'r FinishedRun>;

    /// Returns the value of one seed; `None` if the seed is incomplete or the effect is not a mean over seeds.
    ///
    /// # Errors
    /// If an endpoint is not finite.
    fn seed_value(&self, runs: &dyn ClaimRuns, seed: usize) -> Result<Option<f64>, Error>;

    /// Returns each complete seed with its value.
    ///
    /// # Errors
    /// If an endpoint is not finite.
    fn seed_values(&self, runs: &dyn ClaimRuns) -> Result<Vec<(usize, f64)>, Error> {
        let mut values = Vec::new();
        for seed in 0..runs.seeds() {
            values.extend(self.seed_value(runs, seed)?.map(|value| (seed, value)));
        }
        Ok(values)
    }

    /// Returns the evidence over all complete seeds; `random_seed` starts resampling.
    ///
    /// # Errors
    /// If an endpoint is not finite.
    fn evidence(&self, runs: &dyn ClaimRuns, random_seed: u64) -> Result<Evidence, Error> {
        let values = self.seed_values(runs)?;
        let values: Vec<f64> = values.into_iter().map(|(_, value)| value).collect();
        mean_evidence(&values, random_seed)
    }
}

impl Contrast {
    /// Renames the test set `from` to `to` wherever an endpoint names it.
    pub(crate) fn rename_test(&mut self, from: &str, to: &str) {
        for endpoint in self.kind_mut().endpoints_mut() {
            if let Some(test) = endpoint.kind_mut().test_mut()
                && test == from
            {
                to.clone_into(test);
            }
        }
    }
}
