//! Loss and gradients of one batch of the LeNet on a CPU, for training.
//!
//! Candle's graph adds every gradient to a new tensor of zeros. For large gradients (feature maps, the first dense
//! layer's weight) that costs as much as computing them. This file therefore computes convolutions and the first dense
//! layer outside of the graph, forward and backward. The graph holds the rest of the network and the loss.

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};

use super::LeNet;
use crate::kernels::conv_relu_pool::{Geometry, KERNEL, TwoLayers};
use crate::layers::slices::with_slices;
use crate::{Error, LeNetConfig, Loss};

// The kernels take filters of this size alone.
const _: () = assert!(LeNetConfig::KERNEL == KERNEL);

/// Returns the same as the default [`crate::Network::gradients`] up to rounding, for `f32` images on a CPU.
pub(super) fn gradients(
    network: &LeNet,
    images: &Tensor,
    labels: &Tensor,
    loss: &dyn Loss,
) -> Result<(Tensor, GradStore), Error> {
    let LeNet {
        conv1, conv2, fc1, ..
    } = network;
    let images = images.contiguous()?;
    let (n, c, h, w) = images.dims4()?;
    let first = Geometry::new([n, c, h, w], conv1.bias.elem_count());
    let second = Geometry::new(first.output_shape(), conv2.bias.elem_count());
    let layers = TwoLayers {
        first,
        second,
        pool: &network.scratch,
    };
    let inputs = [
        &conv1.weight,
        &conv1.bias,
        &conv2.weight,
        &conv2.bias,
        &images,
    ];
    let (features, buffers) = with_slices(inputs, |[weight1, bias1, weight2, bias2, x]| {
        layers.forward(x, [[weight1, bias1], [weight2, bias2]])
    })?;
    let features =
        Tensor::from_vec(features, &second.output_shape(), images.device())?.flatten_from(1)?;

    let weight = fc1.weight.as_detached_tensor();
    let hidden = features
        .matmul(&weight.t()?)?
        .broadcast_add(&fc1.bias.as_detached_tensor())?;
    let hidden = Var::from_tensor(&hidden)?;
    let value = loss.compute(&network.forward_hidden(&hidden)?, labels)?;
    let mut gradients = value.backward()?;
    let Some(hidden_gradient) = gradients.remove(&hidden) else {
        return Ok((value, gradients));
    };

    gradients.insert(&fc1.weight, hidden_gradient.t()?.matmul(&features)?);
    gradients.insert(&fc1.bias, hidden_gradient.sum(0)?);
    let features_gradient = hidden_gradient.matmul(&weight)?;
    let inputs = [
        &images,
        &*conv1.weight,
        &*conv2.weight,
        &features,
        &features_gradient,
    ];
    let layer_gradients = with_slices(inputs, |[x, weight1, weight2, features, gradient]| {
        layers.backward(x, [weight1, weight2], buffers, [features, gradient])
    })?;
    for (layer, found) in [conv1, conv2].into_iter().zip(layer_gradients) {
        let weight = Tensor::from_vec(found.weight, layer.weight.shape(), images.device())?;
        let bias = Tensor::from_vec(found.bias, layer.bias.shape(), images.device())?;
        gradients.insert(&layer.weight, weight);
        gradients.insert(&layer.bias, bias);
    }
    Ok((value, gradients))
}
