//! Endpoint `effect`: counterfactual effect of a mode of variation on the decision score, in SD units.

use nodule_error::InvalidInput;
use nodule_eval::ReadOut;
use nodule_synth::Mode;

use super::{Aspect, EndpointKind, EndpointTable};
use crate::records::{FinishedRun, TimelinePoint};

/// Counterfactual effect of a mode of variation, in standard deviations of the decision score.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Effect {
    /// Shape, texture or a nuisance.
    pub mode: Mode,
}

const MEASURE: &str = "effect";

impl EndpointKind for Effect {
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

    fn max_difference(&self) -> f64 {
        f64::INFINITY
    }

    fn title(&self) -> String {
        format!("{} reliance in SD units", self.mode)
    }

    fn value(&self, run: &FinishedRun, read_out: ReadOut) -> Option<f64> {
        Some(run.read_out(read_out)?.mode(self.mode)?.effect)
    }

    fn aspect(&self) -> Aspect {
        Aspect::Reliance
    }

    fn timeline_field(&self) -> Option<fn(&TimelinePoint) -> f64> {
        match self.mode {
            Mode::Shape => Some(|point| point.shape),
            Mode::Texture => Some(|point| point.texture),
            _ => None,
        }
    }
}
