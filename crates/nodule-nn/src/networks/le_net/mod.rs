//! The LeNet (LeCun et al. 1998): two convolutions, two dense layers and a head.
//!
//! The embedding is the output of `fc2` before its ReLU (*ours*: signed, so that it covers the whole unit sphere of the
//! losses on embeddings). The logits are `fc3` of the ReLU of the embedding.

mod backward;

use std::sync::Arc;

use candle_core::backprop::GradStore;
use candle_core::{Device, Tensor, Var};
use candle_nn::{Module, VarBuilder};

use super::network::{check_images, graph_gradients};
use crate::kernels::conv_relu_pool::ScratchPool;
use crate::layers::has_kernel;
use crate::{
    Architecture, ConvReluPool, ConvolutionalNetwork, Dense, Error, LeNetConfig, Loss, Network,
    Output, Settings, relu,
};

/// A LeNet with ReLU and maximum pooling.
#[derive(Debug, Clone)]
pub struct LeNet {
    config: LeNetConfig,
    device: Device,
    conv1: ConvReluPool,
    conv2: ConvReluPool,
    fc1: Dense,
    fc2: Dense,
    fc3: Dense,
    scratch: Arc<ScratchPool>,
}

impl LeNet {
    /// Returns the network with the tensors of `weights`: layers `conv1`, `conv2`, `fc1`, `fc2` and `fc3`.
    ///
    /// # Errors
    /// As [`Architecture::load`].
    ///
    /// # Example
    /// Opens the trained network of a run; logits come from Candle's [`Module`].
    /// ```no_run
    /// use candle_core::{DType, Device, Tensor};
    /// use candle_nn::{Module, VarBuilder};
    /// use nodule_nn::{LeNet, LeNetConfig};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// let bytes = std::fs::read("results/smoke/runs/ID/model.safetensors")?;
    /// let weights = VarBuilder::from_buffered_safetensors(bytes, DType::F32, &Device::Cpu)?;
    /// let network = LeNet::new(&LeNetConfig::default(), weights)?;
    /// let logits = network.forward(&Tensor::zeros((1, 1, 64, 64), DType::F32, &Device::Cpu)?)?;
    /// # Ok(())
    /// # }
    /// ```
    pub fn new(config: &LeNetConfig, weights: VarBuilder) -> Result<Self, Error> {
        config.validate()?;
        let kernel = LeNetConfig::KERNEL;
        let [first, second] = config.channels;
        let features = second * config.pooled_size().pow(2);
        Ok(Self {
            config: config.clone(),
            device: weights.device().clone(),
            conv1: ConvReluPool::new(1, first, kernel, weights.pp("conv1"))?,
            conv2: ConvReluPool::new(first, second, kernel, weights.pp("conv2"))?,
            fc1: Dense::new(features, config.hidden, weights.pp("fc1"))?,
            fc2: Dense::new(config.hidden, config.embedding, weights.pp("fc2"))?,
            fc3: Dense::new(config.embedding, LeNetConfig::CLASSES, weights.pp("fc3"))?,
            scratch: Arc::default(),
        })
    }

    /// Returns the output, given that of the first dense layer before its ReLU, `[n, hidden]`.
    fn forward_hidden(&self, hidden: &Tensor) -> Result<Output, Error> {
        let embedding = self.fc2.forward(&relu(hidden)?)?;
        let logits = self.forward_logits(&embedding)?;
        Ok(Output { embedding, logits })
    }
}

impl Network for LeNet {
    fn forward_output(&self, images: &Tensor) -> Result<Output, Error> {
        self.forward_head(&self.forward_features(images)?)
    }

    /// Returns both convolutions after pooling, the first dense layer after its ReLU, and the embedding.
    fn activations(&self, images: &Tensor) -> Result<Vec<(String, Tensor)>, Error> {
        check_images(images, self.config.image_size)?;
        let first = self.conv1.forward(images)?;
        let second = self.conv2.forward(&first)?;
        let hidden = relu(&self.fc1.forward(&second.flatten_from(1)?)?)?;
        let embedding = self.fc2.forward(&hidden)?;
        Ok(vec![
            (self.conv1.name().to_owned(), first),
            (self.conv2.name().to_owned(), second),
            (self.fc1.name().to_owned(), hidden),
            ("embedding".to_owned(), embedding),
        ])
    }

    fn forward_logits(&self, embedding: &Tensor) -> Result<Tensor, Error> {
        Ok(self.fc3.forward(&relu(embedding)?)?)
    }

    fn layers(&self) -> Vec<String> {
        let convolutions = [&self.conv1, &self.conv2].map(ConvReluPool::name);
        let dense = [&self.fc1, &self.fc2, &self.fc3].map(Dense::name);
        let names = convolutions.into_iter().chain(dense);
        names.map(str::to_owned).collect()
    }

    fn parameters(&self) -> Vec<(String, Var)> {
        let convolutions = [&self.conv1, &self.conv2].map(ConvReluPool::parameters);
        let dense = [&self.fc1, &self.fc2, &self.fc3].map(Dense::parameters);
        convolutions.into_iter().chain(dense).flatten().collect()
    }

    fn image_size(&self) -> usize {
        self.config.image_size
    }

    fn device(&self) -> &Device {
        &self.device
    }

    /// On a CPU, convolutions and the first dense layer bypass Candle's graph: see `backward.rs`.
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

impl ConvolutionalNetwork for LeNet {
    fn forward_features(&self, images: &Tensor) -> Result<Tensor, Error> {
        check_images(images, self.config.image_size)?;
        Ok(self.conv2.forward(&self.conv1.forward(images)?)?)
    }

    fn forward_head(&self, features: &Tensor) -> Result<Output, Error> {
        self.forward_hidden(&self.fc1.forward(&features.flatten_from(1)?)?)
    }
}

/// Returns the logits `[n, 2]` of images.
impl Module for LeNet {
    fn forward(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        Ok(self.forward_output(images)?.logits)
    }
}

impl Architecture for LeNetConfig {
    fn load(&self, weights: VarBuilder) -> Result<Box<dyn Network>, Error> {
        Ok(Box::new(LeNet::new(self, weights)?))
    }
}

#[cfg(test)]
mod tests;
