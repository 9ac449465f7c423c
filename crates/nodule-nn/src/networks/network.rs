//! Traits of a network and of its settings, and the function that overwrites its parameters.

use std::collections::BTreeMap;
use std::fmt;

use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{Module, VarBuilder};
use nodule_error::conflict;

use crate::error::reject;
use crate::{Error, Loss, seeded_weights};

/// Output of one forward pass.
#[derive(Debug, Clone)]
pub struct Output {
    /// `[n, dimension]`: input of losses on embeddings and of classifiers on the embedding.
    pub embedding: Tensor,
    /// `[n, 2]`: normal and abnormal, from the network's own head.
    pub logits: Tensor,
}

/// A network with its parameters. Images are `f32` `[n, 1, image_size, image_size]`.
///
/// `dyn Network` and the networks of this crate implement [`Module`] as well: its `forward` returns the logits.
///
/// # Example
/// ```
/// use candle_core::{Device, Module, Tensor, Var};
/// use nodule_nn::{Dense, Error, Network, Output, relu};
///
/// /// A perceptron whose hidden layer is the embedding.
/// #[derive(Debug)]
/// struct Perceptron {
///     image_size: usize,
///     device: Device,
///     hidden: Dense,
///     head: Dense,
/// }
///
/// impl Network for Perceptron {
///     fn forward_output(&self, images: &Tensor) -> Result<Output, Error> {
///         let embedding = self.hidden.forward(&images.flatten_from(1)?)?;
///         let logits = self.head.forward(&relu(&embedding)?)?;
///         Ok(Output { embedding, logits })
///     }
///
///     fn layers(&self) -> Vec<String> {
///         [&self.hidden, &self.head].map(|layer| layer.name().to_owned()).into()
///     }
///
///     fn parameters(&self) -> Vec<(String, Var)> {
///         [self.hidden.parameters(), self.head.parameters()].concat()
///     }
///
///     fn image_size(&self) -> usize {
///         self.image_size
///     }
///
///     fn device(&self) -> &Device {
///         &self.device
///     }
/// }
/// ```
pub trait Network: fmt::Debug + Send + Sync {
    /// Returns embedding and logits of `images`, differentiable by Candle.
    ///
    /// # Errors
    /// [`Error::Setting`] if the images have another size; or if the device fails.
    fn forward_output(&self, images: &Tensor) -> Result<Output, Error>;

    /// Returns the output `[n, ...]` of each layer with the layer's name, in forward order. The last one is the
    /// embedding, by default the only one.
    ///
    /// # Errors
    /// As [`Network::forward_output`].
    fn activations(&self, images: &Tensor) -> Result<Vec<(String, Tensor)>, Error> {
        let embedding = self.forward_output(images)?.embedding;
        Ok(vec![("embedding".to_owned(), embedding)])
    }

    /// Returns the logits `[n, 2]` of embeddings `[n, dimension]`: the head alone, which training with dropout needs.
    ///
    /// # Errors
    /// [`Error::Setting`] if the network has no head of its own, as by default; or if the device fails.
    fn forward_logits(&self, _embedding: &Tensor) -> Result<Tensor, Error> {
        let reason = "this network does not implement forward_logits; train it without dropout";
        Err(conflict("dropout", reason).into())
    }

    /// Returns the names of the layers with parameters, in forward order, the head last. The names of a layer's
    /// parameters begin with it (`conv1` of `conv1.weight`).
    fn layers(&self) -> Vec<String>;

    /// Returns every parameter once, always in the same order. Names and layouts are those of PyTorch.
    fn parameters(&self) -> Vec<(String, Var)>;

    /// Width and height of the images, in pixels.
    fn image_size(&self) -> usize;

    /// Device of the parameters.
    fn device(&self) -> &Device;

    /// Returns the loss of `images` with `labels` `u32` `[n]`, a scalar, and the gradients of the parameters that it
    /// depends on. By default computed by Candle; a network with a faster implementation overrides this.
    ///
    /// # Errors
    /// As [`Network::forward_output`] and [`Loss::compute`].
    fn gradients(
        &self,
        images: &Tensor,
        labels: &Tensor,
        loss: &dyn Loss,
    ) -> Result<(Tensor, GradStore), Error> {
        graph_gradients(&self.forward_output(images)?, labels, loss)
    }

    /// Returns the network if it has convolutional feature maps, which Grad-CAM needs.
    fn as_convolutional(&self) -> Option<&dyn ConvolutionalNetwork> {
        None
    }
}

/// Returns the logits `[n, 2]` of images.
impl Module for dyn Network + '_ {
    fn forward(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        Ok(self.forward_output(images)?.logits)
    }
}

/// A network whose output is a function of the feature maps of its last convolution.
pub trait ConvolutionalNetwork: Network {
    /// Returns the feature maps of `images`, `[n, channels, s, s]`.
    ///
    /// # Errors
    /// As [`Network::forward_output`].
    fn forward_features(&self, images: &Tensor) -> Result<Tensor, Error>;

    /// Returns embedding and logits of feature maps.
    ///
    /// # Errors
    /// If the shapes disagree or the device fails.
    fn forward_head(&self, features: &Tensor) -> Result<Output, Error>;
}

/// Settings from which a network is built.
///
/// # Example
/// ```
/// use candle_core::Device;
/// use nodule_nn::{Architecture, ResidualConfig};
///
/// # fn main() -> Result<(), nodule_nn::Error> {
/// let network = ResidualConfig::default().build(7, &Device::Cpu)?;
/// assert_eq!(network.layers().first().map(String::as_str), Some("stem"));
/// # Ok(())
/// # }
/// ```
pub trait Architecture: fmt::Debug + Send + Sync {
    /// Returns the network with the tensors of `weights` as its parameters.
    ///
    /// # Errors
    /// [`Error::Setting`] if the sizes do not fit together; or if a tensor is missing, has another shape, or the device
    /// fails.
    fn load(&self, weights: VarBuilder) -> Result<Box<dyn Network>, Error>;

    /// Returns a new network, [`Architecture::load`] of [`seeded_weights`]. The same seed gives the same weights.
    ///
    /// # Errors
    /// As [`Architecture::load`].
    fn build(&self, seed: u64, device: &Device) -> Result<Box<dyn Network>, Error> {
        self.load(seeded_weights(seed, device))
    }
}

/// Returns the loss of `output` under `labels`, and the gradients of Candle's graph.
///
/// # Errors
/// As [`Loss::compute`].
pub(super) fn graph_gradients(
    output: &Output,
    labels: &Tensor,
    loss: &dyn Loss,
) -> Result<(Tensor, GradStore), Error> {
    let value = loss.compute(output, labels)?;
    let gradients = value.backward()?;
    Ok((value, gradients))
}

/// Rejects images that are not `[n, 1, size, size]`.
pub(super) fn check_images(images: &Tensor, size: usize) -> Result<(), Error> {
    if images.dims().len() == 4 && images.dims()[1..] == [1, size, size] {
        return Ok(());
    }
    let allowed = format!("[n, 1, {size}, {size}]");
    reject("images", format!("{:?}", images.dims()), &allowed)
}

/// Overwrites the parameters of `network` with `tensors`: exactly the same names and shapes, `f32`. All tensors are
/// checked before the first parameter changes.
///
/// # Errors
/// [`Error::Parameter`] for a tensor that is missing, unknown, of another shape, or not finite.
///
/// # Example
/// ```
/// use std::collections::BTreeMap;
///
/// use candle_core::Device;
/// use nodule_nn::{Architecture, LinearConfig, set_parameters};
///
/// # fn main() -> Result<(), nodule_nn::Error> {
/// let [from, to] = [1, 2].map(|seed| LinearConfig::default().build(seed, &Device::Cpu));
/// let (from, to) = (from?, to?);
/// let tensors: BTreeMap<_, _> = from
///     .parameters()
///     .into_iter()
///     .map(|(name, parameter)| (name, parameter.as_detached_tensor()))
///     .collect();
/// set_parameters(to.as_ref(), &tensors)?;
/// # Ok(())
/// # }
/// ```
pub fn set_parameters(
    network: &dyn Network,
    tensors: &BTreeMap<String, Tensor>,
) -> Result<(), Error> {
    let parameters = network.parameters();
    let is_known = |name: &String| parameters.iter().any(|(known, _)| known == name);
    if let Some(name) = tensors.keys().find(|name| !is_known(name)) {
        let names: Vec<_> = parameters.iter().map(|(name, _)| name.as_str()).collect();
        return Err(Error::Parameter {
            name: name.clone(),
            found: "is unknown".into(),
            needed: format!("only {}", names.join(", ")),
        });
    }
    let checked = parameters.iter().map(|(name, parameter)| {
        let tensor = check_tensor(tensors.get(name), name, parameter)?;
        Ok((parameter, tensor))
    });
    for (parameter, tensor) in checked.collect::<Result<Vec<_>, Error>>()? {
        parameter.set(&tensor.to_device(network.device())?)?;
    }
    Ok(())
}

fn check_tensor<'a>(
    tensor: Option<&'a Tensor>,
    name: &str,
    parameter: &Var,
) -> Result<&'a Tensor, Error> {
    let shape = parameter.dims();
    let mismatch = |found: String| Error::Parameter {
        name: name.to_owned(),
        found,
        needed: format!("{shape:?} of f32, all finite"),
    };
    let tensor = tensor.ok_or_else(|| mismatch("is missing".into()))?;
    if tensor.dims() != shape || tensor.dtype() != DType::F32 {
        let (dims, dtype) = (tensor.dims(), tensor.dtype().as_str());
        return Err(mismatch(format!("is {dims:?} of {dtype}")));
    }
    let values = tensor.flatten_all()?.to_vec1::<f32>()?;
    match values.iter().find(|v| !v.is_finite()) {
        Some(value) => Err(mismatch(format!("holds {value}"))),
        None => Ok(tensor),
    }
}
