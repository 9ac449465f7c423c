//! How fast a training step is on this machine: forward, loss, backward and Adam on random images.

use std::time::Instant;

use candle_core::{Device, Tensor};
use nodule_error::refused;
use nodule_nn::{LeNetConfig, Loss, Network, le_net};
use nodule_seed::stream;
use nodule_train::{Error, adam};

/// Steps before the clock starts: buffers are allocated and caches warm.
const WARM_UP: usize = 5;

/// Images a second over `steps` training steps of `batch` images under `loss`, on the CPU and the
/// threads of the current rayon pool.
///
/// # Errors
/// If the network does not fit the image, the batch has fewer than two images, or nothing is timed.
pub(crate) fn train_step_rate(
    config: &LeNetConfig,
    loss: &dyn Loss,
    batch: usize,
    steps: usize,
) -> Result<f64, Error> {
    if batch < 2 || steps == 0 {
        let found = format!("{batch} x {steps}");
        return Err(refused("--batch x --steps", found, "at least 2 images and 1 step").into());
    }
    let network = le_net(config, 1, &Device::Cpu)?;
    let mut optimizer = adam(network.parameters(), 1e-3)?;
    let mut random = stream(2);
    let size = config.image_size;
    let images: Vec<f32> = (0..batch * size * size)
        .map(|_| random.uniform() as f32)
        .collect();
    let images = Tensor::from_vec(images, (batch, 1, size, size), &Device::Cpu)?;
    let labels = (0..batch as u32).map(|i| i % 2).collect();
    let labels = Tensor::from_vec(labels, batch, &Device::Cpu)?;
    let mut clock = Instant::now();
    for step in 0..WARM_UP + steps {
        if step == WARM_UP {
            clock = Instant::now();
        }
        let (_, gradients) = network.gradients(&images, &labels, loss)?;
        optimizer.step(&gradients)?;
    }
    Ok((batch * steps) as f64 / clock.elapsed().as_secs_f64())
}
