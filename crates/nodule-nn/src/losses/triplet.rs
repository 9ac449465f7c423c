//! Triplet loss with batch-hard mining.

use candle_core::{D, DType, Tensor};
use nodule_config::Settings;
pub use nodule_config::Triplet;

use super::pairs::{
    EPSILON, check_pairs, normalise_rows, off_diagonal, same_class, squared_distances,
};
use crate::{Error, Loss, Output};

impl Loss for Triplet {
    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
        triplet(&output.embedding, labels, self.margin)
    }
}

/// Larger than any distance on the unit sphere.
const FAR: f64 = 1e3;

/// Returns the mean batch-hard triplet loss (Hermans et al. 2017, equation 5), a scalar:
/// `max(0, margin + max_p d(i, p) - min_q d(i, q))` for positives `p` and negatives `q` of each anchor `i`.
///
/// Anchors are the images of a batch with another image of their class and one of the other class. `d` is the Euclidean
/// distance between L2-normalised rows of `embedding` `[n, dimension]` (*ours*: the paper does not normalise); `labels`
/// are `u32` `[n]`. The first of equally distant rows counts.
///
/// # Errors
/// [`Error::Setting`] if the batch has fewer than two images or the margin is not in (0, 2]; or if the shapes disagree or
/// the device fails.
pub fn triplet(embedding: &Tensor, labels: &Tensor, margin: f64) -> Result<Tensor, Error> {
    let (n, _) = embedding.dims2()?;
    check_pairs(n)?;
    Triplet { margin }.validate()?;
    let distance = (squared_distances(&normalise_rows(embedding)?)? + EPSILON)?.sqrt()?;
    let same = same_class(labels, embedding.dtype())?;
    let positive = same.mul(&off_diagonal(n, embedding)?)?;
    let negative = same.affine(-1.0, 1.0)?;
    // Select by arg-max over shifted distances, then gather the distance itself: Candle's maximum would give the
    // gradient to every tie.
    let shift_others = |mask: &Tensor, by: f64| -> Result<Tensor, Error> {
        Ok((distance.detach() + mask.affine(-by, by)?)?)
    };
    let farthest = shift_others(&positive, -FAR)?.argmax_keepdim(D::Minus1)?;
    let nearest = shift_others(&negative, FAR)?.argmin_keepdim(D::Minus1)?;
    let gap = (distance.gather(&farthest, 1)? - distance.gather(&nearest, 1)?)?;
    let violation = (gap.squeeze(1)? + margin)?;
    let has_any = |mask: &Tensor| mask.sum(D::Minus1)?.gt(0.0)?.to_dtype(DType::F32);
    let anchors = has_any(&positive)?.mul(&has_any(&negative)?)?;
    let active = violation
        .gt(0.0)?
        .to_dtype(DType::F32)?
        .mul(&anchors)?
        .detach();
    let count = anchors.sum_all()?.maximum(1.0)?;
    Ok(violation.mul(&active)?.sum_all()?.div(&count)?)
}
