//! The network: two convolutions, two dense layers, a head; seeded as PyTorch initialises them.

use std::collections::BTreeMap;

use candle_core::{Device, Tensor, Var};
use candle_nn::Module;
use nodule_seed::{derive, stream};

use crate::{Error, LeNetConfig, conv_relu_pool, linear, relu};

/// A LeNet (LeCun et al. 1998) with ReLU and maximum pooling.
#[derive(Debug, Clone)]
pub struct LeNet {
    config: LeNetConfig,
    device: Device,
    /// conv1, conv2, fc1, fc2, fc3.
    pub(crate) layers: [Layer; 5],
}

#[derive(Debug, Clone)]
pub(crate) struct Layer {
    pub(crate) weight: Var,
    pub(crate) bias: Var,
}

/// What one forward pass gives.
#[derive(Debug, Clone)]
pub struct Output {
    /// `[n, embedding]`: the output of `fc2` before its ReLU (*ours*: signed, so that it fills the
    /// sphere the contrastive loss works on, and shared by every loss).
    pub embedding: Tensor,
    /// `[n, 2]`: `fc3` of the rectified embedding.
    pub logits: Tensor,
}

/// A new network whose weights and biases are uniform in `±1/sqrt(fan_in)`, PyTorch's default.
/// Each tensor draws from a stream of its own, named by the tensor, under `seed`.
///
/// # Errors
/// If the sizes do not fit together, or the device fails.
pub fn le_net(config: &LeNetConfig, seed: u64, device: &Device) -> Result<LeNet, Error> {
    config.validate()?;
    let draw = |name: &str, shape: &[usize], fan_in: usize| -> Result<Var, Error> {
        let mut random = stream(derive(seed, &[name]));
        let bound = 1.0 / (fan_in as f64).sqrt();
        let count = shape.iter().product();
        let values: Vec<f32> = (0..count)
            .map(|_| random.uniform_in(-bound, bound) as f32)
            .collect();
        Ok(Var::from_vec(values, shape, device)?)
    };
    let layers = config.layers().map(|(name, shape)| {
        let fan_in = shape[1..].iter().product();
        Ok(Layer {
            weight: draw(&format!("{name}.weight"), &shape, fan_in)?,
            bias: draw(&format!("{name}.bias"), &shape[..1], fan_in)?,
        })
    });
    assemble(config, device, layers)
}

fn assemble(
    config: &LeNetConfig,
    device: &Device,
    layers: [Result<Layer, Error>; 5],
) -> Result<LeNet, Error> {
    let [conv1, conv2, fc1, fc2, fc3] = layers;
    Ok(LeNet {
        config: config.clone(),
        device: device.clone(),
        layers: [conv1?, conv2?, fc1?, fc2?, fc3?],
    })
}

impl LeNet {
    /// A network that holds copies of `tensors`: exactly the names and shapes of
    /// [`LeNet::parameters`], f32.
    ///
    /// # Errors
    /// [`Error::Parameter`] for a tensor that is missing, unknown or of another shape.
    pub fn from_tensors(
        config: &LeNetConfig,
        tensors: &BTreeMap<String, Tensor>,
        device: &Device,
    ) -> Result<Self, Error> {
        config.validate()?;
        let mut known = Vec::new();
        let mut take = |name: String, shape: &[usize]| {
            let tensor = take_tensor(tensors, &name, shape, device);
            known.push(name);
            tensor
        };
        let layers = config.layers().map(|(name, shape)| {
            Ok(Layer {
                weight: take(format!("{name}.weight"), &shape)?,
                bias: take(format!("{name}.bias"), &shape[..1])?,
            })
        });
        let network = assemble(config, device, layers)?;
        match tensors.keys().find(|name| !known.contains(*name)) {
            Some(name) => Err(Error::Parameter {
                name: name.clone(),
                found: "is in the file".into(),
                needed: format!("only {}", known.join(", ")),
            }),
            None => Ok(network),
        }
    }

    /// Embedding and logits of `images`, `[n, 1, image_size, image_size]`.
    ///
    /// # Errors
    /// [`Error::Setting`] if the images are of another size; or if the device fails.
    pub fn forward(&self, images: &Tensor) -> Result<Output, Error> {
        self.forward_features(&self.features(images)?)
    }

    /// What the second convolution layer leaves of `images` after pooling, `[n, channels, s, s]`.
    ///
    /// # Errors
    /// As [`LeNet::forward`].
    pub fn features(&self, images: &Tensor) -> Result<Tensor, Error> {
        self.check(images)?;
        let [conv1, conv2, ..] = &self.layers;
        let x = conv_relu_pool(images, &conv1.weight, &conv1.bias)?;
        Ok(conv_relu_pool(&x, &conv2.weight, &conv2.bias)?)
    }

    /// Embedding and logits from [`LeNet::features`].
    ///
    /// # Errors
    /// If the shapes disagree or the device fails.
    pub fn forward_features(&self, features: &Tensor) -> Result<Output, Error> {
        let [_, _, fc1, ..] = &self.layers;
        self.tail(&linear(&features.flatten_from(1)?, &fc1.weight, &fc1.bias)?)
    }

    /// What each layer makes of `images`, in forward order, with its name: both convolutions after
    /// pooling, the first dense layer after its ReLU, and the embedding.
    ///
    /// # Errors
    /// As [`LeNet::forward`].
    pub fn activations(&self, images: &Tensor) -> Result<[(&'static str, Tensor); 4], Error> {
        self.check(images)?;
        let [conv1, conv2, fc1, fc2, _] = &self.layers;
        let first = conv_relu_pool(images, &conv1.weight, &conv1.bias)?;
        let second = conv_relu_pool(&first, &conv2.weight, &conv2.bias)?;
        let hidden = relu(&linear(&second.flatten_from(1)?, &fc1.weight, &fc1.bias)?)?;
        let embedding = linear(&hidden, &fc2.weight, &fc2.bias)?;
        Ok([
            ("conv1", first),
            ("conv2", second),
            ("fc1", hidden),
            ("embedding", embedding),
        ])
    }

    /// From the first dense layer's output, before its ReLU, to the end.
    pub(crate) fn tail(&self, hidden: &Tensor) -> Result<Output, Error> {
        let [.., fc2, fc3] = &self.layers;
        let embedding = linear(&relu(hidden)?, &fc2.weight, &fc2.bias)?;
        let logits = linear(&relu(&embedding)?, &fc3.weight, &fc3.bias)?;
        Ok(Output { embedding, logits })
    }

    pub(crate) fn check(&self, images: &Tensor) -> Result<(), Error> {
        let size = self.config.image_size;
        if images.dims().len() == 4 && images.dims()[1..] == [1, size, size] {
            return Ok(());
        }
        Err(Error::Setting {
            field: "images",
            value: format!("{:?}", images.dims()),
            allowed: format!("[n, 1, {size}, {size}]"),
        })
    }

    /// Every parameter, sorted by name; names and layouts are PyTorch's.
    #[must_use]
    pub fn parameters(&self) -> Vec<(String, Var)> {
        let names = self.config.layers();
        let layers = names.iter().zip(&self.layers);
        let all = layers.flat_map(|((name, _), layer)| {
            [
                (format!("{name}.bias"), layer.bias.clone()),
                (format!("{name}.weight"), layer.weight.clone()),
            ]
        });
        all.collect()
    }

    /// The sizes it was made with.
    #[must_use]
    pub fn config(&self) -> &LeNetConfig {
        &self.config
    }

    /// Where its parameters are.
    #[must_use]
    pub fn device(&self) -> &Device {
        &self.device
    }
}

/// The logits, for code that takes any model of Candle's.
impl Module for LeNet {
    fn forward(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        let output = Self::forward(self, images).map_err(candle_core::Error::wrap)?;
        Ok(output.logits)
    }
}

fn take_tensor(
    tensors: &BTreeMap<String, Tensor>,
    name: &str,
    shape: &[usize],
    device: &Device,
) -> Result<Var, Error> {
    let refuse = |found: String| Error::Parameter {
        name: name.to_owned(),
        found,
        needed: format!("{shape:?} of f32"),
    };
    let tensor = tensors
        .get(name)
        .ok_or_else(|| refuse("is missing".into()))?;
    if tensor.dims() != shape || tensor.dtype() != candle_core::DType::F32 {
        let (dims, dtype) = (tensor.dims(), tensor.dtype().as_str());
        return Err(refuse(format!("is {dims:?} of {dtype}")));
    }
    Ok(Var::from_tensor(&tensor.to_device(device)?)?)
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
