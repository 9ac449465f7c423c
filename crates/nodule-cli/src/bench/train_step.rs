//! How fast a training step is on this machine: forward, loss, backward and Adam on random images.

use std::time::Instant;

use candle_core::{Device, Tensor};
use nodule_error::invalid_value;
use nodule_nn::{Loss, Network};
use nodule_seed::stream;
use nodule_train::{Error, adam};

/// Steps before the clock starts: buffers are allocated and caches warm.
const WARM_UP: usize = 5;

/// How much is timed: that many steps, and more until that many seconds have passed.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    pub(crate) steps: usize,
    pub(crate) seconds: f64,
}

/// Images a second over a span of training steps of `batch` images under `loss`, on the CPU and the
/// threads of the current rayon pool.
///
/// # Errors
/// If the batch has fewer than two images, or nothing is timed.
pub(crate) fn train_step_rate(
    network: &dyn Network,
    loss: &dyn Loss,
    batch: usize,
    span: Span,
) -> Result<f64, Error> {
    if batch < 2 || span.steps == 0 {
        let found = format!("{batch} x {}", span.steps);
        return Err(
            invalid_value("--batch x --steps", found, "at least 2 images and 1 step").into(),
        );
    }
    let mut optimizer = adam(network.parameters(), 1e-3)?;
    let mut random = stream(2);
    let size = network.image_size();
    let images: Vec<f32> = (0..batch * size * size)
        .map(|_| random.uniform() as f32)
        .collect();
    let images = Tensor::from_vec(images, (batch, 1, size, size), &Device::Cpu)?;
    let labels = (0..batch as u32).map(|i| i % 2).collect();
    let labels = Tensor::from_vec(labels, batch, &Device::Cpu)?;
    let mut step = || -> Result<(), Error> {
        let (_, gradients) = network.gradients(&images, &labels, loss)?;
        optimizer.step(&gradients)
    };
    for _ in 0..WARM_UP {
        step()?;
    }
    let (clock, mut steps) = (Instant::now(), 0);
    while steps < span.steps || clock.elapsed().as_secs_f64() < span.seconds {
        step()?;
        steps += 1;
    }
    Ok((batch * steps) as f64 / clock.elapsed().as_secs_f64())
}
