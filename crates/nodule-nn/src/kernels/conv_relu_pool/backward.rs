//! Gradients of one image of the fused layer.
//!
//! Only the arg-max of each pooling window has a gradient, and only if the ReLU is active: at most a quarter of the
//! convolution outputs. Each of them adds gradient times input patch to the weight gradient, and gradient times filter
//! to the input gradient.

use super::channel_blocks::{ChannelBlocks, align_to_cache_line};
use super::geometry::Geometry;
use super::input_gradient::{OutputMasks, input_gradient};
use super::one_channel::{OneChannel, interleaved_len};
use super::weight_gradient::{WindowLists, weight_gradient};
use crate::kernels::MAX_LANES;
use crate::kernels::arch::arch;

/// The backward pass of one layer, image by image.
pub(super) struct Backward<'a> {
    geometry: &'a Geometry,
    /// `None` for a layer with one channel that needs no input gradient: it uses [`OneChannel`].
    blocks: Option<ChannelBlocks>,
    needs_input: bool,
    /// Filters in the layout of [`ChannelBlocks::pack_filters`].
    filters: Vec<f32>,
}

/// Gradients of weight and bias, accumulated over some images.
pub(super) struct ParameterSums {
    /// In the layout of [`ChannelBlocks::pack_filters`], or `[o, 1, 5, 5]` without channel blocks.
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// Scratch buffers of one thread.
pub(super) struct Scratch {
    /// The input in channel blocks, or with interleaved rows for one channel.
    input: Vec<f32>,
    /// The input gradient in channel blocks.
    gradient: Vec<f32>,
    /// The output gradient after the ReLU's mask.
    masked: Vec<f32>,
    lists: Option<WindowLists>,
    masks: OutputMasks,
}

/// Arguments of the backward pass of one image.
pub(super) struct Image<'a> {
    /// `[c, h, w]`.
    pub(super) input: &'a [f32],
    /// The layer's output.
    pub(super) pooled: &'a [f32],
    /// Corner of the maximum in each pooling window.
    pub(super) argmax: &'a [u32],
    /// Gradient of the output.
    pub(super) gradient: &'a [f32],
}

/// Allocates scratch buffers.
pub(super) fn scratch(geometry: &Geometry, needs_input: bool) -> Scratch {
    let blocks = channel_blocks(geometry, needs_input);
    let blocked_len = |blocks: &ChannelBlocks| blocks.blocks * blocks.block_len() + MAX_LANES;
    let input = blocks
        .as_ref()
        .map_or_else(|| interleaved_len(geometry), blocked_len);
    Scratch {
        input: vec![0.0; input],
        gradient: vec![0.0; if needs_input { input } else { 0 }],
        masked: vec![0.0; geometry.output_len()],
        lists: blocks.map(|blocks| WindowLists::new(geometry, &blocks)),
        masks: OutputMasks::new(geometry),
    }
}

fn channel_blocks(geometry: &Geometry, needs_input: bool) -> Option<ChannelBlocks> {
    (needs_input || geometry.channels > 1).then(|| ChannelBlocks::new(geometry))
}

impl<'a> Backward<'a> {
    /// Packs `weight` `[o, c, 5, 5]`; the input gradient is computed if `needs_input` is set.
    pub(super) fn new(geometry: &'a Geometry, weight: &[f32], needs_input: bool) -> Self {
        let blocks = channel_blocks(geometry, needs_input);
        let filters = blocks.as_ref().map(|blocks| blocks.pack_filters(weight));
        Self {
            geometry,
            blocks,
            needs_input,
            filters: filters.unwrap_or_default(),
        }
    }

    /// Returns accumulators at zero.
    pub(super) fn zero_sums(&self) -> ParameterSums {
        let weight_len = self.geometry.outputs * self.geometry.filter_len();
        let blocked_len = self
            .blocks
            .map(|blocks| blocks.blocks * blocks.filters_len());
        ParameterSums {
            weight: vec![0.0; blocked_len.unwrap_or(weight_len)],
            bias: vec![0.0; self.geometry.outputs],
        }
    }

    /// Returns an accumulated weight gradient as `[o, c, 5, 5]`.
    pub(super) fn unpack(&self, weight_sums: Vec<f32>) -> Vec<f32> {
        match self.blocks {
            Some(blocks) => blocks.unpack_filters(&weight_sums),
            None => weight_sums,
        }
    }

    /// Adds the parameter gradients of one image to `sums`, and writes its input gradient `[c, h, w]` to `gradient` if it
    /// is needed.
    pub(super) fn image(
        &self,
        image: &Image,
        scratch: &mut Scratch,
        sums: &mut ParameterSums,
        gradient: &mut [f32],
    ) {
        arch().dispatch(|| mask_gradient(image, &mut scratch.masked));
        let masked = scratch.masked.chunks_exact(self.geometry.windows());
        for (sum, masked) in sums.bias.iter_mut().zip(masked) {
            *sum += sum_in_strands(masked);
        }
        let outputs = (image.argmax, scratch.masked.as_slice());
        let (Some(blocks), Some(lists)) = (&self.blocks, &mut scratch.lists) else {
            OneChannel {
                geometry: self.geometry,
                image: image.input,
                argmax: image.argmax,
                masked: &scratch.masked,
                interleaved: &mut scratch.input,
                sums: &mut sums.weight,
            }
            .run();
            return;
        };
        let blocked_len = blocks.blocks * blocks.block_len();
        let input = align_to_cache_line(&mut scratch.input, blocked_len);
        arch().dispatch(|| blocks.pack_image(image.input, input));
        weight_gradient(blocks, lists, input, outputs, &mut sums.weight);
        if self.needs_input {
            let blocked = align_to_cache_line(&mut scratch.gradient, blocked_len);
            let masks = &mut scratch.masks;
            input_gradient(
                self.geometry,
                blocks,
                masks,
                &self.filters,
                outputs,
                blocked,
            );
            arch().dispatch(|| blocks.unpack_image(blocked, gradient));
        }
    }
}

/// Returns a sum accumulated in sixteen strands: a single one would wait for each addition before the next.
fn sum_in_strands(values: &[f32]) -> f32 {
    let (blocks, rest) = values.as_chunks::<16>();
    let mut strands = [0.0; 16];
    for block in blocks {
        strands.iter_mut().zip(block).for_each(|(s, v)| *s += v);
    }
    strands.iter().chain(rest).sum()
}

/// Writes the output gradient to `masked`, and zero wherever the ReLU was inactive.
#[inline(always)]
fn mask_gradient(image: &Image, masked: &mut [f32]) {
    let gradients = image.gradient.iter().zip(image.pooled);
    for (masked, (&gradient, &pooled)) in masked.iter_mut().zip(gradients) {
        *masked = if pooled > 0.0 { gradient } else { 0.0 };
    }
}
