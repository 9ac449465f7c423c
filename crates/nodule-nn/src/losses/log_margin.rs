//! Penalty on large margins between the logits.

use candle_core::Tensor;
pub use nodule_config::LogMargin;

use crate::error::reject;
use crate::{Error, Loss, Output};

impl Loss for LogMargin {
    fn trains_head(&self) -> bool {
        true
    }

    fn compute(&self, output: &Output, _: &Tensor) -> Result<Tensor, Error> {
        log_margin(&output.logits)
    }
}

/// Returns the mean of `log(1 + f^2)` over a batch, a scalar; the margin `f` is the second of two logits `[n, 2]` minus
/// the first.
///
/// Cross-entropy alone increases margins without limit. Puli et al. 2023 trace shortcut learning to that, and propose
/// losses that make margins uniform. This form of the penalty is *ours*: it grows slower than cross-entropy falls, so the
/// labels dominate, and it has no setting but its weight.
///
/// # Errors
/// [`Error::Setting`] if there are not two logits; or if the device fails.
pub fn log_margin(logits: &Tensor) -> Result<Tensor, Error> {
    let (_, classes) = logits.dims2()?;
    if classes != 2 {
        return reject("classes", classes, "2: a margin is between two logits");
    }
    let margin = (logits.narrow(1, 1, 1)? - logits.narrow(1, 0, 1)?)?;
    Ok((margin.sqr()? + 1.0)?.log()?.mean_all()?)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    fn value_and_gradient(logits: &[[f32; 2]]) -> (f32, Vec<Vec<f32>>) {
        let (rows, values) = (logits.len(), logits.as_flattened().to_vec());
        let logits = Var::from_vec(values, (rows, 2), &Device::Cpu).unwrap();
        let value = log_margin(&logits).unwrap();
        let gradients = value.backward().unwrap();
        let gradient = gradients.get(&logits).unwrap().to_vec2().unwrap();
        (value.to_scalar().unwrap(), gradient)
    }

    #[test]
    fn equal_logits_have_no_loss_and_no_gradient() {
        assert_eq!(
            value_and_gradient(&[[3.0, 3.0], [-1.0, -1.0]]),
            (0.0, vec![vec![0.0; 2]; 2])
        );
    }

    #[test]
    fn the_gradient_matches_the_formula_and_vanishes_for_large_margins() {
        let (value, gradient) = value_and_gradient(&[[0.5, 2.5], [1.0, -99.0]]);
        let expected = f64::midpoint(5f64.ln(), 10_001f64.ln());
        assert!((f64::from(value) - expected).abs() < 1e-5, "{value}");
        // d log(1 + f^2) / df = 2 f / (1 + f^2), halved by the mean.
        for (row, slope) in gradient.iter().zip([2.0 / 5.0, -100.0 / 10_001.0]) {
            assert!(
                (row[1] - slope).abs() < 1e-6 && (row[0] + slope).abs() < 1e-6,
                "{row:?}"
            );
        }
    }

    #[test]
    fn rejects_three_classes() {
        let logits = Tensor::zeros((2, 3), candle_core::DType::F32, &Device::Cpu).unwrap();
        let message = log_margin(&logits).unwrap_err().to_string();
        assert!(message.contains("classes = 3"), "{message}");
    }
}
