//! A convolution with group normalisation, packed for the kernels, and the gradients of its parameters.

use super::conv_norm::ConvNorm;
use super::workspace::Pool;
use crate::Error;
use crate::kernels::accumulate;
use crate::kernels::channel_lanes::{
    ChannelConvolution, Channels, Filter, Map, NormParameters, Statistics, WeightSums,
};
use crate::layers::slices::with_slices;

/// A unit with packed weights.
pub(super) struct PackedUnit {
    pub(super) convolution: ChannelConvolution,
    norm: NormParameters,
    pub(super) output: Map,
}

/// Gradients of one unit's parameters, accumulated over images, in the form of the kernels.
pub(super) struct UnitSums {
    weight: WeightSums,
    scale: Vec<f32>,
    shift: Vec<f32>,
}

/// Gradients of one unit's parameters.
pub(super) struct ParameterGradients {
    pub(super) weight: Vec<f32>,
    pub(super) scale: Vec<f32>,
    pub(super) shift: Vec<f32>,
}

impl UnitSums {
    /// Sets the accumulators to zero.
    pub(super) fn reset(&mut self) {
        self.weight.reset();
        self.scale.fill(0.0);
        self.shift.fill(0.0);
    }
}

impl ParameterGradients {
    pub(super) fn add(&mut self, other: &Self) {
        accumulate(&mut self.weight, &other.weight);
        accumulate(&mut self.scale, &other.scale);
        accumulate(&mut self.shift, &other.shift);
    }
}

impl PackedUnit {
    /// Packs a unit for inputs of the sizes `input`, with `filter` for its convolution.
    pub(super) fn new(
        unit: &ConvNorm,
        filter: &Filter,
        input: &Map,
        needs_input: bool,
    ) -> Result<Self, Error> {
        let parameters = [&*unit.weight, &*unit.scale, &*unit.shift];
        Ok(with_slices(parameters, |[weight, scale, shift]| Self {
            convolution: ChannelConvolution::new(filter, *input, weight, needs_input),
            norm: NormParameters {
                weight: scale.to_vec(),
                bias: shift.to_vec(),
                groups: unit.groups,
            },
            output: filter.output_map(input),
        })?)
    }

    /// Returns accumulators at zero.
    pub(super) fn zero_sums(&self) -> UnitSums {
        UnitSums {
            weight: self.convolution.zero_sums(),
            scale: vec![0.0; self.norm.weight.len()],
            shift: vec![0.0; self.norm.bias.len()],
        }
    }

    /// Returns the gradients from their accumulators.
    pub(super) fn unpack(&self, sums: &UnitSums) -> ParameterGradients {
        ParameterGradients {
            weight: self.convolution.unpack(&sums.weight),
            scale: sums.scale.clone(),
            shift: sums.shift.clone(),
        }
    }

    /// Returns the convolution of `x`, and its statistics.
    pub(super) fn forward(
        &self,
        x: &[Channels],
        scratch: &mut [Channels],
        pool: &Pool,
    ) -> (Vec<Channels>, Statistics) {
        let mut convolved = pool.take(self.output.dense_len());
        self.convolution.forward(x, scratch, &mut convolved);
        let statistics = self.norm.statistics(&self.output, &convolved);
        (convolved, statistics)
    }

    /// Adds the parameter gradients to the accumulators, sets `gradient` to zero where `output` is not positive, and adds
    /// the gradient of `x` to `x_gradient`, if these are given.
    pub(super) fn backward(
        &self,
        (x, statistics, convolved): (&[Channels], &Statistics, &[Channels]),
        output: Option<&[Channels]>,
        gradient: &mut [Channels],
        (scratch, sums): (&mut [Channels], &mut UnitSums),
        x_gradient: Option<&mut [Channels]>,
    ) {
        let gradient = self.norm.backward(
            &self.output,
            (statistics, convolved),
            output,
            gradient,
            (&mut sums.scale, &mut sums.shift),
        );
        let buffers = (scratch, &mut sums.weight);
        self.convolution.backward(x, &gradient, buffers, x_gradient);
    }
}
