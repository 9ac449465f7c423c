//! Paired difference: the mean over seeds of one arm minus another, with runs paired by seed.

use nodule_error::{InvalidInput, conflict, invalid_value, one_of};
use nodule_eval::{Error, ReadOut};
use serde::{Deserialize, Serialize};

use super::ClaimKind;
use crate::claims::scope::check_name;
use crate::claims::{Aspect, ClaimRuns, ClaimScope, Endpoint};
use crate::records::FinishedRun;
use crate::text::classifier_name;

/// The mean over seeds of `a` minus `b`, runs paired by seed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PairedDifference {
    /// The compared number.
    pub endpoint: Endpoint,
    /// The first arm.
    pub a: Arm,
    /// The second arm.
    pub b: Arm,
}

/// One side of a paired difference.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Arm {
    /// Loss.
    pub loss: String,
    /// Read-out.
    pub read_out: ReadOut,
}

impl PairedDifference {
    /// Returns arm `a` minus arm `b` in one seed, if both are finished.
    #[must_use]
    pub fn difference(&self, runs: &dyn ClaimRuns, seed: usize) -> Option<f64> {
        let [a, b] = [&self.a, &self.b].map(|arm| {
            let run = runs.run(&arm.loss, seed)?;
            self.endpoint.value(run, arm.read_out)
        });
        Some(a? - b?)
    }

    /// Returns the differences of all seeds in which both arms are finished.
    #[must_use]
    pub fn differences(&self, runs: &dyn ClaimRuns) -> Vec<f64> {
        (0..runs.seeds())
            .filter_map(|seed| self.difference(runs, seed))
            .collect()
    }

    /// Returns the text of `a` minus `b`, with a shared classifier named once.
    fn difference_text(&self) -> String {
        let (a, b) = (&self.a, &self.b);
        let [by_a, by_b] = [a, b].map(|arm| classifier_name(arm.read_out));
        if a.read_out == b.read_out {
            format!("{} minus {}, {by_a}", a.loss, b.loss)
        } else {
            format!("{} by {by_a} minus {} by {by_b}", a.loss, b.loss)
        }
    }
}

impl ClaimKind for PairedDifference {
    fn endpoints(&self) -> Vec<(&'static str, &Endpoint)> {
        vec![("endpoint", &self.endpoint)]
    }

    fn endpoints_mut(&mut self) -> Vec<&mut Endpoint> {
        vec![&mut self.endpoint]
    }

    fn aspect(&self) -> Aspect {
        self.endpoint.kind().aspect()
    }

    fn check(&self, scope: &ClaimScope) -> Result<(), InvalidInput> {
        for (key, arm) in [("a", &self.a), ("b", &self.b)] {
            check_arm(arm, scope).map_err(|error| error.in_table(key))?;
        }
        if self.a == self.b {
            return Err(conflict("b", "arms a and b are identical"));
        }
        if self.a.loss == self.b.loss && !self.endpoint.kind().depends_on_read_out() {
            let reason = format!(
                "{} is the same under every read-out, so the arms are identical; compare two losses",
                self.endpoint.title()
            );
            return Err(conflict("b.read_out", reason));
        }
        Ok(())
    }

    fn measure(&self) -> String {
        format!("{}, {}", self.endpoint.title(), self.difference_text())
    }

    fn max_effect(&self) -> f64 {
        self.endpoint.kind().max_difference()
    }

    fn unit(&self) -> String {
        self.endpoint.title()
    }

    fn read_out(&self) -> Option<ReadOut> {
        (self.a.read_out == self.b.read_out).then_some(self.a.read_out)
    }

    fn set_read_out(&mut self, read_out: ReadOut) {
        if self.a.read_out == self.b.read_out {
            (self.a.read_out, self.b.read_out) = (read_out, read_out);
        }
    }

    fn compares_loss(&self, loss: &str) -> bool {
        [&self.a, &self.b].iter().any(|arm| arm.loss == loss)
    }

    fn evidence_runs<'r>(&self, runs: &'r dyn ClaimRuns, seed: usize) -> Vec<&'r FinishedRun> {
        if self.difference(runs, seed).is_none() {
            return Vec::new();
        }
        let second = (self.a.loss != self.b.loss).then_some(&self.b);
        [Some(&self.a), second]
            .into_iter()
            .flatten()
            .filter_map(|arm| runs.run(&arm.loss, seed))
            .collect()
    }

    fn seed_value(&self, runs: &dyn ClaimRuns, seed: usize) -> Result<Option<f64>, Error> {
        Ok(self.difference(runs, seed))
    }
}

fn check_arm(arm: &Arm, scope: &ClaimScope) -> Result<(), InvalidInput> {
    let names = scope.losses.iter().map(|loss| &loss.name);
    check_name("loss", &arm.loss, names)?;
    scope.check_read_out(arm.read_out)?;
    let mut losses = scope.losses.iter();
    match losses.find(|loss| loss.name == arm.loss) {
        Some(loss) if !loss.read_outs.contains(&arm.read_out) => Err(invalid_value(
            "read_out",
            arm.read_out,
            format!(
                "{} for {} ({})",
                one_of(loss.read_outs.iter().map(ToString::to_string)),
                loss.name,
                scope.read_out_note
            ),
        )),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use nodule_eval::Metric;

    use super::*;
    use crate::claims::TestMetric;

    #[test]
    fn a_difference_names_what_differs() {
        let arm = |loss: &str, read_out| Arm {
            loss: loss.into(),
            read_out,
        };
        let measure = |a, b| {
            let endpoint = TestMetric {
                metric: Metric::Accuracy,
                test: "lidc".into(),
            };
            let endpoint = endpoint.into();
            PairedDifference { endpoint, a, b }.measure()
        };
        let (centroid, head) = (ReadOut::Centroid, ReadOut::Head);
        assert_eq!(
            measure(arm("ce", centroid), arm("contrastive", centroid)),
            "accuracy on lidc, ce minus contrastive, nearest-centroid classifier"
        );
        assert_eq!(
            measure(arm("ce", head), arm("ce", centroid)),
            "accuracy on lidc, ce by own head minus ce by nearest-centroid classifier"
        );
        assert_eq!(
            measure(arm("ce", head), arm("contrastive", centroid)),
            "accuracy on lidc, ce by own head minus contrastive by nearest-centroid classifier"
        );
    }
}
