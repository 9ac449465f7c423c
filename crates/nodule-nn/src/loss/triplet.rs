//! Triplet loss with batch-hard mining: for each image, the farthest of its class must be nearer than
//! the nearest of the other, by a margin.

use candle_core::{D, DType, Tensor};
use nodule_config::Settings;
pub use nodule_config::Triplet;

use super::sphere::{EPSILON, check_pairs, normalised, others, same_class, squared_distances};
use crate::{Error, Loss, Output};

impl Loss for Triplet {
    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
        triplet(&output.embedding, labels, self.margin)
    }
}

/// Farther than any two points of the unit sphere.
const FAR: f64 = 1e3;

/// Mean batch-hard triplet loss (Hermans et al. 2017, equation 5) over the images of a batch that
/// have another of their class and one of the other, a scalar:
/// `max(0, margin + max_{p} d(i, p) - min_{q} d(i, q))`. `d` is the Euclidean distance between
/// L2-normalised rows of `embedding` `[n, dimension]` (*ours*: the paper does not normalise);
/// `labels` are u32 `[n]`. Among equally far rows the first counts.
///
/// # Errors
/// [`Error::Setting`] if the batch has fewer than two images or the margin is not in (0, 2]; or
/// if the shapes disagree or the device fails.
pub fn triplet(embedding: &Tensor, labels: &Tensor, margin: f64) -> Result<Tensor, Error> {
    let (n, _) = embedding.dims2()?;
    check_pairs(n)?;
    Triplet { margin }.validate()?;
    let distance = (squared_distances(&normalised(embedding)?)? + EPSILON)?.sqrt()?;
    let same = same_class(labels, embedding.dtype())?;
    let positive = same.mul(&others(n, embedding)?)?;
    let negative = same.affine(-1.0, 1.0)?;
    // Those that are no candidates are moved out of the way before the choice, and the chosen one's
    // own distance is taken: a maximum would hand its gradient to every tie.
    let out = |mask: &Tensor, by: f64| -> Result<Tensor, Error> {
        Ok((distance.detach() + mask.affine(-by, by)?)?)
    };
    let farthest = out(&positive, -FAR)?.argmax_keepdim(D::Minus1)?;
    let nearest = out(&negative, FAR)?.argmin_keepdim(D::Minus1)?;
    let gap = (distance.gather(&farthest, 1)? - distance.gather(&nearest, 1)?)?;
    let short = (gap.squeeze(1)? + margin)?;
    let has = |mask: &Tensor| mask.sum(D::Minus1)?.gt(0.0)?.to_dtype(DType::F32);
    let anchors = has(&positive)?.mul(&has(&negative)?)?;
    let counted = short.gt(0.0)?.to_dtype(DType::F32)?.mul(&anchors)?.detach();
    let count = anchors.sum_all()?.maximum(1.0)?;
    Ok(short.mul(&counted)?.sum_all()?.div(&count)?)
}
