//! Sensitivity.

use candle_core::Tensor;

use crate::Error;

/// The largest change of a map over small `perturbations` of its image, `|map(image + p) -
/// map(image)| / |map(image)|` in Euclidean norm, `[n]` (Yeh et al. 2019, definition 3.1, estimated
/// over the given ones). `explain` makes the maps of images.
///
/// # Errors
/// If the shapes disagree, there is no perturbation, `explain` fails, or a map is blank.
pub fn sensitivity(
    explain: impl Fn(&Tensor) -> Result<Tensor, Error>,
    images: &Tensor,
    perturbations: &[Tensor],
) -> Result<Vec<f32>, Error> {
    if perturbations.is_empty() {
        return Err(crate::error::setting("perturbations", 0, "at least 1"));
    }
    let norms = |maps: &Tensor| -> Result<Vec<f32>, Error> {
        Ok(maps.sqr()?.sum((1, 2, 3))?.sqrt()?.to_vec1()?)
    };
    let maps = explain(images)?;
    let own = norms(&maps)?;
    if let Some(blank) = own.iter().position(|norm| *norm == 0.0) {
        let allowed = "a map that is not blank";
        return Err(crate::error::setting(
            "map",
            format!("blank ({blank})"),
            allowed,
        ));
    }
    let mut most = vec![0.0f32; own.len()];
    for perturbation in perturbations {
        let changed = norms(&(explain(&images.add(perturbation)?)? - &maps)?)?;
        for ((most, changed), own) in most.iter_mut().zip(changed).zip(&own) {
            *most = most.max(changed / own);
        }
    }
    Ok(most)
}
