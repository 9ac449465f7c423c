//! Class-model visualisation by activation maximisation.

use candle_core::Tensor;

use super::gradient;
use crate::error::{check_images, finite, setting};
use crate::model::decisions;
use crate::{Error, Model};

/// An image that a model takes for the best of its class.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ActivationMaximum {
    /// `[1, c, h, w]`, as the start; not cut to any range.
    pub image: Tensor,
    /// The decision value of the start and of the image.
    pub decisions: (f32, f32),
}

/// The image that maximises `decision - penalty * |image - start|^2 / pixels` for `class` 1, and
/// likewise with `-decision` for class 0 (Simonyan et al. 2013, section 2, whose penalty pulls to
/// black), by `steps` steps of gradient ascent from `start` `[1, c, h, w]`, each `size` intensities
/// long in root mean square. `steps` backward passes. It shows the model, not an image of any data.
///
/// # Errors
/// [`Error::Setting`] if the class is not 0 or 1, if there is no step, or if `size` is not positive
/// or `penalty` negative; else as [`gradient`](super::gradient()).
pub fn activation_maximisation(
    model: &(impl Model + ?Sized),
    start: &Tensor,
    class: u8,
    steps: usize,
    size: f64,
    penalty: f64,
) -> Result<ActivationMaximum, Error> {
    check_images(start)?;
    let direction = match class {
        0 => -1.0,
        1 => 1.0,
        _ => return Err(setting("class", class, "0 or 1")),
    };
    if steps == 0 {
        return Err(setting("steps", steps, "at least 1"));
    }
    if !(size.is_finite() && size > 0.0) {
        return Err(setting("size", size, "a positive number"));
    }
    if !(penalty.is_finite() && penalty >= 0.0) {
        return Err(setting("penalty", penalty, "0 or more"));
    }
    let pixels = start.elem_count() as f64;
    let mut image = start.clone();
    for _ in 0..steps {
        let up = (gradient::of_batch(model, &image)? * direction)?;
        let pull = ((&image - start)? * (2.0 * penalty / pixels))?;
        let slope = (up - pull)?;
        let square = f64::from(slope.sqr()?.mean_all()?.to_scalar::<f32>()?);
        if square == 0.0 {
            break;
        }
        image = (image + (slope * (size / square.sqrt()))?)?;
    }
    let decision = |image: &Tensor| -> Result<f32, Error> {
        Ok(decisions(model, image)?.squeeze(0)?.to_scalar::<f32>()?)
    };
    let image = finite("image", image)?;
    Ok(ActivationMaximum {
        decisions: (decision(start)?, decision(&image)?),
        image,
    })
}
