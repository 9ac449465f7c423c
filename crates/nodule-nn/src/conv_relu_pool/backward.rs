//! The backward kernel.
//!
//! Only the winner of each pooling window has a gradient, and only where the ReLU let it through:
//! a quarter of the convolution's outputs or less. For each of them the weight gradient gains the
//! input patch, and the input gradient gains the filter.

use super::geometry::{Geometry, WIDEST};
use super::input_gradient::{Masks, input_gradient};
use super::one_channel::{OneChannel, rows};
use super::patches::{Patches, aligned};
use super::weight_gradient::{Lists, weight_gradient};
use crate::arch::arch;

/// The backward pass of one layer, for images one by one.
pub(super) struct Backward<'a> {
    geometry: &'a Geometry,
    /// None where the weight of a single channel is all that has a gradient.
    patches: Option<Patches>,
    of_input: bool,
    /// The filters as [`Patches::pack`] has them.
    filters: Vec<f32>,
}

/// Gradients of weight and bias, gathered over some images.
pub(super) struct Gathered {
    /// As the packed filters, or as the weight itself where there are no patches.
    pub(super) weight: Vec<f32>,
    pub(super) bias: Vec<f32>,
}

/// Scratch memory of one thread.
pub(super) struct Scratch {
    /// The input, in patches; of one channel alone, its rows three by three.
    input: Vec<f32>,
    /// Its gradient, in patches.
    gradient: Vec<f32>,
    /// The gradient of the output where its ReLU let it through, zero elsewhere.
    passed: Vec<f32>,
    lists: Option<Lists>,
    masks: Masks,
}

/// What backward knows of one image.
pub(super) struct Image<'a> {
    pub(super) input: &'a [f32],
    /// The layer's output.
    pub(super) pooled: &'a [f32],
    /// Which corner of its window each of them came from.
    pub(super) winners: &'a [u32],
    /// Gradient of the output.
    pub(super) gradient: &'a [f32],
}

pub(super) fn scratch(geometry: &Geometry, of_input: bool) -> Scratch {
    let patches = patches(geometry, of_input);
    let grouped = |patches: &Patches| patches.groups * patches.group() + WIDEST;
    let input = patches.as_ref().map_or_else(|| rows(geometry), grouped);
    Scratch {
        input: vec![0.0; input],
        gradient: vec![0.0; if of_input { input } else { 0 }],
        passed: vec![0.0; geometry.output()],
        lists: patches.map(|patches| Lists::new(geometry, &patches)),
        masks: Masks::new(geometry),
    }
}

fn patches(geometry: &Geometry, of_input: bool) -> Option<Patches> {
    (of_input || geometry.channels > 1).then(|| Patches::new(geometry))
}

impl<'a> Backward<'a> {
    pub(super) fn new(geometry: &'a Geometry, weight: &[f32], of_input: bool) -> Self {
        let patches = patches(geometry, of_input);
        let filters = patches.as_ref().map(|patches| patches.pack(weight));
        Self {
            geometry,
            patches,
            of_input,
            filters: filters.unwrap_or_default(),
        }
    }

    pub(super) fn gathered(&self) -> Gathered {
        let of_weight = self.geometry.outputs * self.geometry.filter();
        let packed = self
            .patches
            .map(|patches| patches.groups * patches.filters());
        Gathered {
            weight: vec![0.0; packed.unwrap_or(of_weight)],
            bias: vec![0.0; self.geometry.outputs],
        }
    }

    /// What was gathered of the weight, in its own layout.
    pub(super) fn unpack(&self, gathered: Vec<f32>) -> Vec<f32> {
        match self.patches {
            Some(patches) => patches.unpack(&gathered),
            None => gathered,
        }
    }

    /// Adds one image to `sums`, and writes the gradient of its input where it is wanted.
    pub(super) fn image(
        &self,
        image: &Image,
        scratch: &mut Scratch,
        sums: &mut Gathered,
        gradient: &mut [f32],
    ) {
        arch().dispatch(|| pass(image, &mut scratch.passed));
        let passed = scratch.passed.chunks_exact(self.geometry.pooled());
        for (sum, passed) in sums.bias.iter_mut().zip(passed) {
            *sum += total(passed);
        }
        let outputs = (image.winners, scratch.passed.as_slice());
        let (Some(patches), Some(lists)) = (&self.patches, &mut scratch.lists) else {
            OneChannel {
                geometry: self.geometry,
                image: image.input,
                corners: image.winners,
                passed: &scratch.passed,
                rows: &mut scratch.input,
                sums: &mut sums.weight,
            }
            .run();
            return;
        };
        let grouped = patches.groups * patches.group();
        let input = aligned(&mut scratch.input, grouped);
        arch().dispatch(|| patches.gather(image.input, input));
        weight_gradient(patches, lists, input, outputs, &mut sums.weight);
        if self.of_input {
            let grouped = aligned(&mut scratch.gradient, grouped);
            let masks = &mut scratch.masks;
            input_gradient(
                self.geometry,
                patches,
                masks,
                &self.filters,
                outputs,
                grouped,
            );
            arch().dispatch(|| patches.scatter(grouped, gradient));
        }
    }
}

/// A sum in sixteen strands: one alone would wait for each addition before the next.
fn total(values: &[f32]) -> f32 {
    let (blocks, rest) = values.as_chunks::<16>();
    let mut strands = [0.0; 16];
    for block in blocks {
        strands.iter_mut().zip(block).for_each(|(s, v)| *s += v);
    }
    strands.iter().chain(rest).sum()
}

/// The gradient of the output where the ReLU let it through, zero elsewhere.
#[inline(always)]
fn pass(image: &Image, passed: &mut [f32]) {
    let gradients = image.gradient.iter().zip(image.pooled);
    for (passed, (&gradient, &pooled)) in passed.iter_mut().zip(gradients) {
        *passed = if pooled > 0.0 { gradient } else { 0.0 };
    }
}
