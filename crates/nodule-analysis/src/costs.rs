//! Not learned, or not used? What it costs a network that its embedding does not hold a mode, and what it costs
//! that its decision does not follow what is held (after Kirichenko et al. 2022). All in AUROC, on the same
//! images, in which shape and texture are independent.

use nodule_study::records::FinishedRun;
use nodule_study::settings::Cost;
use nodule_synth::Mode;

/// What one mode costs a run; none where its layers were not asked, or by which no decision was.
pub fn cost(run: &FinishedRun, cost: Cost, mode: Mode) -> Option<f64> {
    let (balanced, own) = (balanced(run, mode)?, decided(run, mode)?);
    Some(match cost {
        Cost::Feature => 1.0 - balanced,
        Cost::Use => balanced - own,
    })
}

/// How well a linear map of the embedding tells a mode, fitted where modes are independent, on images that it was
/// not fitted on: a balanced read-out.
pub fn balanced(run: &FinishedRun, mode: Mode) -> Option<f64> {
    let embedding = run.evaluation.representation.as_ref()?.layers.last()?;
    match mode {
        Mode::Shape => embedding.shape,
        Mode::Texture => embedding.texture,
        _ => None,
    }
}

/// How well the network's own decision tells it.
pub fn decided(run: &FinishedRun, mode: Mode) -> Option<f64> {
    let [shape, texture] = run.evaluation.representation.as_ref()?.decision_auroc?;
    match mode {
        Mode::Shape => shape,
        Mode::Texture => texture,
        _ => None,
    }
}
