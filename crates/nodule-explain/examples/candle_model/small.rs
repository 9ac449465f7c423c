//! A model as Candle's own crates make one, which knows nothing of this workspace: a convolution, its maps
//! averaged, two logits.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{AdamW, Conv2d, Linear, Module, Optimizer, ParamsAdamW, VarBuilder, VarMap};

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

/// One that was trained on `images` and `labels` for so many steps.
pub(crate) fn trained(images: &Tensor, labels: &Tensor, steps: usize) -> Result<Small> {
    let variables = VarMap::new();
    let vb = VarBuilder::from_varmap(&variables, DType::F32, &Device::Cpu);
    let small = Small {
        convolution: candle_nn::conv2d(1, 8, 3, candle_nn::Conv2dConfig::default(), vb.pp("conv"))?,
        head: candle_nn::linear(8, 2, vb.pp("head"))?,
    };
    let settings = ParamsAdamW {
        lr: 0.02,
        ..ParamsAdamW::default()
    };
    let mut optimizer = AdamW::new(variables.all_vars(), settings)?;
    for _ in 0..steps {
        let logits = small.logits(&small.maps(images)?)?;
        optimizer.backward_step(&candle_nn::loss::cross_entropy(&logits, labels)?)?;
    }
    Ok(small)
}
