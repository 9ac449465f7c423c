//! A custom network of Candle operations: two strided convolutions, an embedding and a head.

use candle_core::{Device, Module, Tensor, Var};
use nodule_nn::{Architecture, Dense, Error, Network, Output, VarBuilder, relu, uniform_init};

/// Sizes of the network.
#[derive(Debug)]
pub(crate) struct Strided {
    /// At least 13 pixels.
    pub(crate) image_size: usize,
    pub(crate) channels: usize,
    pub(crate) embedding: usize,
}

impl Architecture for Strided {
    fn load(&self, weights: VarBuilder) -> Result<Box<dyn Network>, Error> {
        let convolution = |name: &str, inputs: usize| {
            let shape = (self.channels, inputs, 5, 5);
            let filters =
                weights
                    .pp(name)
                    .get_with_hints(shape, "weight", uniform_init(inputs * 25));
            Var::from_tensor(&filters?)
        };
        // Width after two convolutions of 5 pixels with stride 2.
        let width = (self.image_size - 13) / 4 + 1;
        let inputs = self.channels * width * width;
        Ok(Box::new(Built {
            image_size: self.image_size,
            device: weights.device().clone(),
            convolutions: [
                convolution("conv1", 1)?,
                convolution("conv2", self.channels)?,
            ],
            embedding: Dense::new(inputs, self.embedding, weights.pp("fc"))?,
            head: Dense::new(self.embedding, 2, weights.pp("head"))?,
        }))
    }
}

#[derive(Debug)]
struct Built {
    image_size: usize,
    device: Device,
    convolutions: [Var; 2],
    embedding: Dense,
    head: Dense,
}

impl Network for Built {
    fn forward_output(&self, images: &Tensor) -> Result<Output, Error> {
        // Centres intensities from [0, 1] at 0, since the convolutions have no bias.
        let mut x = images.affine(2.0, -1.0)?;
        for weight in &self.convolutions {
            // Strides instead of `max_pool2d`, whose gradient in Candle 0.11 is a quarter of the correct one.
            x = relu(&x.conv2d(weight, 0, 2, 1, 1)?)?;
        }
        let embedding = self.embedding.forward(&x.flatten_from(1)?)?;
        let logits = self.head.forward(&relu(&embedding)?)?;
        Ok(Output { embedding, logits })
    }

    fn layers(&self) -> Vec<String> {
        ["conv1", "conv2", "fc", "head"].map(str::to_owned).into()
    }

    fn parameters(&self) -> Vec<(String, Var)> {
        let [first, second] = self.convolutions.clone();
        let mut all = vec![
            ("conv1.weight".to_owned(), first),
            ("conv2.weight".to_owned(), second),
        ];
        all.extend(self.embedding.parameters());
        all.extend(self.head.parameters());
        all
    }

    fn image_size(&self) -> usize {
        self.image_size
    }

    fn device(&self) -> &Device {
        &self.device
    }
}
