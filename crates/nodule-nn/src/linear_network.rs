//! The control: a network without a nonlinearity, which sees weighted sums of pixels and nothing else.
//!
//! What it learns of texture or shape can be had without features. *Ours*.

use candle_core::{Device, Tensor, Var};
use nodule_config::{LinearConfig, Settings};

use crate::network::check_images;
use crate::{Architecture, Dense, Error, Network, Output};

impl Architecture for LinearConfig {
    fn build(&self, seed: u64, device: &Device) -> Result<Box<dyn Network>, Error> {
        self.validate()?;
        let pixels = self.image_size * self.image_size;
        Ok(Box::new(Linear {
            image_size: self.image_size,
            device: device.clone(),
            embedding: Dense::new("fc1", (pixels, self.embedding), seed, device)?,
            head: Dense::new("fc2", (self.embedding, 2), seed, device)?,
        }))
    }
}

#[derive(Debug)]
struct Linear {
    image_size: usize,
    device: Device,
    embedding: Dense,
    head: Dense,
}

impl Network for Linear {
    fn forward(&self, images: &Tensor) -> Result<Output, Error> {
        check_images(images, self.image_size)?;
        let embedding = self.embedding.forward(&images.flatten_from(1)?)?;
        let logits = self.head.forward(&embedding)?;
        Ok(Output { embedding, logits })
    }

    fn layers(&self) -> Vec<&'static str> {
        vec!["fc1", "fc2"]
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
    fn the_decision_on_a_mixture_is_the_mixture_of_the_decisions() {
        let network = network();
        let image = |seed: usize| {
            let pixels = (0..25).map(|i| ((i * 7 + seed * 11) % 13) as f32 / 13.0);
            Tensor::from_vec(pixels.collect::<Vec<f32>>(), (1, 1, 5, 5), &Device::Cpu).unwrap()
        };
        let decide = |image: &Tensor| {
            let logits = network.forward(image).unwrap().logits;
            logits.to_vec2::<f32>().unwrap()[0].clone()
        };
        let (a, b) = (image(1), image(2));
        let mixed = ((&a * 0.25).unwrap() + (&b * 0.75).unwrap()).unwrap();
        for (i, found) in decide(&mixed).into_iter().enumerate() {
            let expected = 0.25 * decide(&a)[i] + 0.75 * decide(&b)[i];
            assert!((found - expected).abs() < 1e-5, "{found} {expected}");
        }
    }

    #[test]
    fn parameters_have_pytorchs_names_and_shapes() {
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
    fn what_does_not_fit_is_refused() {
        let images = Tensor::zeros((1, 1, 6, 6), candle_core::DType::F32, &Device::Cpu).unwrap();
        let message = network().forward(&images).unwrap_err().to_string();
        assert!(message.contains("[n, 1, 5, 5]"), "{message}");
        let none = LinearConfig {
            embedding: 0,
            ..LinearConfig::default()
        };
        let message = none.build(7, &Device::Cpu).unwrap_err().to_string();
        assert!(message.contains("embedding = 0"), "{message}");
    }
}
