//! A model as Candle's own crates make one, which knows nothing of this workspace: a convolution, its maps
//! averaged, two logits.

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
    /// The maps of its convolution, `[n, 8, s, s]`.
    pub(crate) fn maps(&self, images: &Tensor) -> Result<Tensor> {
        self.convolution.forward(images)?.relu()
    }

    /// Two logits `[n, 2]` from those maps.
    pub(crate) fn logits(&self, maps: &Tensor) -> Result<Tensor> {
        self.head.forward(&maps.mean((2, 3))?)
    }
}

/// One that was trained on `images` and `labels` for so many steps: the same one each time.
pub(crate) fn trained(images: &Tensor, labels: &Tensor, steps: usize) -> Result<Small> {
    let variables = [
        first_weights("conv.weight", &[8, 1, 3, 3], 9)?,
        first_weights("conv.bias", &[8], 9)?,
        first_weights("head.weight", &[2, 8], 8)?,
        first_weights("head.bias", &[2], 8)?,
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
        let logits = small.logits(&small.maps(images)?)?;
        optimizer.backward_step(&candle_nn::loss::cross_entropy(&logits, labels)?)?;
    }
    Ok(small)
}

/// Uniform within one over the root of the inputs, by our own seed: Candle's generator on a CPU cannot be
/// given one.
fn first_weights(
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
