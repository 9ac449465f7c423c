//! The LeNet: two convolutions, two dense layers, a head; seeded as PyTorch initialises them.
//!
//! The embedding is the output of `fc2` before its ReLU (*ours*: signed, so that it fills the sphere
//! that losses on embeddings work on, and shared by every loss); the logits are `fc3` of the rectified
//! embedding.

use std::collections::BTreeMap;
use std::sync::Arc;

use candle_core::backprop::GradStore;
use candle_core::{Device, Tensor, Var};
use nodule_config::Settings;

use crate::config::le_net_layers;
use crate::conv_relu_pool::Spare;
use crate::network::check_images;
use crate::{
    Architecture, ConvolutionalNetwork, Error, LeNetConfig, Loss, Network, Output, conv_relu_pool,
    initial, linear, relu, set_parameters,
};

/// A LeNet (LeCun et al. 1998) with ReLU and maximum pooling.
#[derive(Debug, Clone)]
pub struct LeNet {
    config: LeNetConfig,
    device: Device,
    /// conv1, conv2, fc1, fc2, fc3.
    pub(crate) layers: [Layer; 5],
    pub(crate) spare: Arc<Spare>,
}

#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) weight: Var,
    pub(crate) bias: Var,
}

/// A new network whose parameters begin as [`initial`] has them.
///
/// # Errors
/// If the sizes do not fit together, or the device fails.
pub fn le_net(config: &LeNetConfig, seed: u64, device: &Device) -> Result<LeNet, Error> {
    config.validate()?;
    let layers: [Result<Layer, Error>; 5] = le_net_layers(config).map(|(name, shape)| {
        let fan_in = shape[1..].iter().product();
        let draw = |part: &str, shape: &[usize]| {
            initial(&format!("{name}.{part}"), shape, fan_in, seed, device)
        };
        Ok(Layer {
            weight: draw("weight", &shape)?,
            bias: draw("bias", &shape[..1])?,
        })
    });
    let [conv1, conv2, fc1, fc2, fc3] = layers;
    Ok(LeNet {
        config: config.clone(),
        device: device.clone(),
        layers: [conv1?, conv2?, fc1?, fc2?, fc3?],
        spare: Arc::default(),
    })
}

impl LeNet {
    /// A network that holds copies of `tensors`: exactly the names and shapes of its parameters, f32.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a tensor that is missing, unknown, of another shape, or not finite.
    pub fn from_tensors(
        config: &LeNetConfig,
        tensors: &BTreeMap<String, Tensor>,
        device: &Device,
    ) -> Result<Self, Error> {
        let network = le_net(config, 0, device)?;
        set_parameters(&network, tensors)?;
        Ok(network)
    }

    /// From the first dense layer's output, before its ReLU, to the end.
    pub(crate) fn tail(&self, hidden: &Tensor) -> Result<Output, Error> {
        let [.., fc2, fc3] = &self.layers;
        let embedding = linear(&relu(hidden)?, &fc2.weight, &fc2.bias)?;
        let logits = linear(&relu(&embedding)?, &fc3.weight, &fc3.bias)?;
        Ok(Output { embedding, logits })
    }
}

impl Network for LeNet {
    fn forward(&self, images: &Tensor) -> Result<Output, Error> {
        self.forward_features(&self.features(images)?)
    }

    /// Both convolutions after pooling, the first dense layer after its ReLU, and the embedding.
    fn activations(&self, images: &Tensor) -> Result<Vec<(&'static str, Tensor)>, Error> {
        check_images(images, self.config.image_size)?;
        let [conv1, conv2, fc1, fc2, _] = &self.layers;
        let first = conv_relu_pool(images, &conv1.weight, &conv1.bias)?;
        let second = conv_relu_pool(&first, &conv2.weight, &conv2.bias)?;
        let hidden = relu(&linear(&second.flatten_from(1)?, &fc1.weight, &fc1.bias)?)?;
        let embedding = linear(&hidden, &fc2.weight, &fc2.bias)?;
        Ok(vec![
            ("conv1", first),
            ("conv2", second),
            ("fc1", hidden),
            ("embedding", embedding),
        ])
    }

    fn layers(&self) -> Vec<&'static str> {
        le_net_layers(&self.config).map(|(name, _)| name).to_vec()
    }

    fn parameters(&self) -> Vec<(String, Var)> {
        let names = le_net_layers(&self.config);
        let layers = names.iter().zip(&self.layers);
        let all = layers.flat_map(|((name, _), layer)| {
            [
                (format!("{name}.bias"), layer.bias.clone()),
                (format!("{name}.weight"), layer.weight.clone()),
            ]
        });
        all.collect()
    }

    fn image_size(&self) -> usize {
        self.config.image_size
    }

    fn device(&self) -> &Device {
        &self.device
    }

    /// On a CPU the large layers are carried out by hand, forward and backward: see `gradients.rs`.
    fn gradients(
        &self,
        images: &Tensor,
        labels: &Tensor,
        loss: &dyn Loss,
    ) -> Result<(Tensor, GradStore), Error> {
        crate::gradients::gradients(self, images, labels, loss)
    }

    fn as_convolutional(&self) -> Option<&dyn ConvolutionalNetwork> {
        Some(self)
    }
}

impl ConvolutionalNetwork for LeNet {
    fn features(&self, images: &Tensor) -> Result<Tensor, Error> {
        check_images(images, self.config.image_size)?;
        let [conv1, conv2, ..] = &self.layers;
        let x = conv_relu_pool(images, &conv1.weight, &conv1.bias)?;
        Ok(conv_relu_pool(&x, &conv2.weight, &conv2.bias)?)
    }

    fn forward_features(&self, features: &Tensor) -> Result<Output, Error> {
        let [_, _, fc1, ..] = &self.layers;
        self.tail(&linear(&features.flatten_from(1)?, &fc1.weight, &fc1.bias)?)
    }
}

impl Architecture for LeNetConfig {
    fn build(&self, seed: u64, device: &Device) -> Result<Box<dyn Network>, Error> {
        Ok(Box::new(le_net(self, seed, device)?))
    }
}

#[cfg(test)]
mod tests {
    use candle_core::DType;

    use super::*;

    fn small() -> LeNetConfig {
        LeNetConfig {
            image_size: 16,
            channels: [2, 3],
            hidden: 5,
            embedding: 4,
        }
    }

    fn by_name(network: &LeNet) -> BTreeMap<String, Tensor> {
        let parameters = network.parameters().into_iter();
        parameters
            .map(|(name, v)| (name, v.as_tensor().clone()))
            .collect()
    }

    #[test]
    fn parameters_are_sorted_and_have_pytorchs_shapes() {
        let network = le_net(&LeNetConfig::default(), 1, &Device::Cpu).unwrap();
        let parameters = network.parameters();
        assert!(parameters.is_sorted_by_key(|(name, _)| name.clone()));
        let shape = |wanted: &str| {
            let (_, v) = parameters.iter().find(|(name, _)| name == wanted).unwrap();
            v.dims().to_vec()
        };
        assert_eq!(shape("conv1.weight"), [6, 1, 5, 5]);
        assert_eq!(shape("conv2.weight"), [16, 6, 5, 5]);
        assert_eq!(shape("fc1.weight"), [120, 2704]);
        assert_eq!(shape("fc3.bias"), [2]);
        let count: usize = parameters.iter().map(|(_, v)| v.elem_count()).sum();
        assert_eq!(count, 156 + 2416 + 324_600 + 10_164 + 170);
    }

    #[test]
    fn the_seed_alone_decides_the_weights_and_they_fill_their_range() {
        let weights = |seed| {
            let network = le_net(&LeNetConfig::default(), seed, &Device::Cpu).unwrap();
            let tensor = by_name(&network)["fc1.weight"].flatten_all().unwrap();
            tensor.to_vec1::<f32>().unwrap()
        };
        let (first, again, other) = (weights(3), weights(3), weights(4));
        assert_eq!(first, again);
        assert_ne!(first, other);
        let bound = 1.0 / 2704f32.sqrt();
        let largest = first.iter().fold(0.0f32, |m, w| m.max(w.abs()));
        assert!(
            largest <= bound && largest > 0.999 * bound,
            "{largest} of {bound}"
        );
        let mean = first.iter().sum::<f32>() / first.len() as f32;
        assert!(mean.abs() < 0.01 * bound, "{mean}");
    }

    #[test]
    fn tensors_go_in_and_come_out_unchanged() {
        let network = le_net(&small(), 1, &Device::Cpu).unwrap();
        let tensors = by_name(&network);
        let copy = LeNet::from_tensors(&small(), &tensors, &Device::Cpu).unwrap();
        let images = Tensor::ones((2, 1, 16, 16), DType::F32, &Device::Cpu).unwrap();
        let logits = |n: &LeNet| n.forward(&images).unwrap().logits.to_vec2::<f32>().unwrap();
        assert_eq!(logits(&network), logits(&copy));
    }

    #[test]
    fn a_tensor_that_does_not_fit_is_named() {
        let tensors = by_name(&le_net(&small(), 1, &Device::Cpu).unwrap());
        let refused = |tensors: &BTreeMap<String, Tensor>| {
            let made = LeNet::from_tensors(&small(), tensors, &Device::Cpu);
            made.unwrap_err().to_string()
        };
        let mut missing = tensors.clone();
        missing.remove("fc1.bias");
        assert!(refused(&missing).contains("tensor fc1.bias: is missing"));
        let mut reshaped = tensors.clone();
        reshaped.insert(
            "fc2.weight".into(),
            Tensor::zeros((4, 6), DType::F32, &Device::Cpu).unwrap(),
        );
        let message = refused(&reshaped);
        assert!(
            message.contains("fc2.weight: is [4, 6] of f32"),
            "{message}"
        );
        assert!(message.contains("needs [4, 5]"), "{message}");
        let mut extra = tensors.clone();
        extra.insert(
            "fc4.bias".into(),
            Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap(),
        );
        assert!(refused(&extra).contains("fc4.bias"));
    }

    #[test]
    fn images_of_another_size_are_refused() {
        let network = le_net(&small(), 1, &Device::Cpu).unwrap();
        let images = Tensor::zeros((2, 1, 20, 20), DType::F32, &Device::Cpu).unwrap();
        let message = network.forward(&images).unwrap_err().to_string();
        assert!(message.contains("[2, 1, 20, 20]"), "{message}");
        assert!(message.contains("[n, 1, 16, 16]"), "{message}");
    }
}
