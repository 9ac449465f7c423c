//! Grad-CAM.

use candle_core::{Tensor, Var};
use nodule_error::conflict;

use super::{Attribution, in_batches};
use crate::check::check_images;
use crate::model::{check_scores, not_differentiable};
use crate::{Error, Model};

/// Grad-CAM (Selvaraju et al. 2017, equations 1 and 2): `relu(sum_k weight_k * feature map k)`, where the weight is the
/// mean of the gradient over the feature map, upsampled bilinearly to the image.
///
/// All channels get the same map. Values are never negative, so evidence against the decision is not shown, and a map
/// may be blank. Costs one backward pass through the end of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct GradCam;

impl Attribution for GradCam {
    fn attribute(&self, model: &dyn Model, images: &Tensor) -> Result<Tensor, Error> {
        if !model.has_feature_maps() {
            let reason = "the model has no feature maps; use another method";
            return Err(conflict("grad-cam", reason).into());
        }
        check_images(images)?;
        let (_, channels, height, width) = images.dims4()?;
        in_batches(images, |batch| {
            let features = Var::from_tensor(&model.feature_maps(batch)?.detach())?;
            let scores = model.decide_from_feature_maps(&features)?;
            let scores = check_scores(scores, batch.dim(0)?)?;
            let gradients = scores.sum_all()?.backward()?;
            let gradient = gradients.get(&features).ok_or_else(not_differentiable)?;
            let weights = gradient.mean_keepdim((2, 3))?.detach();
            let weighted = features.as_detached_tensor().broadcast_mul(&weights)?;
            let maps = weighted.sum(1)?.relu()?;
            let maps = upsample_bilinear(&maps, height, width)?.unsqueeze(1)?;
            Ok(maps.repeat((1, channels, 1, 1))?)
        })
    }
}

/// Returns maps `[n, h, w]` upsampled bilinearly with aligned pixel centres (PyTorch's `align_corners=False`).
fn upsample_bilinear(maps: &Tensor, height: usize, width: usize) -> Result<Tensor, Error> {
    let (n, from_height, from_width) = maps.dims3()?;
    let values = maps.flatten_all()?.to_vec1::<f32>()?;
    let rows = interpolation_weights(from_height, height);
    let columns = interpolation_weights(from_width, width);
    let mut upsampled = Vec::with_capacity(n * height * width);
    for map in values.chunks(from_height * from_width) {
        for &(top, bottom, down) in &rows {
            for &(left, right, along) in &columns {
                let at = |y: usize, x: usize| map[y * from_width + x];
                let upper = at(top, left) + along * (at(top, right) - at(top, left));
                let lower = at(bottom, left) + along * (at(bottom, right) - at(bottom, left));
                upsampled.push(upper + down * (lower - upper));
            }
        }
    }
    let shape = (n, height, width);
    Ok(Tensor::from_vec(upsampled, shape, maps.device())?)
}

/// Returns for each of `to` positions the two neighbours among `from`, and the fraction of the way to the second.
fn interpolation_weights(from: usize, to: usize) -> Vec<(usize, usize, f32)> {
    let neighbours = |i: usize| {
        let x = ((i as f64 + 0.5) * from as f64 / to as f64 - 0.5).max(0.0);
        let low = (x as usize).min(from - 1);
        (low, (low + 1).min(from - 1), (x - low as f64) as f32)
    };
    (0..to).map(neighbours).collect()
}
