//! Arithmetic of one step, as PyTorch has it.
//!
//! | rule | step |
//! |---|---|
//! | Adam | `p -= (lr / (1 - b1^t)) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)`, with `g += decay * p` before |
//! | AdamW | the same, with `p *= 1 - lr * decay` before |
//! | descent | `m = momentum * m + g; p -= lr * m`, with `g += decay * p` before |

use candle_core::{Result, Tensor, Var};

use super::{OptimizerConfig, UpdateRule};

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;

/// The constants of one step.
#[derive(Debug, Clone, Copy)]
pub(super) struct Update {
    rule: UpdateRule,
    decay: Decay,
    /// Learning rate, for Adam with the correction of the first moment.
    step_size: f64,
    /// Correction of the square root of Adam's second moment.
    root_correction: f64,
}

/// Weight decay of one step.
#[derive(Debug, Clone, Copy)]
enum Decay {
    None,
    /// Factor of the parameter that is added to the gradient.
    Gradient(f64),
    /// Factor of the parameter.
    Weights(f64),
}

impl Update {
    /// Returns the constants of step `step`, counted from 1.
    pub(super) fn new(config: &OptimizerConfig, step: usize) -> Self {
        let t = i32::try_from(step).unwrap_or(i32::MAX);
        let (rate, decay) = (config.learning_rate, config.weight_decay);
        let (step_size, root_correction) = match config.rule {
            UpdateRule::Adam | UpdateRule::AdamW => {
                (rate / (1.0 - BETA1.powi(t)), (1.0 - BETA2.powi(t)).sqrt())
            }
            UpdateRule::Sgd { .. } => (rate, 1.0),
        };
        let decay = match config.rule {
            _ if decay == 0.0 => Decay::None,
            UpdateRule::AdamW => Decay::Weights(1.0 - rate * decay),
            UpdateRule::Adam | UpdateRule::Sgd { .. } => Decay::Gradient(decay),
        };
        Self {
            rule: config.rule,
            decay,
            step_size,
            root_correction,
        }
    }

    /// Updates with tensor operations, for devices other than the CPU.
    pub(super) fn apply_to_tensors(
        self,
        parameter: &Var,
        gradient: &Tensor,
        moments: &mut [Tensor],
    ) -> Result<()> {
        let mut value = parameter.as_detached_tensor();
        let mut gradient = gradient.clone();
        match self.decay {
            Decay::None => {}
            Decay::Gradient(factor) => gradient = (gradient + (&value * factor)?)?,
            Decay::Weights(factor) => value = (value * factor)?,
        }
        let step = match (self.rule, moments) {
            (UpdateRule::Sgd { momentum }, [last]) => {
                *last = ((&*last * momentum)? + gradient)?;
                (&*last * self.step_size)?
            }
            (UpdateRule::Adam | UpdateRule::AdamW, [first, second]) => {
                *first = ((&*first * BETA1)? + (&gradient * (1.0 - BETA1))?)?;
                *second = ((&*second * BETA2)? + (gradient.sqr()? * (1.0 - BETA2))?)?;
                let denominator = ((second.sqrt()? / self.root_correction)? + EPSILON)?;
                ((&*first / denominator)? * self.step_size)?
            }
            (_, moments) => candle_core::bail!("optimizer: {} moments", moments.len()),
        };
        parameter.set(&value.sub(&step)?)
    }

    /// Updates in one pass over memory; descent has no second moment. `#[inline(always)]` compiles the loop for the
    /// instruction set of the caller.
    #[inline(always)]
    pub(super) fn apply_to_slices(self, p: &mut [f32], g: &[f32], m: &mut [f32], v: &mut [f32]) {
        match self.decay {
            Decay::None => self.apply(p, g, m, v, |p, g| (p, g)),
            Decay::Gradient(factor) => {
                let factor = factor as f32;
                self.apply(p, g, m, v, |p, g| (p, g + factor * p));
            }
            Decay::Weights(factor) => {
                let factor = factor as f32;
                self.apply(p, g, m, v, |p, g| (p * factor, g));
            }
        }
    }

    /// Updates every value; `decay` returns parameter and gradient after weight decay.
    #[inline(always)]
    fn apply(
        self,
        parameter: &mut [f32],
        gradient: &[f32],
        first: &mut [f32],
        second: &mut [f32],
        decay: impl Fn(f32, f32) -> (f32, f32),
    ) {
        let step_size = self.step_size as f32;
        let values = parameter.iter_mut().zip(gradient).zip(first);
        if let UpdateRule::Sgd { momentum } = self.rule {
            let momentum = momentum as f32;
            for ((p, g), m) in values {
                let (value, g) = decay(*p, *g);
                *m = momentum * *m + g;
                *p = value - step_size * *m;
            }
            return;
        }
        let (b1, b2) = (BETA1 as f32, BETA2 as f32);
        let (c1, c2) = ((1.0 - BETA1) as f32, (1.0 - BETA2) as f32);
        let epsilon = EPSILON as f32;
        let root_scale = (1.0 / self.root_correction) as f32;
        for (((p, g), m), v) in values.zip(second) {
            let (value, g) = decay(*p, *g);
            *m = b1 * *m + c1 * g;
            *v = b2 * *v + c2 * g * g;
            *p = value - step_size * *m / (v.sqrt() * root_scale + epsilon);
        }
    }
}
