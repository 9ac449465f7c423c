//! A convolution of maps with channels as lanes: its filter, its packed weights, and the choice of its kernel.

use super::channels::{Channels, LANES, Matrix, zero_matrix};
use super::direct::Direct;
use super::map::Map;
use super::norm::OutputGradient;
use super::winograd::Winograd;

/// Sizes of a square filter with 1 or 3 rows, padded by half of them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Filter {
    pub(crate) channels: usize,
    pub(crate) outputs: usize,
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
}

impl Filter {
    /// Returns the sizes of the output for an input of the sizes `input`.
    pub(crate) fn output_map(&self, input: &Map) -> Map {
        let out = |pixels: usize| (pixels - 1) / self.stride + 1;
        Map::new(self.outputs, out(input.height), out(input.width))
    }

    /// Number of filter taps.
    pub(super) fn area(&self) -> usize {
        self.kernel * self.kernel
    }

    pub(super) fn input_blocks(&self) -> usize {
        self.channels.div_ceil(LANES)
    }

    pub(super) fn output_blocks(&self) -> usize {
        self.outputs.div_ceil(LANES)
    }

    /// Returns one weight of `[o, c, k, k]`, or zero for a missing channel.
    pub(super) fn weight(&self, weight: &[f32], output: usize, channel: usize, tap: usize) -> f32 {
        if output < self.outputs && channel < self.channels {
            weight[(output * self.channels + channel) * self.area() + tap]
        } else {
            0.0
        }
    }
}

/// A convolution with packed weights.
pub(crate) struct ChannelConvolution {
    kernel: Implementation,
}

enum Implementation {
    Winograd(Winograd),
    Direct(Direct),
}

/// Weight gradient, summed over images, in the form of the kernel.
pub(crate) struct WeightSums(Vec<Matrix>);

impl WeightSums {
    /// Sets the sums to zero.
    pub(crate) fn reset(&mut self) {
        self.0.fill(zero_matrix());
    }
}

impl ChannelConvolution {
    /// Packs `weight` `[o, c, k, k]` for inputs of the sizes `input`; for the input gradient as well if `needs_input` is
    /// set.
    pub(crate) fn new(filter: &Filter, input: Map, weight: &[f32], needs_input: bool) -> Self {
        let kernel = match (filter.kernel, filter.stride) {
            (3, 1) => Implementation::Winograd(Winograd::new(filter, input, weight)),
            _ => Implementation::Direct(Direct::new(filter, input, weight, needs_input)),
        };
        Self { kernel }
    }

    /// Allocates the scratch buffer of one thread.
    pub(crate) fn scratch(&self) -> Vec<Channels> {
        let length = match &self.kernel {
            Implementation::Winograd(winograd) => winograd.scratch_len(),
            Implementation::Direct(direct) => direct.scratch_len(),
        };
        vec![Channels::ZERO; length]
    }

    /// Returns weight sums at zero.
    pub(crate) fn zero_sums(&self) -> WeightSums {
        WeightSums(match &self.kernel {
            Implementation::Winograd(winograd) => winograd.zero_sums(),
            Implementation::Direct(direct) => direct.zero_sums(),
        })
    }

    /// Returns the weight gradient `[o, c, k, k]`.
    pub(crate) fn unpack(&self, sums: &WeightSums) -> Vec<f32> {
        match &self.kernel {
            Implementation::Winograd(winograd) => winograd.unpack(&sums.0),
            Implementation::Direct(direct) => direct.unpack(&sums.0),
        }
    }

    /// Writes the output of an image `x`, with a border, to `output`, a dense map.
    pub(crate) fn forward(
        &self,
        x: &[Channels],
        scratch: &mut [Channels],
        output: &mut [Channels],
    ) {
        match &self.kernel {
            Implementation::Winograd(winograd) => winograd.forward(x, scratch, output),
            Implementation::Direct(direct) => direct.forward(x, output),
        }
    }

    /// Adds the weight gradient of an image `x` to `sums`, and its input gradient to `input_gradient`, a map whose border
    /// may be overwritten, if that is given.
    pub(crate) fn backward(
        &self,
        x: &[Channels],
        gradient: &OutputGradient,
        (scratch, sums): (&mut [Channels], &mut WeightSums),
        input_gradient: Option<&mut [Channels]>,
    ) {
        let sums = &mut sums.0;
        match &self.kernel {
            Implementation::Winograd(winograd) => {
                winograd.backward(x, gradient, scratch, sums, input_gradient);
            }
            Implementation::Direct(direct) => {
                direct.backward(x, gradient, scratch, sums, input_gradient);
            }
        }
    }
}
