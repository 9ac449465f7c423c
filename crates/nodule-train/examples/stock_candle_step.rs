//! Training step of the LeNet with Candle's own layers and optimizer, the baseline of the benchmarks. Usage:
//! `stock_candle_step BATCH STEPS`; prints images per second.

use std::time::Instant;

use candle_core::{DType, Device, Tensor};
use candle_nn::{AdamW, Conv2d, Linear, Module, Optimizer, ParamsAdamW, VarBuilder, VarMap};

struct Stock {
    convolutions: [Conv2d; 2],
    dense: [Linear; 3],
}

impl Stock {
    fn new(vb: &VarBuilder) -> candle_core::Result<Self> {
        let convolution = |i, o, name| {
            candle_nn::conv2d(i, o, 5, candle_nn::Conv2dConfig::default(), vb.pp(name))
        };
        let dense = |i, o, name| candle_nn::linear(i, o, vb.pp(name));
        Ok(Self {
            convolutions: [convolution(1, 6, "conv1")?, convolution(6, 16, "conv2")?],
            dense: [
                dense(2704, 120, "fc1")?,
                dense(120, 84, "fc2")?,
                dense(84, 2, "fc3")?,
            ],
        })
    }

    fn forward(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        let mut x = images.clone();
        for convolution in &self.convolutions {
            x = convolution.forward(&x)?.relu()?.max_pool2d(2)?;
        }
        let [first, second, third] = &self.dense;
        let x = first.forward(&x.flatten_from(1)?)?.relu()?;
        third.forward(&second.forward(&x)?.relu()?)
    }
}

fn main() -> candle_core::Result<()> {
    let argument = |i: usize, default: usize| {
        std::env::args()
            .nth(i)
            .and_then(|a| a.parse().ok())
            .unwrap_or(default)
    };
    let (batch, steps) = (argument(1, 64), argument(2, 5));
    let variables = VarMap::new();
    let network = Stock::new(&VarBuilder::from_varmap(
        &variables,
        DType::F32,
        &Device::Cpu,
    ))?;
    let mut optimizer = AdamW::new(
        variables.all_vars(),
        ParamsAdamW {
            lr: 1e-3,
            ..ParamsAdamW::default()
        },
    )?;
    let images = Tensor::rand(0f32, 1f32, (batch, 1, 64, 64), &Device::Cpu)?;
    let labels = Tensor::from_vec(
        (0..batch as u32).map(|i| i % 2).collect(),
        batch,
        &Device::Cpu,
    )?;
    let mut clock = Instant::now();
    for step in 0..=steps {
        if step == 1 {
            clock = Instant::now();
        }
        let loss = candle_nn::loss::cross_entropy(&network.forward(&images)?, &labels)?;
        optimizer.backward_step(&loss)?;
    }
    println!(
        "{:.1}",
        (batch * steps) as f64 / clock.elapsed().as_secs_f64()
    );
    Ok(())
}
