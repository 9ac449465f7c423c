//! Training step of the LeNet in Burn with its CPU back end Flex.
//!
//! `burn_step BATCH SECONDS` prints images per second: forward, cross-entropy, backward and Adam on random images, with
//! `RAYON_NUM_THREADS` threads.

use std::time::Instant;

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::{CrossEntropyLoss, CrossEntropyLossConfig};
use burn::nn::pool::{MaxPool2d, MaxPool2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::optim::{AdamConfig, GradientsParams};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Distribution, Int, Tensor};

/// Steps before the clock starts.
const WARM_UP: usize = 3;

#[derive(Module, Debug)]
struct LeNet {
    conv1: Conv2d,
    conv2: Conv2d,
    pool: MaxPool2d,
    fc1: Linear,
    fc2: Linear,
    fc3: Linear,
}

fn le_net(device: &Device) -> LeNet {
    LeNet {
        conv1: Conv2dConfig::new([1, 6], [5, 5]).init(device),
        conv2: Conv2dConfig::new([6, 16], [5, 5]).init(device),
        pool: MaxPool2dConfig::new([2, 2]).with_strides([2, 2]).init(),
        fc1: LinearConfig::new(16 * 13 * 13, 120).init(device),
        fc2: LinearConfig::new(120, 84).init(device),
        fc3: LinearConfig::new(84, 2).init(device),
    }
}

impl LeNet {
    fn forward(&self, images: Tensor<4>) -> Tensor<2> {
        let x = self.pool.forward(relu(self.conv1.forward(images)));
        let x = self.pool.forward(relu(self.conv2.forward(x)));
        let x = relu(self.fc1.forward(x.flatten::<2>(1, 3)));
        self.fc3.forward(relu(self.fc2.forward(x)))
    }

    fn loss(&self, loss: &CrossEntropyLoss, images: Tensor<4>, labels: Tensor<1, Int>) -> Tensor<1> {
        loss.forward(self.forward(images), labels)
    }
}

fn main() {
    let arguments: Vec<f64> = std::env::args().skip(1).filter_map(|a| a.parse().ok()).collect();
    let [batch, seconds] = arguments[..] else {
        eprintln!("burn_step BATCH SECONDS");
        std::process::exit(2);
    };
    let batch = batch as usize;
    let device = Device::flex().autodiff();
    let mut network = le_net(&device);
    let mut optimizer = AdamConfig::new().init();
    let loss = CrossEntropyLossConfig::new().init(&device);
    let images = Tensor::<4>::random([batch, 1, 64, 64], Distribution::Uniform(0.0, 1.0), &device);
    let labels = Tensor::<1, Int>::arange(0..batch as i64, &device).remainder_scalar(2);
    let (mut clock, mut steps) = (Instant::now(), 0);
    while steps <= WARM_UP || clock.elapsed().as_secs_f64() < seconds {
        if steps == WARM_UP {
            clock = Instant::now();
        }
        let value = network.loss(&loss, images.clone(), labels.clone());
        let gradients = GradientsParams::from_grads(value.backward(), &network);
        network = optimizer.step(1e-3, network, gradients);
        steps += 1;
    }
    let timed = (batch * (steps - WARM_UP)) as f64;
    println!("{:.1}", timed / clock.elapsed().as_secs_f64());
}
