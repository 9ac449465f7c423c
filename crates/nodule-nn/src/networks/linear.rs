//! The linear network, a control without any nonlinearity (*ours*).
//!
//! Embedding and logits are weighted sums of pixels. What it learns about shape or texture needs no nonlinear features.

use candle_core::{Device, Tensor, Var};
use candle_nn::{Module, VarBuilder};

use super::network::check_images;
use crate::{Architecture, Dense, Error, LinearConfig, Network, Output, Settings};

/// A linear network: an embedding and a head, both dense layers.
#[derive(Debug, Clone)]
pub struct LinearNetwork {
    image_size: usize,
    device: Device,
    embedding: Dense,
    head: Dense,
}

impl LinearNetwork {
    /// Returns the network with the tensors of `weights`: layers `fc1` and `fc2`.
    ///
    /// # Errors
    /// As [`Architecture::load`].
    pub fn new(config: &LinearConfig, weights: VarBuilder) -> Result<Self, Error> {
        config.validate()?;
        let pixels = config.image_size * config.image_size;
        Ok(Self {
            image_size: config.image_size,
            device: weights.device().clone(),
            embedding: Dense::new(pixels, config.embedding, weights.pp("fc1"))?,
            head: Dense::new(config.embedding, 2, weights.pp("fc2"))?,
        })
    }
}

impl Network for LinearNetwork {
    fn forward_output(&self, images: &Tensor) -> Result<Output, Error> {
        check_images(images, self.image_size)?;
        let embedding = self.embedding.forward(&images.flatten_from(1)?)?;
        let logits = self.forward_logits(&embedding)?;
        Ok(Output { embedding, logits })
    }

    fn forward_logits(&self, embedding: &Tensor) -> Result<Tensor, Error> {
        Ok(self.head.forward(embedding)?)
    }

    fn layers(&self) -> Vec<String> {
        [&self.embedding, &self.head]
            .map(|layer| layer.name().to_owned())
            .into()
    }

    fn parameters(&self) -> Vec<(String, Var)> {
        [self.embedding.parameters(), self.head.parameters()].concat()
    }

    fn image_size(&self) -> usize {
        self.image_size
    }

    fn device(&self) -> &Device {
        &self.device
    }
}

/// Returns the logits `[n, 2]` of images.
impl Module for LinearNetwork {
    fn forward(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        Ok(self.forward_output(images)?.logits)
    }
}

impl Architecture for LinearConfig {
    fn load(&self, weights: VarBuilder) -> Result<Box<dyn Network>, Error> {
        Ok(Box::new(LinearNetwork::new(self, weights)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network() -> Box<dyn Network> {
        let config = LinearConfig {
            image_size: 5,
            embedding: 3,
        };
        config.build(7, &Device::Cpu).unwrap()
    }

    #[test]
    fn logits_of_a_mixture_are_the_mixture_of_the_logits() {
        let network = network();
        let image = |seed: usize| {
            let pixels = (0..25).map(|i| ((i * 7 + seed * 11) % 13) as f32 / 13.0);
            Tensor::from_vec(pixels.collect::<Vec<f32>>(), (1, 1, 5, 5), &Device::Cpu).unwrap()
        };
        let logits = |image: &Tensor| {
            let logits = network.forward(image).unwrap();
            logits.to_vec2::<f32>().unwrap()[0].clone()
        };
        let (a, b) = (image(1), image(2));
        let mixture = ((&a * 0.25).unwrap() + (&b * 0.75).unwrap()).unwrap();
        for (i, found) in logits(&mixture).into_iter().enumerate() {
            let expected = 0.25 * logits(&a)[i] + 0.75 * logits(&b)[i];
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }

    #[test]
    fn parameters_have_pytorch_names_and_shapes() {
        let parameters = network().parameters();
        let shapes: Vec<_> = parameters
            .iter()
            .map(|(name, variable)| (name.as_str(), variable.dims().to_vec()))
            .collect();
        let expected = [
            ("fc1.bias", vec![3]),
            ("fc1.weight", vec![3, 25]),
            ("fc2.bias", vec![2]),
            ("fc2.weight", vec![2, 3]),
        ];
        assert_eq!(shapes, expected);
    }

    #[test]
    fn rejects_wrong_sizes() {
        let images = Tensor::zeros((1, 1, 6, 6), candle_core::DType::F32, &Device::Cpu).unwrap();
        let message = network().forward_output(&images).unwrap_err().to_string();
        assert!(message.contains("[n, 1, 5, 5]"), "{message}");
        let empty = LinearConfig {
            embedding: 0,
            ..LinearConfig::default()
        };
        let message = empty.build(7, &Device::Cpu).unwrap_err().to_string();
        assert!(message.contains("embedding = 0"), "{message}");
    }
}
