//! A small residual network (He et al. 2016) with group normalisation (Wu & He 2018): the second
//! architecture of the study, of 3x3 convolutions where the LeNet has 5x5 ones and pooling.
//!
//! A stem, three stages of one block each at the second and third of which the image is halved, and the
//! mean of each feature map. The embedding is a dense layer of those means, as wide as the LeNet's, and
//! the head sees its ReLU: what losses and read-outs work on is as in the LeNet (*ours*).

mod by_hand;
mod spare;
mod unit;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor, Var};
use nodule_config::{ResidualConfig, Settings};

use crate::network::check_images;
use crate::{
    Architecture, ConvolutionalNetwork, Dense, Error, Loss, Network, Output, Stride, relu,
};
use spare::Spare;
use unit::{Unit, UnitShape};

/// A residual network with its parameters.
#[derive(Debug)]
struct Residual {
    config: ResidualConfig,
    device: Device,
    stem: Unit,
    blocks: Vec<Block>,
    embedding: Dense,
    head: Dense,
    /// Kept from step to step: some 2 MB an image of the batch.
    spare: Spare,
}

/// `relu(second(first(x)) + shortcut(x))`; without a shortcut, x itself is added.
#[derive(Debug)]
struct Block {
    name: &'static str,
    first: Unit,
    second: Unit,
    shortcut: Option<Unit>,
}

/// By the order of stages.
const BLOCKS: [&str; 3] = ["block1", "block2", "block3"];

impl Architecture for ResidualConfig {
    fn build(&self, seed: u64, device: &Device) -> Result<Box<dyn Network>, Error> {
        Ok(Box::new(residual(self, seed, device)?))
    }
}

fn residual(config: &ResidualConfig, seed: u64, device: &Device) -> Result<Residual, Error> {
    config.validate()?;
    let unit = |names: [String; 2], inputs, outputs, kernel, stride| {
        let shape = UnitShape {
            inputs,
            outputs,
            kernel,
            how: Stride {
                stride,
                padding: kernel / 2,
            },
            groups: config.groups,
        };
        Unit::new(names, shape, seed, device)
    };
    let [narrow, _, wide] = config.widths;
    let mut blocks = Vec::new();
    let mut inputs = narrow;
    for (i, (name, width)) in BLOCKS.into_iter().zip(config.widths).enumerate() {
        let stride = if i == 0 { 1 } else { 2 };
        let names = |conv: &str, norm: &str| [format!("{name}.{conv}"), format!("{name}.{norm}")];
        let changes = stride > 1 || inputs != width;
        let shortcut = || unit(names("shortcut", "shortcut_norm"), inputs, width, 1, stride);
        blocks.push(Block {
            name,
            first: unit(names("conv1", "norm1"), inputs, width, 3, stride)?,
            second: unit(names("conv2", "norm2"), width, width, 3, 1)?,
            shortcut: changes.then(shortcut).transpose()?,
        });
        inputs = width;
    }
    let stem = ["stem".to_owned(), "stem_norm".to_owned()];
    Ok(Residual {
        config: config.clone(),
        device: device.clone(),
        stem: unit(stem, 1, narrow, 3, config.stem_stride)?,
        blocks,
        embedding: Dense::new("fc1", (wide, config.embedding), seed, device)?,
        head: Dense::new("fc2", (config.embedding, 2), seed, device)?,
        spare: Spare::default(),
    })
}

impl Block {
    fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        let y = self.second.forward(&self.first.forward_relu(x)?)?;
        let sum = match &self.shortcut {
            Some(shortcut) => (y + shortcut.forward(x)?)?,
            None => (y + x)?,
        };
        Ok(relu(&sum)?)
    }

    fn units(&self) -> impl Iterator<Item = &Unit> {
        [&self.first, &self.second]
            .into_iter()
            .chain(&self.shortcut)
    }
}

impl Residual {
    fn units(&self) -> impl Iterator<Item = &Unit> {
        [&self.stem]
            .into_iter()
            .chain(self.blocks.iter().flat_map(Block::units))
    }

    /// From the means of the feature maps, `[n, channels]`, to the end.
    fn tail(&self, means: &Tensor) -> Result<Output, Error> {
        let embedding = self.embedding.forward(means)?;
        let logits = self.head.forward(&relu(&embedding)?)?;
        Ok(Output { embedding, logits })
    }
}

impl Network for Residual {
    fn forward(&self, images: &Tensor) -> Result<Output, Error> {
        self.forward_features(&self.features(images)?)
    }

    /// The stem and every block after its ReLU, and the embedding.
    fn activations(&self, images: &Tensor) -> Result<Vec<(&'static str, Tensor)>, Error> {
        check_images(images, self.config.image_size)?;
        let mut all = vec![("stem", self.stem.forward_relu(images)?)];
        let mut x = all[0].1.clone();
        for block in &self.blocks {
            x = block.forward(&x)?;
            all.push((block.name, x.clone()));
        }
        all.push(("embedding", self.forward_features(&x)?.embedding));
        Ok(all)
    }

    fn layers(&self) -> Vec<&'static str> {
        let mut all = vec!["stem", "stem_norm"];
        all.extend(self.blocks.iter().map(|block| block.name));
        all.extend(["fc1", "fc2"]);
        all
    }

    fn parameters(&self) -> Vec<(String, Var)> {
        let mut all: Vec<_> = self.units().flat_map(Unit::parameters).collect();
        all.extend(self.embedding.parameters());
        all.extend(self.head.parameters());
        all
    }

    fn image_size(&self) -> usize {
        self.config.image_size
    }

    fn device(&self) -> &Device {
        &self.device
    }

    /// On a CPU everything up to the means of the maps is carried out by hand: see `by_hand.rs`.
    fn gradients(
        &self,
        images: &Tensor,
        labels: &Tensor,
        loss: &dyn Loss,
    ) -> Result<(Tensor, GradStore), Error> {
        check_images(images, self.config.image_size)?;
        if images.device().is_cpu() && images.dtype() == DType::F32 {
            return by_hand::gradients(self, images, labels, loss);
        }
        let value = loss.compute(&self.forward(images)?, labels)?;
        let gradients = value.backward()?;
        Ok((value, gradients))
    }

    fn as_convolutional(&self) -> Option<&dyn ConvolutionalNetwork> {
        Some(self)
    }
}

impl ConvolutionalNetwork for Residual {
    fn features(&self, images: &Tensor) -> Result<Tensor, Error> {
        check_images(images, self.config.image_size)?;
        let mut x = self.stem.forward_relu(images)?;
        for block in &self.blocks {
            x = block.forward(&x)?;
        }
        Ok(x)
    }

    fn forward_features(&self, features: &Tensor) -> Result<Output, Error> {
        self.tail(&features.flatten_from(2)?.mean(2)?)
    }
}

#[cfg(test)]
mod tests;
