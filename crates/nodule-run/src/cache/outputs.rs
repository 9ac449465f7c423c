//! Outputs of one network on the images over the shape-texture plane.

use nodule_eval::{FittedReadOut, ReadOut};
use nodule_nn::Network;
use nodule_train::infer;
use rayon::prelude::*;

use super::PlaneImages;
use crate::Error;
use crate::images::images_to_tensor;
use crate::measure::{LinearReadOut, MethodMaps, NOISE_SEED, compute_maps, decision_scores};

/// Outputs of one network, not yet in SD units.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NetworkOutputs {
    /// Decision scores `[nodules, points * points]` by read-out.
    pub(crate) scores: Vec<(ReadOut, Vec<f32>)>,
    /// Read-out of the maps; `None` if the network does not have it.
    pub(crate) map_read_out: Option<LinearReadOut>,
    /// Maps at the corners `[nodules, 4, size, size]`.
    pub(crate) maps: MethodMaps,
}

impl NetworkOutputs {
    /// Runs `network` with its fitted read-outs on `images`, on the CPU.
    pub(crate) fn compute(
        images: &PlaneImages,
        network: &dyn Network,
        read_outs: &[FittedReadOut],
    ) -> Result<Self, Error> {
        let inference = infer(network, &images.images)?;
        let scores = read_outs.par_iter().map(|fitted| {
            let scores = decision_scores(fitted, &inference)?;
            Ok((fitted.read_out(), scores))
        });
        let has_maps =
            |fitted: &&FittedReadOut| images.view.map_read_out == Some(fitted.read_out());
        let map_read_out = read_outs
            .iter()
            .find(has_maps)
            .map(LinearReadOut::from_fitted)
            .transpose()?;
        let maps = match &map_read_out {
            Some(read_out) => {
                let corners = images_to_tensor(&images.corners, images.view.image_size)?;
                compute_maps(network, read_out, NOISE_SEED, &corners)?
            }
            None => MethodMaps::new(),
        };
        Ok(Self {
            scores: scores.collect::<Result<_, Error>>()?,
            map_read_out,
            maps,
        })
    }
}
