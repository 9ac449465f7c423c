//! The training loop learns, is reproducible to the bit, rejects invalid input, and its checkpoints load.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{Device, Tensor};
use nodule_nn::losses::{Contrastive, CrossEntropy, Embedding, Joint};
use nodule_nn::{LeNet, LeNetConfig, Loss, Network, Output, seeded_weights};
use nodule_seed::stream;
use nodule_train::{
    Dataset, Error, TrainingConfig, infer, load_checkpoint, save_checkpoint, train,
};

const SIZE: usize = 20;
const CONFIG: TrainingConfig = TrainingConfig {
    epochs: 10,
    batch_size: 16,
    learning_rate: 3e-3,
    ..TrainingConfig::DEFAULT
};
const CONTRASTIVE: Contrastive = Contrastive {
    margin: 1.0,
    embedding: Embedding::Normalised,
};
const JOINT: Joint<Contrastive> = Joint {
    term: CONTRASTIVE,
    weight: 1.0,
};
const LOSSES: [&dyn Loss; 3] = [&CrossEntropy, &CONTRASTIVE, &JOINT];

fn config() -> LeNetConfig {
    LeNetConfig {
        image_size: SIZE,
        channels: [3, 4],
        hidden: 12,
        embedding: 6,
    }
}

/// Returns noise images: abnormal ones are brighter in the left half, normal ones in the right half.
fn half_bright_images(seed: u64, n: usize) -> (Vec<f32>, Vec<u8>) {
    let mut random = stream(seed);
    let labels: Vec<u8> = (0..n).map(|i| (i % 2) as u8).collect();
    let mut images = Vec::new();
    for label in &labels {
        for pixel in 0..SIZE * SIZE {
            let is_left = pixel % SIZE < SIZE / 2;
            let brightness = if is_left == (*label == 1) { 0.4 } else { 0.0 };
            images.push((brightness + 0.6 * random.uniform()) as f32);
        }
    }
    (images, labels)
}

struct Trained {
    network: LeNet,
    checkpoint: Vec<u8>,
    first: f64,
    last: f64,
    accuracy: Option<f64>,
}

fn train_with_threads(loss: &dyn Loss, threads: usize) -> Trained {
    let (images, labels) = half_bright_images(1, 128);
    let (other_images, other_labels) = half_bright_images(2, 64);
    let training = Dataset::new(SIZE, &images, &labels).unwrap();
    let validation = Dataset::new(SIZE, &other_images, &other_labels).unwrap();
    let network = LeNet::new(&config(), seeded_weights(3, &Device::Cpu)).unwrap();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let run = || train(&network, loss, &CONFIG, 4, &training, &validation, |_| {});
    let history = pool.install(run).unwrap();
    assert_eq!(history.len(), CONFIG.epochs + 1);
    assert!(history[0].train_loss.is_none() && history[1].train_loss.is_some());
    let (first, last) = (history[0], history[CONFIG.epochs]);
    Trained {
        checkpoint: save_checkpoint(&network).unwrap(),
        network,
        first: first.validation_loss,
        last: last.validation_loss,
        accuracy: last.validation_accuracy,
    }
}

#[test]
fn every_loss_learns_an_easy_task() {
    for loss in LOSSES {
        let run = train_with_threads(loss, 1);
        assert!(
            run.last < 0.5 * run.first,
            "{loss:?}: {} to {}",
            run.first,
            run.last
        );
        assert_eq!(run.accuracy.is_some(), loss.trains_head());
        assert!(run.accuracy.is_none_or(|a| a > 0.95), "{:?}", run.accuracy);
    }
}

#[test]
fn the_number_of_threads_does_not_change_a_bit() {
    for loss in LOSSES {
        let one = train_with_threads(loss, 1);
        assert_eq!(
            one.checkpoint,
            train_with_threads(loss, 1).checkpoint,
            "again"
        );
        for threads in [2, 3] {
            assert_eq!(
                one.checkpoint,
                train_with_threads(loss, threads).checkpoint,
                "{threads} threads"
            );
        }
    }
}

#[test]
fn a_checkpoint_restores_the_same_network() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let run = train_with_threads(LOSSES[2], 1);
    fs::write(&path, &run.checkpoint).unwrap();
    let copy = load_checkpoint(&path, &config(), &Device::Cpu).unwrap();
    let (images, _) = half_bright_images(5, 70);
    assert_eq!(
        infer(&run.network, &images).unwrap(),
        infer(copy.as_ref(), &images).unwrap()
    );
}

#[test]
fn a_checkpoint_that_does_not_fit_is_rejected_with_the_tensor_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let network = LeNet::new(&config(), seeded_weights(1, &Device::Cpu)).unwrap();
    let bytes = save_checkpoint(&network).unwrap();
    let error_for = |bytes: &[u8], config: &LeNetConfig| {
        fs::write(&path, bytes).unwrap();
        let error = load_checkpoint(&path, config, &Device::Cpu).unwrap_err();
        assert!(matches!(error, Error::Checkpoint { .. }), "{error}");
        let message = error.to_string();
        assert!(message.contains("model.safetensors"), "{message}");
        message
    };
    let wider = LeNetConfig {
        hidden: 13,
        ..config()
    };
    let message = error_for(&bytes, &wider);
    assert!(
        message.contains("fc1") && message.contains("12") && message.contains("13"),
        "{message}"
    );
    assert!(error_for(b"rubbish", &config()).contains("not a safetensors file"));
    assert!(error_for(&bytes[..bytes.len() / 2], &config()).contains("not a safetensors file"));
    let absent = folder.path().join("absent");
    assert!(matches!(
        load_checkpoint(&absent, &config(), &Device::Cpu),
        Err(Error::File { .. })
    ));
}

#[test]
fn train_rejects_invalid_settings() {
    let (images, labels) = half_bright_images(1, 8);
    let few = Dataset::new(SIZE, &images, &labels).unwrap();
    let network = LeNet::new(&config(), seeded_weights(1, &Device::Cpu)).unwrap();
    let error = |config: TrainingConfig| {
        let history = train(&network, LOSSES[0], &config, 1, &few, &few, |_| {});
        history.unwrap_err().to_string()
    };
    assert!(error(CONFIG).contains("training images = 8: must be at least one batch (16)"));
    let small = TrainingConfig {
        batch_size: 4,
        ..CONFIG
    };
    assert!(error(TrainingConfig { epochs: 0, ..small }).contains("epochs = 0"));
    assert!(
        error(TrainingConfig {
            batch_size: 1,
            ..CONFIG
        })
        .contains("batch_size = 1")
    );
    assert!(
        error(TrainingConfig {
            learning_rate: f64::NAN,
            ..small
        })
        .contains("learning_rate = NaN")
    );
    let enormous = TrainingConfig {
        learning_rate: 1e30,
        ..small
    };
    assert!(error(enormous).contains("lower the learning rate"));
}

/// A loss that is finite for a number of calls, then NaN.
#[derive(Debug)]
struct FiniteFor(AtomicUsize);

impl Loss for FiniteFor {
    fn compute(&self, output: &Output, _: &Tensor) -> Result<Tensor, nodule_nn::Error> {
        let remaining = self.0.load(Ordering::Relaxed);
        self.0.store(remaining.saturating_sub(1), Ordering::Relaxed);
        let scale = if remaining == 0 { f64::NAN } else { 1.0 };
        Ok((output.logits.sqr()?.mean_all()? * scale)?)
    }
}

#[test]
fn a_loss_that_is_not_finite_stops_training_at_its_step() {
    let (images, labels) = half_bright_images(1, 8);
    let few = Dataset::new(SIZE, &images, &labels).unwrap();
    let config_of_two_epochs = TrainingConfig {
        epochs: 2,
        batch_size: 4,
        learning_rate: 1e-3,
        ..TrainingConfig::DEFAULT
    };
    // Two batches per epoch; validation before the first epoch and after each.
    for (calls, quantity, steps, fix) in [
        (1, "validation loss", 0, "untrained"),
        (2, "training loss", 0, "untrained"),
        (3, "training loss", 1, "lower the learning rate"),
        (5, "validation loss", 2, "lower the learning rate"),
        (7, "training loss", 3, "lower the learning rate"),
    ] {
        let network = LeNet::new(&config(), seeded_weights(1, &Device::Cpu)).unwrap();
        let loss = FiniteFor(AtomicUsize::new(calls));
        let history = train(
            &network,
            &loss,
            &config_of_two_epochs,
            1,
            &few,
            &few,
            |_| {},
        );
        let message = history.unwrap_err().to_string();
        let expected = format!("the {quantity} became NaN at step {steps}: ");
        assert!(message.starts_with(&expected), "{message}");
        assert!(message.contains(fix), "{message}");
        for (_, parameter) in network.parameters() {
            let values = parameter.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            assert!(values.iter().all(|v| v.is_finite()), "{message}");
        }
    }
}

#[test]
fn infer_rejects_images_of_another_size() {
    let network = LeNet::new(&config(), seeded_weights(1, &Device::Cpu)).unwrap();
    let message = infer(&network, &[0.0; 399]).unwrap_err().to_string();
    assert!(message.contains("399 pixels"), "{message}");
}
