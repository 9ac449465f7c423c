//! Max-sensitivity of an attribution method.

use candle_core::Tensor;

use crate::Error;
use crate::check::check_at_least_one;
use crate::error::invalid;

/// Returns the max-sensitivity of each image (Yeh et al. 2019, definition 3.1, over the given `perturbations`), `[n]`:
/// the largest `|map(image + perturbation) - map(image)| / |map(image)|` in the Euclidean norm.
///
/// `attribute` computes the maps of images.
///
/// # Errors
/// If the shapes disagree, there is no perturbation, `attribute` fails, or a map is blank.
///
/// ```
/// use candle_core::{Device, Tensor};
/// use nodule_explain::metrics::max_sensitivity;
/// use nodule_explain::{Attribution, Gradient, gaussian_noise};
///
/// let sum = |images: &Tensor| images.sum((1, 2, 3));
/// let images = Tensor::new(&[[[[0.5f32, 1.0]]]], &Device::Cpu)?;
/// let noise = [gaussian_noise(&images, 0.1, 7)?];
/// // The gradient of a linear model is the same everywhere.
/// let found = max_sensitivity(|x| Gradient.attribute(&sum, x), &images, &noise)?;
/// assert_eq!(found, [0.0]);
/// # Ok::<(), nodule_explain::Error>(())
/// ```
pub fn max_sensitivity(
    attribute: impl Fn(&Tensor) -> Result<Tensor, Error>,
    images: &Tensor,
    perturbations: &[Tensor],
) -> Result<Vec<f32>, Error> {
    check_at_least_one("perturbations", perturbations.len())?;
    let norms = |maps: &Tensor| -> Result<Vec<f32>, Error> {
        Ok(maps.sqr()?.sum((1, 2, 3))?.sqrt()?.to_vec1()?)
    };
    let maps = attribute(images)?;
    let map_norms = norms(&maps)?;
    if let Some(blank) = map_norms.iter().position(|norm| *norm == 0.0) {
        let value = format!("blank for image {blank}");
        return Err(invalid("map", value, "a map that is not blank"));
    }
    let mut largest = vec![0.0f32; map_norms.len()];
    for perturbation in perturbations {
        let changes = norms(&(attribute(&images.add(perturbation)?)? - &maps)?)?;
        for ((largest, change), norm) in largest.iter_mut().zip(changes).zip(&map_norms) {
            *largest = largest.max(change / norm);
        }
    }
    Ok(largest)
}
