//! Endpoint `share`: share of a mode of variation in the reliance on shape and texture together.

use nodule_error::{InvalidInput, conflict};
use nodule_eval::ReadOut;
use nodule_synth::Mode;

use super::{Aspect, EndpointKind, EndpointTable};
use crate::records::FinishedRun;

/// Size of the counterfactual effect of one mode over the sum of the sizes of both, from 0 to 1 (*ours*). It has no unit,
/// so networks compare whatever the standard deviation of their scores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Share {
    /// Shape or texture.
    pub mode: Mode,
}

const MEASURE: &str = "share";

impl EndpointKind for Share {
    fn measures() -> Vec<&'static str> {
        vec![MEASURE]
    }

    fn read(table: EndpointTable) -> Result<Self, InvalidInput> {
        match table.into_mode()? {
            mode @ (Mode::Shape | Mode::Texture) => Ok(Self { mode }),
            other => {
                let reason = "has no share; only shape and texture have one";
                Err(conflict(format!("mode {other}"), reason))
            }
        }
    }

    fn table(&self) -> EndpointTable {
        EndpointTable::with_mode(MEASURE, self.mode)
    }

    /// The shares of both modes add up to 1.
    fn quantity(&self, _: &crate::claims::ClaimScope) -> EndpointTable {
        EndpointTable::with_mode(MEASURE, Mode::Shape)
    }

    fn title(&self) -> String {
        format!("share of {} in the reliance", self.mode)
    }

    fn value(&self, run: &FinishedRun, read_out: ReadOut) -> Option<f64> {
        let measured = run.read_out(read_out)?;
        let size = |mode| Some(measured.mode(mode)?.effect.abs());
        let sum = size(Mode::Shape)? + size(Mode::Texture)?;
        // A network that reacts to neither has no share.
        (sum > 0.0).then_some(size(self.mode)? / sum)
    }

    fn aspect(&self) -> Aspect {
        Aspect::Reliance
    }
}
