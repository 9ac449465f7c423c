//! Infidelity.

use candle_core::Tensor;

use crate::{Error, Model};

/// The mean over `perturbations` (each as large as `images`) of
/// `(sum(perturbation * map) - (decision(image) - decision(image - perturbation)))^2`, `[n]` (Yeh et
/// al. 2019, definition 2.1). 0 for a map that predicts every change of the decision.
///
/// # Errors
/// If the shapes disagree, there is no perturbation, or the device fails.
pub fn infidelity(
    model: &impl Model,
    images: &Tensor,
    maps: &Tensor,
    perturbations: &[Tensor],
) -> Result<Vec<f32>, Error> {
    if perturbations.is_empty() {
        return Err(crate::error::setting("perturbations", 0, "at least 1"));
    }
    let before = model.decide(images)?;
    let mut sum = before.zeros_like()?;
    for perturbation in perturbations {
        let expected = maps.mul(perturbation)?.sum((1, 2, 3))?;
        let change = (&before - model.decide(&images.sub(perturbation)?)?)?;
        sum = sum.add(&(expected - change)?.sqr()?)?;
    }
    Ok((sum / perturbations.len() as f64)?.to_vec1()?)
}
