//! A model of `candle-nn` layers: a convolution, global average pooling and two logits.

use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{AdamW, Conv2d, Linear, Module, Optimizer, ParamsAdamW, VarBuilder};
use nodule_seed::{derive, stream};

/// The model.
pub(crate) struct Small {
    convolution: Conv2d,
    head: Linear,
}

impl Small {
    /// Returns the feature maps of the convolution, `[n, 8, s, s]`.
    pub(crate) fn feature_maps(&self, images: &Tensor) -> Result<Tensor> {
        self.convolution.forward(images)?.relu()
    }

    /// Returns the logits `[n, 2]` from feature maps.
    pub(crate) fn logits(&self, maps: &Tensor) -> Result<Tensor> {
        self.head.forward(&maps.mean((2, 3))?)
    }
}

/// Trains a model on `images` and `labels` for a number of steps; reproducible.
pub(crate) fn train(images: &Tensor, labels: &Tensor, steps: usize) -> Result<Small> {
    let variables = [
        initial_weights("conv.weight", &[8, 1, 3, 3], 9)?,
        initial_weights("conv.bias", &[8], 9)?,
        initial_weights("head.weight", &[2, 8], 8)?,
        initial_weights("head.bias", &[2], 8)?,
    ];
    let tensors: HashMap<_, _> = variables
        .iter()
        .map(|(name, variable)| ((*name).to_owned(), variable.as_tensor().clone()))
        .collect();
    let vb = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
    let small = Small {
        convolution: candle_nn::conv2d(1, 8, 3, candle_nn::Conv2dConfig::default(), vb.pp("conv"))?,
        head: candle_nn::linear(8, 2, vb.pp("head"))?,
    };
    let settings = ParamsAdamW {
        lr: 0.02,
        ..ParamsAdamW::default()
    };
    let mut optimizer = AdamW::new(variables.map(|(_, variable)| variable).into(), settings)?;
    for _ in 0..steps {
        let logits = small.logits(&small.feature_maps(images)?)?;
        optimizer.backward_step(&candle_nn::loss::cross_entropy(&logits, labels)?)?;
    }
    Ok(small)
}

/// Draws weights uniformly within `1 / sqrt(inputs)` from a fixed seed, since Candle's CPU generator cannot be seeded.
fn initial_weights(
    name: &'static str,
    shape: &[usize],
    inputs: usize,
) -> Result<(&'static str, Var)> {
    let mut random = stream(derive(7, &["weights", name]));
    let bound = 1.0 / (inputs as f64).sqrt();
    let values: Vec<f32> = (0..shape.iter().product())
        .map(|_| random.uniform_in(-bound, bound) as f32)
        .collect();
    Ok((name, Var::from_vec(values, shape, &Device::Cpu)?))
}
