//! Claim kind `order-carries`: rank agreement of the losses between two endpoints (Kendall's tau per seed).

use nodule_error::{InvalidInput, conflict, invalid_value};
use nodule_eval::statistics::kendall;
use nodule_eval::{Error, ReadOut};
use serde::{Deserialize, Serialize};

use super::ClaimKind;
use crate::claims::evidence::endpoint_pairs;
use crate::claims::{ClaimRuns, ClaimScope, Direction, Endpoint};
use crate::records::FinishedRun;
use crate::text::classifier_name;

/// The mean over seeds of Kendall's correlation, across losses, between two endpoints: 1 if the losses keep their
/// order from one to the other.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderCarries {
    /// The endpoint that sets the order.
    pub from: Endpoint,
    /// The endpoint that is compared with this order.
    pub to: Endpoint,
    /// The classifier of both endpoints.
    pub read_out: ReadOut,
}

impl OrderCarries {
    /// Returns both endpoints of every loss in one seed; `None` if a loss is missing.
    fn pairs(&self, runs: &dyn ClaimRuns, seed: usize) -> Option<Vec<(f64, f64)>> {
        let pairs = endpoint_pairs(runs, seed, (&self.from, &self.to), self.read_out);
        (pairs.len() == runs.losses().len()).then_some(pairs)
    }
}

impl ClaimKind for OrderCarries {
    fn endpoints(&self) -> Vec<(&'static str, &Endpoint)> {
        vec![("from", &self.from), ("to", &self.to)]
    }

    fn endpoints_mut(&mut self) -> Vec<&mut Endpoint> {
        vec![&mut self.from, &mut self.to]
    }

    fn check(&self, scope: &ClaimScope) -> Result<(), InvalidInput> {
        scope.check_read_out(self.read_out)?;
        if scope.losses.len() < 2 {
            return Err(conflict(
                "kind",
                "order-carries compares the order of losses, so it needs at least 2 losses (3 or more for values other than 1 and -1); use paired-difference",
            ));
        }
        if scope.count_losses_with(self.read_out) < scope.losses.len() {
            return Err(invalid_value(
                "read_out",
                self.read_out,
                format!(
                    "a read-out of every loss ({}), because the order is over all losses",
                    scope.read_out_note
                ),
            ));
        }
        scope.check_distinct(("from", &self.from), ("to", &self.to))
    }

    fn direction(&self) -> Option<Direction> {
        Some(Direction::Positive)
    }

    fn warn(&self, losses: usize) -> Option<String> {
        let text = "with 2 losses, Kendall's correlation of a seed can only be 1 or -1; compare at least 3 losses, or use paired-difference";
        (losses == 2).then(|| text.to_owned())
    }

    fn measure(&self) -> String {
        format!(
            "Kendall's correlation across losses of {} with {}, {}",
            self.from.title(),
            self.to.title(),
            classifier_name(self.read_out)
        )
    }

    fn read_out(&self) -> Option<ReadOut> {
        Some(self.read_out)
    }

    fn set_read_out(&mut self, read_out: ReadOut) {
        self.read_out = read_out;
    }

    fn evidence_runs<'r>(&self, runs: &'r dyn ClaimRuns, seed: usize) -> Vec<&'r FinishedRun> {
        match self.pairs(runs, seed) {
            Some(_) => runs.runs_of_seed(seed),
            None => Vec::new(),
        }
    }

    fn seed_value(&self, runs: &dyn ClaimRuns, seed: usize) -> Result<Option<f64>, Error> {
        let Some(pairs) = self.pairs(runs, seed) else {
            return Ok(None);
        };
        let (x, y): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
        kendall(&x, &y)
    }
}
