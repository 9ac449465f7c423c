//! Activation maximisation: class model visualisation by gradient ascent on the image.

use candle_core::Tensor;

use crate::attribution::gradient_of_batch;
use crate::check::{check_at_least_one, check_images, require_finite};
use crate::error::invalid;
use crate::model::decide;
use crate::{Error, Model};

/// Settings of activation maximisation (Simonyan et al. 2013, section 2).
///
/// Maximises `decision - penalty * |image - start|^2 / pixels` for class 1, and the same with `-decision` for class 0.
/// The paper's penalty pulls towards black, this one towards the start. The result shows the model, not the data.
///
/// ```
/// use candle_core::{DType, Device, Tensor};
/// use nodule_explain::ActivationMaximisation;
///
/// let brightness = |images: &Tensor| images.sum((1, 2, 3));
/// let start = Tensor::zeros((1, 1, 4, 4), DType::F32, &Device::Cpu)?;
/// let settings = ActivationMaximisation { class: 1, steps: 5, step_size: 0.1, penalty: 0.0 };
/// let found = settings.maximise(&brightness, &start)?;
/// assert!(found.final_score > found.start_score);
/// # Ok::<(), nodule_explain::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ActivationMaximisation {
    /// Class to maximise: 0 or 1.
    pub class: u8,
    /// Gradient steps, one backward pass each.
    pub steps: usize,
    /// Root mean square of a step, in intensities.
    pub step_size: f64,
    /// Weight of the penalty.
    pub penalty: f64,
}

/// Result of [`ActivationMaximisation::maximise`].
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ActivationMaximum {
    /// Image `[1, c, h, w]` like the start; intensities are not clipped.
    pub image: Tensor,
    /// Decision score of the start.
    pub start_score: f32,
    /// Decision score of the image.
    pub final_score: f32,
}

impl ActivationMaximisation {
    /// Maximises the class by gradient ascent from `start` `[1, c, h, w]`.
    ///
    /// # Errors
    /// [`Error::Input`] if the class is not 0 or 1, `steps` is 0, `step_size` is not positive or `penalty` is negative;
    /// otherwise as [`Attribution::attribute`](crate::Attribution::attribute).
    pub fn maximise(&self, model: &dyn Model, start: &Tensor) -> Result<ActivationMaximum, Error> {
        check_images(start)?;
        let direction = self.check()?;
        let pixels = start.elem_count() as f64;
        let mut image = start.clone();
        for _ in 0..self.steps {
            let ascent = (gradient_of_batch(model, &image)? * direction)?;
            let pull = ((&image - start)? * (2.0 * self.penalty / pixels))?;
            let slope = (ascent - pull)?;
            let mean_square = f64::from(slope.sqr()?.mean_all()?.to_scalar::<f32>()?);
            if mean_square == 0.0 {
                break;
            }
            image = (image + (slope * (self.step_size / mean_square.sqrt()))?)?;
        }
        let score = |image: &Tensor| -> Result<f32, Error> {
            Ok(decide(model, image)?.squeeze(0)?.to_scalar::<f32>()?)
        };
        let image = require_finite("image", image)?;
        Ok(ActivationMaximum {
            start_score: score(start)?,
            final_score: score(&image)?,
            image,
        })
    }

    /// Checks the settings, and returns the sign of the decision to maximise.
    fn check(&self) -> Result<f64, Error> {
        let direction = match self.class {
            0 => -1.0,
            1 => 1.0,
            _ => return Err(invalid("class", self.class, "0 or 1")),
        };
        check_at_least_one("steps", self.steps)?;
        if !(self.step_size.is_finite() && self.step_size > 0.0) {
            return Err(invalid("step_size", self.step_size, "a positive number"));
        }
        if !(self.penalty.is_finite() && self.penalty >= 0.0) {
            return Err(invalid("penalty", self.penalty, "at least 0"));
        }
        Ok(direction)
    }
}
