//! Endpoint `flipped`: share of decisions that a mode of variation flips.

use nodule_error::InvalidInput;
use nodule_eval::ReadOut;
use nodule_synth::Mode;

use super::{Aspect, EndpointKind, EndpointTable};
use crate::records::FinishedRun;

/// Share of counterfactual pairs whose decision differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Flipped {
    /// Shape, texture or a nuisance.
    pub mode: Mode,
}

const MEASURE: &str = "flipped";

impl EndpointKind for Flipped {
    fn measures() -> Vec<&'static str> {
        vec![MEASURE]
    }

    fn read(table: EndpointTable) -> Result<Self, InvalidInput> {
        let mode = table.into_mode()?;
        Ok(Self { mode })
    }

    fn table(&self) -> EndpointTable {
        EndpointTable::with_mode(MEASURE, self.mode)
    }

    fn title(&self) -> String {
        format!("share of decisions flipped by {}", self.mode)
    }

    fn value(&self, run: &FinishedRun, read_out: ReadOut) -> Option<f64> {
        Some(run.read_out(read_out)?.mode(self.mode)?.flipped)
    }

    fn aspect(&self) -> Aspect {
        Aspect::Reliance
    }
}
