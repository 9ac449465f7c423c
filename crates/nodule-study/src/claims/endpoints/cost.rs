//! Endpoints `feature-cost` and `use-cost`: AUROC lost because a network does not represent, or does not use, a mode of
//! variation (after Kirichenko et al. 2022).
//!
//! All AUROCs are on the same images, in which shape and texture are independent.

use nodule_error::{InvalidInput, conflict, invalid_value};
use nodule_eval::ReadOut;
use nodule_synth::Mode;

use super::{Aspect, EndpointKind, EndpointTable};
use crate::claims::ClaimScope;
use crate::records::FinishedRun;

/// Feature cost or use cost of shape or texture, in AUROC; the same under every read-out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Which of the two costs.
    pub kind: CostKind,
    /// Shape or texture.
    pub mode: Mode,
}

/// Which part of the lost AUROC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CostKind {
    /// 1 minus the AUROC of a linear probe on the embedding: the mode is not represented.
    Feature,
    /// AUROC of that probe minus AUROC of the network's decision: the mode is represented but not used.
    Use,
}

const FEATURE_COST: &str = "feature-cost";
const USE_COST: &str = "use-cost";

impl Cost {
    /// Returns the cost for one run; `None` if the run has no representation or no decision AUROC.
    #[must_use]
    pub fn compute(self, run: &FinishedRun) -> Option<f64> {
        let (embedding, decision) = (
            embedding_auroc(run, self.mode)?,
            decision_auroc(run, self.mode)?,
        );
        Some(match self.kind {
            CostKind::Feature => 1.0 - embedding,
            CostKind::Use => embedding - decision,
        })
    }
}

/// Returns the AUROC with which a linear probe on the embedding decodes `mode`, fitted on images in which shape and
/// texture are independent and tested on others.
#[must_use]
pub fn embedding_auroc(run: &FinishedRun, mode: Mode) -> Option<f64> {
    let embedding = run.evaluation.representation.as_ref()?.layers.last()?;
    match mode {
        Mode::Shape => embedding.shape,
        Mode::Texture => embedding.texture,
        _ => None,
    }
}

/// Returns the AUROC with which the network's own decision score predicts `mode`.
#[must_use]
pub fn decision_auroc(run: &FinishedRun, mode: Mode) -> Option<f64> {
    let [shape, texture] = run.evaluation.representation.as_ref()?.decision_auroc?;
    match mode {
        Mode::Shape => shape,
        Mode::Texture => texture,
        _ => None,
    }
}

impl EndpointKind for Cost {
    fn measures() -> Vec<&'static str> {
        vec![FEATURE_COST, USE_COST]
    }

    fn read(table: EndpointTable) -> Result<Self, InvalidInput> {
        let kind = match table.measure == FEATURE_COST {
            true => CostKind::Feature,
            false => CostKind::Use,
        };
        match table.into_mode()? {
            mode @ (Mode::Shape | Mode::Texture) => Ok(Self { kind, mode }),
            other => Err(invalid_value("mode", other, "shape or texture")),
        }
    }

    fn table(&self) -> EndpointTable {
        let measure = match self.kind {
            CostKind::Feature => FEATURE_COST,
            CostKind::Use => USE_COST,
        };
        EndpointTable::with_mode(measure, self.mode)
    }

    fn check(&self, scope: &ClaimScope) -> Result<(), InvalidInput> {
        match scope.has_representation {
            true => Ok(()),
            false => Err(conflict(
                "measure",
                format!("{} needs samples.representation", self.title()),
            )),
        }
    }

    fn max_difference(&self) -> f64 {
        match self.kind {
            CostKind::Feature => 1.0,
            CostKind::Use => 2.0,
        }
    }

    fn depends_on_read_out(&self) -> bool {
        false
    }

    fn title(&self) -> String {
        match self.kind {
            CostKind::Feature => format!("feature cost of {} in AUROC", self.mode),
            CostKind::Use => format!("use cost of {} in AUROC", self.mode),
        }
    }

    fn value(&self, run: &FinishedRun, read_out: ReadOut) -> Option<f64> {
        run.read_out(read_out)?;
        self.compute(run)
    }

    fn aspect(&self) -> Aspect {
        Aspect::Representation
    }
}
