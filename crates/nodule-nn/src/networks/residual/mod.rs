//! A small residual network (He et al. 2016) with group normalisation (Wu & He 2018), the ResNet-8 of small images.
//!
//! A stem, three stages of one block each, of which the second and third halve the image, and the mean of each feature
//! map. The embedding is a dense layer of the means, with the LeNet's width; the head takes its ReLU, as in the LeNet
//! (*ours*). All convolutions are 3x3, but for the 1x1 shortcuts.

mod backward;
mod body;
mod conv_norm;
mod packed_unit;
mod workspace;

use std::sync::Arc;

use candle_core::backprop::GradStore;
use candle_core::{Device, Tensor, Var};
use candle_nn::{Module, VarBuilder};

use super::network::{check_images, graph_gradients};
use crate::layers::has_kernel;
use crate::{
    Architecture, ConvolutionalNetwork, Dense, Error, Loss, Network, Output, ResidualConfig,
    Settings, relu,
};
use conv_norm::{ConvNorm, ConvNormConfig};
use workspace::Pool;

/// A residual network with group normalisation.
#[derive(Debug, Clone)]
pub struct ResidualNetwork {
    config: ResidualConfig,
    device: Device,
    stem: ConvNorm,
    blocks: Vec<Block>,
    embedding: Dense,
    head: Dense,
    pool: Arc<Pool>,
}

/// `relu(second(first(x)) + shortcut(x))`; the identity is the shortcut of a block that has none.
#[derive(Debug, Clone)]
struct Block {
    name: String,
    first: ConvNorm,
    second: ConvNorm,
    shortcut: Option<ConvNorm>,
}

impl Block {
    /// Returns a block from `channels` to `outputs` feature maps, its tensors under the prefix of `weights`.
    fn new(
        (channels, outputs): (usize, usize),
        stride: usize,
        groups: usize,
        weights: &VarBuilder,
    ) -> Result<Self, Error> {
        let unit = |channels, kernel, stride, convolution: &str, norm: &str| {
            let config = ConvNormConfig {
                channels,
                outputs,
                kernel,
                stride,
                groups,
            };
            ConvNorm::new(config, weights.pp(convolution), weights.pp(norm))
        };
        let shortcut = || unit(channels, 1, stride, "shortcut", "shortcut_norm");
        let changes_shape = stride > 1 || channels != outputs;
        Ok(Self {
            name: weights.prefix(),
            first: unit(channels, 3, stride, "conv1", "norm1")?,
            second: unit(outputs, 3, 1, "conv2", "norm2")?,
            shortcut: changes_shape.then(shortcut).transpose()?,
        })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor, Error> {
        let y = self.second.forward(&self.first.forward_relu(x)?)?;
        let sum = match &self.shortcut {
            Some(shortcut) => (y + shortcut.forward(x)?)?,
            None => (y + x)?,
        };
        Ok(relu(&sum)?)
    }

    fn units(&self) -> impl Iterator<Item = &ConvNorm> {
        [&self.first, &self.second]
            .into_iter()
            .chain(&self.shortcut)
    }
}

impl ResidualNetwork {
    /// Returns the network with the tensors of `weights`: layers `stem`, `stem_norm`, `block1` to `block3`, `fc1` and
    /// `fc2`.
    ///
    /// # Errors
    /// As [`Architecture::load`].
    pub fn new(config: &ResidualConfig, weights: VarBuilder) -> Result<Self, Error> {
        config.validate()?;
        let [narrow, _, wide] = config.widths;
        let stem = ConvNormConfig {
            channels: 1,
            outputs: narrow,
            kernel: 3,
            stride: config.stem_stride,
            groups: config.groups,
        };
        let mut blocks = Vec::new();
        let mut channels = narrow;
        for (i, width) in config.widths.into_iter().enumerate() {
            let stride = if i == 0 { 1 } else { 2 };
            let weights = weights.pp(format!("block{}", i + 1));
            blocks.push(Block::new(
                (channels, width),
                stride,
                config.groups,
                &weights,
            )?);
            channels = width;
        }
        Ok(Self {
            config: config.clone(),
            device: weights.device().clone(),
            stem: ConvNorm::new(stem, weights.pp("stem"), weights.pp("stem_norm"))?,
            blocks,
            embedding: Dense::new(wide, config.embedding, weights.pp("fc1"))?,
            head: Dense::new(config.embedding, 2, weights.pp("fc2"))?,
            pool: Arc::default(),
        })
    }

    /// The stem, then the units of every block: first, second, shortcut.
    fn units(&self) -> impl Iterator<Item = &ConvNorm> {
        [&self.stem]
            .into_iter()
            .chain(self.blocks.iter().flat_map(Block::units))
    }

    /// Returns the output, given the means of the last feature maps, `[n, channels]`.
    fn forward_means(&self, means: &Tensor) -> Result<Output, Error> {
        let embedding = self.embedding.forward(means)?;
        let logits = self.forward_logits(&embedding)?;
        Ok(Output { embedding, logits })
    }
}

impl Network for ResidualNetwork {
    fn forward_output(&self, images: &Tensor) -> Result<Output, Error> {
        self.forward_head(&self.forward_features(images)?)
    }

    /// Returns the stem and every block after its ReLU, and the embedding.
    fn activations(&self, images: &Tensor) -> Result<Vec<(String, Tensor)>, Error> {
        check_images(images, self.config.image_size)?;
        let [stem, _] = self.stem.names();
        let mut x = self.stem.forward_relu(images)?;
        let mut activations = vec![(stem.clone(), x.clone())];
        for block in &self.blocks {
            x = block.forward(&x)?;
            activations.push((block.name.clone(), x.clone()));
        }
        let embedding = self.forward_head(&x)?.embedding;
        activations.push(("embedding".to_owned(), embedding));
        Ok(activations)
    }

    fn forward_logits(&self, embedding: &Tensor) -> Result<Tensor, Error> {
        Ok(self.head.forward(&relu(embedding)?)?)
    }

    fn layers(&self) -> Vec<String> {
        let mut names = self.stem.names().to_vec();
        names.extend(self.blocks.iter().map(|block| block.name.clone()));
        names.extend([&self.embedding, &self.head].map(|layer| layer.name().to_owned()));
        names
    }

    fn parameters(&self) -> Vec<(String, Var)> {
        let mut parameters: Vec<_> = self.units().flat_map(ConvNorm::parameters).collect();
        parameters.extend(self.embedding.parameters());
        parameters.extend(self.head.parameters());
        parameters
    }

    fn image_size(&self) -> usize {
        self.config.image_size
    }

    fn device(&self) -> &Device {
        &self.device
    }

    /// On a CPU, everything up to the means of the feature maps bypasses Candle's graph: see `backward.rs`.
    fn gradients(
        &self,
        images: &Tensor,
        labels: &Tensor,
        loss: &dyn Loss,
    ) -> Result<(Tensor, GradStore), Error> {
        check_images(images, self.config.image_size)?;
        if has_kernel(images) {
            return backward::gradients(self, images, labels, loss);
        }
        graph_gradients(&self.forward_output(images)?, labels, loss)
    }

    fn as_convolutional(&self) -> Option<&dyn ConvolutionalNetwork> {
        Some(self)
    }
}

impl ConvolutionalNetwork for ResidualNetwork {
    fn forward_features(&self, images: &Tensor) -> Result<Tensor, Error> {
        check_images(images, self.config.image_size)?;
        let mut x = self.stem.forward_relu(images)?;
        for block in &self.blocks {
            x = block.forward(&x)?;
        }
        Ok(x)
    }

    fn forward_head(&self, features: &Tensor) -> Result<Output, Error> {
        self.forward_means(&features.flatten_from(2)?.mean(2)?)
    }
}

/// Returns the logits `[n, 2]` of images.
impl Module for ResidualNetwork {
    fn forward(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        Ok(self.forward_output(images)?.logits)
    }
}

impl Architecture for ResidualConfig {
    fn load(&self, weights: VarBuilder) -> Result<Box<dyn Network>, Error> {
        Ok(Box::new(ResidualNetwork::new(self, weights)?))
    }
}

#[cfg(test)]
mod tests;
