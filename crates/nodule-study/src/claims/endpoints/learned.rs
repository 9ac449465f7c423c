//! Endpoint `learned-95`: whether a run learned its training distribution.

use nodule_error::{InvalidInput, conflict};
use nodule_eval::{Metric, ReadOut};

use super::{Aspect, EndpointKind, EndpointTable};
use crate::records::FinishedRun;

/// 1 if the validation accuracy is at least 0.95, else 0 (*ours*): its mean over seeds is the probability of learning. A run
/// that diverged has no records and no value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Learned;

const MEASURE: &str = "learned-95";
/// Validation accuracy from which a run counts as learned.
const LEAST_ACCURACY: f64 = 0.95;

impl EndpointKind for Learned {
    fn measures() -> Vec<&'static str> {
        vec![MEASURE]
    }

    fn read(table: EndpointTable) -> Result<Self, InvalidInput> {
        match (table.mode, table.test) {
            (None, None) => Ok(Self),
            _ => {
                let reason = "has neither a mode nor a test; it is about validation images";
                Err(conflict(format!("measure {MEASURE}"), reason))
            }
        }
    }

    fn table(&self) -> EndpointTable {
        EndpointTable {
            measure: MEASURE.to_owned(),
            mode: None,
            test: None,
        }
    }

    fn title(&self) -> String {
        format!("probability of a validation accuracy of at least {LEAST_ACCURACY}")
    }

    fn value(&self, run: &FinishedRun, read_out: ReadOut) -> Option<f64> {
        let accuracy = run.read_out(read_out)?.validation.value(Metric::Accuracy)?;
        Some(f64::from(u8::from(accuracy >= LEAST_ACCURACY)))
    }

    fn aspect(&self) -> Aspect {
        Aspect::Generalization
    }
}
