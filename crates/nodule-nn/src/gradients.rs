//! Loss and gradients of one batch, for training.
//!
//! Candle's graph adds every gradient to a tensor of zeros that it makes first. For the large ones,
//! the feature maps and the first dense layer's weight, that costs as much as computing them. On a
//! CPU this file carries those layers out by hand, forward and backward, and leaves only the small
//! end of the network and the loss to the graph.

use candle_core::backprop::GradStore;
use candle_core::{DType, Tensor, Var};

use crate::conv_relu_pool::{Geometry, TwoLayers};
use crate::network::check_images;
use crate::slices::with_floats;
use crate::{Error, LeNet, Loss, Network};

/// Loss and gradients of a batch. The same as `loss.compute(&network.forward(images)?, labels)?` and its
/// `backward()`, but for rounding, and faster on a CPU.
pub(crate) fn gradients(
    network: &LeNet,
    images: &Tensor,
    labels: &Tensor,
    loss: &dyn Loss,
) -> Result<(Tensor, GradStore), Error> {
    check_images(images, network.image_size())?;
    if images.device().is_cpu() && images.dtype() == DType::F32 {
        return by_hand(network, images, labels, loss);
    }
    let value = loss.compute(&network.forward(images)?, labels)?;
    let gradients = value.backward()?;
    Ok((value, gradients))
}

fn by_hand(
    network: &LeNet,
    images: &Tensor,
    labels: &Tensor,
    loss: &dyn Loss,
) -> Result<(Tensor, GradStore), Error> {
    let [conv1, conv2, fc1, ..] = &network.layers;
    let images = images.contiguous()?;
    let first = Geometry::new(images.shape(), conv1.weight.shape())?;
    let second = Geometry::new(&first.output_shape(), conv2.weight.shape())?;
    let layers = TwoLayers {
        first,
        second,
        spare: &network.spare,
    };
    let parameters = [
        &conv1.weight,
        &conv1.bias,
        &conv2.weight,
        &conv2.bias,
        &images,
    ];
    let (values, kept) = with_floats(parameters, |[weight, bias, next, next_bias, x]| {
        layers.forward(x, [[weight, bias], [next, next_bias]])
    })?;
    let features =
        Tensor::from_vec(values, second.output_shape(), images.device())?.flatten_from(1)?;

    let weight = fc1.weight.as_detached_tensor();
    let hidden = features
        .matmul(&weight.t()?)?
        .broadcast_add(&fc1.bias.as_detached_tensor())?;
    let hidden = Var::from_tensor(&hidden)?;
    let value = loss.compute(&network.tail(&hidden)?, labels)?;
    let mut gradients = value.backward()?;
    let Some(of_hidden) = gradients.remove(&hidden) else {
        return Ok((value, gradients));
    };

    gradients.insert(&fc1.weight, of_hidden.t()?.matmul(&features)?);
    gradients.insert(&fc1.bias, of_hidden.sum(0)?);
    let of_features = of_hidden.matmul(&weight)?;
    let tensors = [
        &images,
        &*conv1.weight,
        &*conv2.weight,
        &features,
        &of_features,
    ];
    let [of_first, of_second] =
        with_floats(tensors, |[x, weight, next, features, of_features]| {
            layers.backward(x, [weight, next], kept, [features, of_features])
        })?;
    for (layer, found) in [(conv1, of_first), (conv2, of_second)] {
        let of_weight = Tensor::from_vec(found.weight, layer.weight.shape(), images.device())?;
        let of_bias = Tensor::from_vec(found.bias, layer.bias.shape(), images.device())?;
        gradients.insert(&layer.weight, of_weight);
        gradients.insert(&layer.bias, of_bias);
    }
    Ok((value, gradients))
}
