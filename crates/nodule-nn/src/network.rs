//! What a network is to training, inference, attribution and a study: an embedding, two logits, its
//! layers by name, and parameters by PyTorch's names. And how one is named in a study file.

use std::collections::BTreeMap;
use std::fmt;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor, Var};

use crate::error::refuse;
use crate::{Constructor, Error, LeNetConfig, LinearConfig, Loss, ResidualConfig};

/// Constructors of the networks of the crate, in the order of [`nodule_config::NETWORKS`].
pub const NETWORKS: &[Constructor<dyn Architecture>] = &[
    Constructor::<dyn Architecture>::new::<LeNetConfig>(),
    Constructor::<dyn Architecture>::new::<LinearConfig>(),
    Constructor::<dyn Architecture>::new::<ResidualConfig>(),
];

/// What one forward pass gives.
#[derive(Debug, Clone)]
pub struct Output {
    /// `[n, dimension]`: what losses on embeddings and read-outs see.
    pub embedding: Tensor,
    /// `[n, 2]`: normal and abnormal, from the network's own head.
    pub logits: Tensor,
}

/// A network with its parameters. Images are f32 `[n, 1, image_size, image_size]`.
pub trait Network: fmt::Debug + Send + Sync {
    /// Embedding and logits of `images`, made of operations that Candle can differentiate.
    ///
    /// # Errors
    /// [`Error::Setting`] if the images are of another size; or if the device fails.
    fn forward(&self, images: &Tensor) -> Result<Output, Error>;

    /// What each layer makes of `images` (`[n, ...]`), in forward order, with its name; the last is
    /// the embedding, and the only one unless a network says more.
    ///
    /// # Errors
    /// As [`Network::forward`].
    fn activations(&self, images: &Tensor) -> Result<Vec<(&'static str, Tensor)>, Error> {
        Ok(vec![("embedding", self.forward(images)?.embedding)])
    }

    /// The layers that have parameters, in forward order, the head last: each is what the names of
    /// its parameters begin with (`conv1` of `conv1.weight`).
    fn layers(&self) -> Vec<&'static str>;

    /// Every parameter, each once and always in the same order; names and layouts are PyTorch's.
    fn parameters(&self) -> Vec<(String, Var)>;

    /// Width and height of the images, in pixels.
    fn image_size(&self) -> usize;

    /// Where its parameters are.
    fn device(&self) -> &Device;

    /// The loss of `images` under `labels` u32 `[n]`, a scalar, and the gradient of every parameter
    /// that it depends on. A network that knows a faster way than Candle's graph takes it here.
    ///
    /// # Errors
    /// As [`Network::forward`] and [`Loss::compute`].
    fn gradients(
        &self,
        images: &Tensor,
        labels: &Tensor,
        loss: &dyn Loss,
    ) -> Result<(Tensor, GradStore), Error> {
        let value = loss.compute(&self.forward(images)?, labels)?;
        let gradients = value.backward()?;
        Ok((value, gradients))
    }

    /// The same network as one with convolutional feature maps, where it has some: Grad-CAM needs it.
    fn as_convolutional(&self) -> Option<&dyn ConvolutionalNetwork> {
        None
    }
}

/// A network whose output passes through the feature maps of a last convolution.
pub trait ConvolutionalNetwork: Network {
    /// Those maps, `[n, channels, s, s]`.
    ///
    /// # Errors
    /// As [`Network::forward`].
    fn features(&self, images: &Tensor) -> Result<Tensor, Error>;

    /// Embedding and logits from them.
    ///
    /// # Errors
    /// If the shapes disagree or the device fails.
    fn forward_features(&self, features: &Tensor) -> Result<Output, Error>;
}

/// The settings of a network, from which one is made.
pub trait Architecture: fmt::Debug + Send + Sync {
    /// A new network. The same seed gives the same weights, whatever else is going on.
    ///
    /// # Errors
    /// [`Error::Setting`] if the sizes do not fit together; or if the device fails.
    fn build(&self, seed: u64, device: &Device) -> Result<Box<dyn Network>, Error>;
}

/// Refuses images that are not `[n, 1, size, size]`.
pub(crate) fn check_images(images: &Tensor, size: usize) -> Result<(), Error> {
    if images.dims().len() == 4 && images.dims()[1..] == [1, size, size] {
        return Ok(());
    }
    let allowed = format!("[n, 1, {size}, {size}]");
    refuse("images", format!("{:?}", images.dims()), &allowed)
}

/// Puts `tensors` into the parameters of `network`: exactly their names and shapes, f32.
///
/// # Errors
/// [`Error::Parameter`] for a tensor that is missing, unknown, of another shape, or not finite.
pub fn set_parameters(
    network: &dyn Network,
    tensors: &BTreeMap<String, Tensor>,
) -> Result<(), Error> {
    let parameters = network.parameters();
    let known = |name: &String| parameters.iter().any(|(other, _)| other == name);
    if let Some(name) = tensors.keys().find(|name| !known(name)) {
        let names: Vec<_> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        return Err(Error::Parameter {
            name: name.clone(),
            found: "is in the file".into(),
            needed: format!("only {}", names.join(", ")),
        });
    }
    let fitting = parameters.iter().map(|(name, parameter)| {
        let tensor = fitting(tensors.get(name), name, parameter)?;
        Ok((parameter, tensor))
    });
    // All are checked before the first is set.
    for (parameter, tensor) in fitting.collect::<Result<Vec<_>, Error>>()? {
        parameter.set(&tensor.to_device(network.device())?)?;
    }
    Ok(())
}

fn fitting<'a>(
    tensor: Option<&'a Tensor>,
    name: &str,
    parameter: &Var,
) -> Result<&'a Tensor, Error> {
    let shape = parameter.dims();
    let refuse = |found: String| Error::Parameter {
        name: name.to_owned(),
        found,
        needed: format!("{shape:?} of f32, all finite"),
    };
    let tensor = tensor.ok_or_else(|| refuse("is missing".into()))?;
    if tensor.dims() != shape || tensor.dtype() != DType::F32 {
        let (dims, dtype) = (tensor.dims(), tensor.dtype().as_str());
        return Err(refuse(format!("is {dims:?} of {dtype}")));
    }
    // A sum of finite numbers may overflow; their absolute maximum does not.
    let values = tensor.flatten_all()?.to_vec1::<f32>()?;
    match values.iter().find(|v| !v.is_finite()) {
        Some(value) => Err(refuse(format!("holds {value}"))),
        None => Ok(tensor),
    }
}
