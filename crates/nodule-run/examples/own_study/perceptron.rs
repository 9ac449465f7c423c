//! A perceptron with one hidden layer and an embedding, built from Candle operations.

use candle_core::{Device, Module, Tensor, Var};
use nodule_error::{InvalidInput, invalid_value};
use nodule_nn::{Architecture, Dense, Error, Network, Output, Settings, VarBuilder, relu};
use serde::{Deserialize, Serialize};

/// Sizes of the perceptron.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Perceptron {
    image_size: usize,
    hidden: usize,
    embedding: usize,
}

impl Default for Perceptron {
    fn default() -> Self {
        Self {
            image_size: 64,
            hidden: 64,
            embedding: 16,
        }
    }
}

impl Settings for Perceptron {
    const NAME: &'static str = "perceptron";

    fn validate(&self) -> Result<(), InvalidInput> {
        let sizes = [("hidden", self.hidden), ("embedding", self.embedding)];
        match sizes.into_iter().find(|(_, n)| !(1..=4096).contains(n)) {
            Some((field, n)) => Err(invalid_value(field, n, "from 1 to 4096")),
            None => Ok(()),
        }
    }
}

impl Architecture for Perceptron {
    fn load(&self, weights: VarBuilder) -> Result<Box<dyn Network>, Error> {
        let pixels = self.image_size * self.image_size;
        Ok(Box::new(Built {
            image_size: self.image_size,
            device: weights.device().clone(),
            layers: [
                Dense::new(pixels, self.hidden, weights.pp("hidden"))?,
                Dense::new(self.hidden, self.embedding, weights.pp("embedding"))?,
                Dense::new(self.embedding, 2, weights.pp("head"))?,
            ],
        }))
    }
}

#[derive(Debug)]
struct Built {
    image_size: usize,
    device: Device,
    layers: [Dense; 3],
}

impl Network for Built {
    fn forward_output(&self, images: &Tensor) -> Result<Output, Error> {
        let [hidden, embedding, head] = &self.layers;
        let hidden = relu(&hidden.forward(&images.flatten_from(1)?)?)?;
        let embedding = embedding.forward(&hidden)?;
        let logits = head.forward(&relu(&embedding)?)?;
        Ok(Output { embedding, logits })
    }

    fn layers(&self) -> Vec<String> {
        let layers = self.layers.iter();
        layers.map(|layer| layer.name().to_owned()).collect()
    }

    fn parameters(&self) -> Vec<(String, Var)> {
        self.layers.iter().flat_map(Dense::parameters).collect()
    }

    fn image_size(&self) -> usize {
        self.image_size
    }

    fn device(&self) -> &Device {
        &self.device
    }
}
