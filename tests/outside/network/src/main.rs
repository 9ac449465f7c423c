//! A network trained under a loss of one's own on two kinds of stripes, kept, read back, and asked which
//! pixels it looks at.

use std::error::Error;

use candle_core::{Device, Module, Tensor};
use nodule_explain::metrics::completeness_gap;
use nodule_explain::{Attribution, IntegratedGradients};
use nodule_nn::losses::{Contrastive, CrossEntropy};
use nodule_nn::{LeNetConfig, Loss, Output, LeNet, seeded_weights};
use nodule_train::{Dataset, TrainingConfig, infer, load_checkpoint, open_device, save_checkpoint, train};

/// Cross-entropy, and a little of a contrastive loss.
#[derive(Debug)]
struct Mixed;

impl Loss for Mixed {
    fn trains_head(&self) -> bool {
        true
    }

    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, nodule_nn::Error> {
        let apart = Contrastive::default().compute(output, labels)?;
        Ok((CrossEntropy.compute(output, labels)? + (apart * 0.1)?)?)
    }
}

const SIZE: usize = 16;

fn main() -> Result<(), Box<dyn Error>> {
    let device = open_device("cpu")?;
    // Stripes that lie or stand, each shifted and dimmed in its own way.
    let labels: Vec<u8> = (0..64).map(|i| i % 2).collect();
    let pixel = |i: usize, x: usize, y: usize| {
        let along = if i % 2 == 0 { x } else { y };
        ((along + i / 2) % 4 / 2) as f32 * (0.5 + i as f32 / 128.0)
    };
    let square = (0..SIZE * SIZE).map(|p| (p % SIZE, p / SIZE));
    let images: Vec<f32> = (0..64)
        .flat_map(|i| square.clone().map(move |(x, y)| pixel(i, x, y)))
        .collect();
    let examples = Dataset::new(SIZE, &images, &labels)?;

    let config = LeNetConfig {
        image_size: SIZE,
        ..LeNetConfig::default()
    };
    let network = LeNet::new(&config, seeded_weights(7, &device))?;
    let budget = TrainingConfig {
        epochs: 6,
        batch_size: 16,
        learning_rate: 1e-3,
        ..TrainingConfig::DEFAULT
    };
    let history = train(&network, &Mixed, &budget, 11, &examples, &examples, |_| {})?;
    let accuracy = history.last().and_then(|epoch| epoch.validation_accuracy);
    println!("accuracy: {accuracy:?}");

    let path = std::env::temp_dir().join(format!("outside-{}.safetensors", std::process::id()));
    std::fs::write(&path, save_checkpoint(&network)?)?;
    let again = load_checkpoint(&path, &config, &device)?;
    std::fs::remove_file(&path)?;
    let same = infer(again.as_ref(), &images)? == infer(&network, &images)?;
    println!("the same network read back: {same}");

    let model = |images: &Tensor| {
        let logits = again.forward(images)?;
        logits
            .narrow(1, 1, 1)?
            .sub(&logits.narrow(1, 0, 1)?)?
            .squeeze(1)
    };
    let few = Tensor::from_slice(&images[..4 * SIZE * SIZE], (4, 1, SIZE, SIZE), &Device::Cpu)?;
    let method = IntegratedGradients { steps: 64, baseline: 0.0 };
    let maps = method.attribute(&model, &few)?;
    let gaps = completeness_gap(&model, &few, &maps, 0.0)?;
    println!("completeness gaps: {gaps:?}");
    let complete = gaps.into_iter().flatten().all(|gap| gap < 0.1);
    if same && complete && accuracy > Some(0.9) {
        return Ok(());
    }
    Err("the network does not do what it must".into())
}
