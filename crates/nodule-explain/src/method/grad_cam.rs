//! Grad-CAM.

use candle_core::{Tensor, Var};

use super::in_batches;
use crate::error::check_images;
use crate::model::{checked, detached};
use crate::{Convolutional, Error};

/// `relu(sum_k weight_k * feature map k)`, each weight the mean over its map of
/// `d decision / d feature` (Selvaraju et al. 2017, equations 1 and 2), enlarged bilinearly to
/// `[n, c, h, w]`; every channel gets the same map. One backward pass through the end of the model.
/// Never negative: what speaks against the decision is not shown, and a map may be blank.
///
/// # Errors
/// As [`gradient`](super::gradient()).
pub fn grad_cam(model: &(impl Convolutional + ?Sized), images: &Tensor) -> Result<Tensor, Error> {
    check_images(images)?;
    let (_, channels, height, width) = images.dims4()?;
    in_batches(images, |batch| {
        let features = Var::from_tensor(&model.features(batch)?.detach())?;
        let decisions = checked(model.decide_features(&features)?, batch.dim(0)?)?;
        let gradients = decisions.sum_all()?.backward()?;
        let gradient = gradients.get(&features).ok_or_else(detached)?;
        let weights = gradient.mean_keepdim((2, 3))?.detach();
        let weighted = features.as_detached_tensor().broadcast_mul(&weights)?;
        let map = weighted.sum(1)?.relu()?;
        let large = enlarged(&map, height, width)?.unsqueeze(1)?;
        Ok(large.repeat((1, channels, 1, 1))?)
    })
}

pub(super) fn with_defaults(
    model: &dyn Convolutional,
    images: &Tensor,
    _: u64,
) -> Result<Tensor, Error> {
    grad_cam(model, images)
}

/// Maps `[n, h, w]` enlarged bilinearly, pixel centres on pixel centres (PyTorch's
/// `align_corners=False`).
fn enlarged(maps: &Tensor, height: usize, width: usize) -> Result<Tensor, Error> {
    let (n, from_height, from_width) = maps.dims3()?;
    let values = maps.flatten_all()?.to_vec1::<f32>()?;
    let (rows, columns) = (weights(from_height, height), weights(from_width, width));
    let mut large = Vec::with_capacity(n * height * width);
    for map in values.chunks(from_height * from_width) {
        for &(top, bottom, down) in &rows {
            for &(left, right, along) in &columns {
                let at = |y: usize, x: usize| map[y * from_width + x];
                let upper = at(top, left) + along * (at(top, right) - at(top, left));
                let lower = at(bottom, left) + along * (at(bottom, right) - at(bottom, left));
                large.push(upper + down * (lower - upper));
            }
        }
    }
    Ok(Tensor::from_vec(large, (n, height, width), maps.device())?)
}

/// For each of `to` places: the two of `from` it lies between, and how far it is to the second.
fn weights(from: usize, to: usize) -> Vec<(usize, usize, f32)> {
    let place = |i: usize| {
        let x = ((i as f64 + 0.5) * from as f64 / to as f64 - 0.5).max(0.0);
        let low = (x as usize).min(from - 1);
        (low, (low + 1).min(from - 1), (x - low as f64) as f32)
    };
    (0..to).map(place).collect()
}
