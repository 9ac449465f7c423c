//! Clipping of gradients by their norm.

use candle_core::backprop::GradStore;
use candle_core::{Result, Var};

/// Scales the gradients of `parameters` down so that the Euclidean norm of all of them together is at most `largest`, as
/// PyTorch's `clip_grad_norm_` does. Returns the norm before.
pub(crate) fn clip_gradients(
    gradients: &mut GradStore,
    parameters: &[(String, Var)],
    largest: f64,
) -> Result<f64> {
    let mut squares = 0.0;
    for (_, parameter) in parameters {
        if let Some(gradient) = gradients.get(parameter) {
            let values = gradient.flatten_all()?.to_vec1::<f32>()?;
            squares += values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>();
        }
    }
    let norm = squares.sqrt();
    // PyTorch adds this to keep gradients of zero finite.
    let factor = largest / (norm + 1e-6);
    if factor < 1.0 {
        for (_, parameter) in parameters {
            if let Some(gradient) = gradients.get(parameter) {
                let scaled = (gradient * factor)?;
                gradients.insert(parameter, scaled);
            }
        }
    }
    Ok(norm)
}
