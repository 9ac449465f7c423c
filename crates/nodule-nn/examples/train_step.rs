//! One training step of a LeNet in plain Candle: `cargo run -p nodule-nn --example train_step`.
//!
//! The network is built from a `VarBuilder`, its loss is contrastive, and its optimizer is Candle's AdamW. The program
//! prints the loss before and after the step.

use std::error::Error;
use std::io::{self, Write};

use candle_core::{Device, Tensor, Var};
use candle_nn::{AdamW, Module, Optimizer, ParamsAdamW};
use nodule_nn::losses::contrastive;
use nodule_nn::{LeNet, LeNetConfig, Network, seeded_weights};

const IMAGE_SIZE: usize = 28;

fn main() -> Result<(), Box<dyn Error>> {
    run(&mut io::stdout())
}

/// Trains for one step and writes the losses to `out`.
pub(crate) fn run(out: &mut impl Write) -> Result<(), Box<dyn Error>> {
    let device = Device::Cpu;
    let config = LeNetConfig {
        image_size: IMAGE_SIZE,
        ..LeNetConfig::default()
    };
    let network = LeNet::new(&config, seeded_weights(7, &device))?;
    let parameters: Vec<Var> = network.parameters().into_iter().map(|(_, p)| p).collect();
    let mut optimizer = AdamW::new(
        parameters,
        ParamsAdamW {
            lr: 1e-3,
            ..Default::default()
        },
    )?;

    let (images, labels) = stripes(16, &device)?;
    let loss = |network: &LeNet| -> Result<Tensor, nodule_nn::Error> {
        contrastive(&network.forward_output(&images)?.embedding, &labels, 1.0)
    };
    let before = loss(&network)?;
    optimizer.backward_step(&before)?;
    let after = loss(&network)?;
    writeln!(out, "before: {:.4}", before.to_scalar::<f32>()?)?;
    writeln!(out, "after: {:.4}", after.to_scalar::<f32>()?)?;

    // As a `Module`, a network returns its logits.
    let logits = network.forward(&images)?;
    writeln!(out, "logits: {:?}", logits.dims())?;
    Ok(())
}

/// Returns `n` images of horizontal (label 0) and vertical (label 1) stripes, each with its own brightness and phase.
fn stripes(n: usize, device: &Device) -> candle_core::Result<(Tensor, Tensor)> {
    let pixel = |image: usize, p: usize| {
        let (x, y) = (p % IMAGE_SIZE, p / IMAGE_SIZE);
        let position = if image.is_multiple_of(2) { y } else { x };
        ((position + image / 2) % 4 / 2) as f32 * (0.5 + image as f32 / (2 * n) as f32)
    };
    let values: Vec<f32> = (0..n)
        .flat_map(|image| (0..IMAGE_SIZE * IMAGE_SIZE).map(move |p| pixel(image, p)))
        .collect();
    let images = Tensor::from_vec(values, (n, 1, IMAGE_SIZE, IMAGE_SIZE), device)?;
    let labels = Tensor::from_iter((0..n as u32).map(|image| image % 2), device)?;
    Ok((images, labels))
}
