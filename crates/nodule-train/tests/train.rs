//! The loop: it learns, it repeats itself to the bit, and its checkpoints hold what they say.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::sync::atomic::{AtomicUsize, Ordering};

use candle_core::{Device, Tensor};
use nodule_nn::losses::{Contrastive, CrossEntropy, Embedding, Joint};
use nodule_nn::{LeNet, LeNetConfig, Loss, Network, Output, seeded_weights};
use nodule_seed::stream;
use nodule_train::{
    Error, Examples, TrainingConfig, infer, load_checkpoint, save_checkpoint, train,
};

const SIZE: usize = 20;
const BUDGET: TrainingConfig = TrainingConfig {
    epochs: 10,
    batch_size: 16,
    learning_rate: 3e-3,
    until_flat: None,
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

/// Noise; abnormal images are brighter in the left half, normal ones in the right.
fn halves(seed: u64, n: usize) -> (Vec<f32>, Vec<u8>) {
    let mut random = stream(seed);
    let labels: Vec<u8> = (0..n).map(|i| (i % 2) as u8).collect();
    let mut images = Vec::new();
    for label in &labels {
        for pixel in 0..SIZE * SIZE {
            let left = pixel % SIZE < SIZE / 2;
            let bright = if left == (*label == 1) { 0.4 } else { 0.0 };
            images.push((bright + 0.6 * random.uniform()) as f32);
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

fn trained(loss: &dyn Loss, threads: usize) -> Trained {
    let (images, labels) = halves(1, 128);
    let (other_images, other_labels) = halves(2, 64);
    let training = Examples::new(SIZE, &images, &labels).unwrap();
    let validation = Examples::new(SIZE, &other_images, &other_labels).unwrap();
    let network = LeNet::new(&config(), seeded_weights(3, &Device::Cpu)).unwrap();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    let run = || train(&network, loss, &BUDGET, 4, &training, &validation, |_| {});
    let history = pool.install(run).unwrap();
    assert_eq!(history.len(), BUDGET.epochs + 1);
    assert!(history[0].train_loss.is_none() && history[1].train_loss.is_some());
    let (first, last) = (history[0], history[BUDGET.epochs]);
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
        let run = trained(loss, 1);
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
fn threads_change_no_bit() {
    for loss in LOSSES {
        let one = trained(loss, 1);
        assert_eq!(one.checkpoint, trained(loss, 1).checkpoint, "again");
        for threads in [2, 3] {
            assert_eq!(
                one.checkpoint,
                trained(loss, threads).checkpoint,
                "{threads} threads"
            );
        }
    }
}

#[test]
fn a_checkpoint_gives_the_same_network_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let run = trained(LOSSES[2], 1);
    fs::write(&path, &run.checkpoint).unwrap();
    let copy = load_checkpoint(&path, &config(), &Device::Cpu).unwrap();
    let (images, _) = halves(5, 70);
    assert_eq!(
        infer(&run.network, &images).unwrap(),
        infer(copy.as_ref(), &images).unwrap()
    );
}

#[test]
fn a_checkpoint_that_does_not_fit_is_refused_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.safetensors");
    let network = LeNet::new(&config(), seeded_weights(1, &Device::Cpu)).unwrap();
    let bytes = save_checkpoint(&network).unwrap();
    let refused = |bytes: &[u8], config: &LeNetConfig| {
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
    let message = refused(&bytes, &wider);
    assert!(
        message.contains("fc1") && message.contains("12") && message.contains("13"),
        "{message}"
    );
    assert!(refused(b"rubbish", &config()).contains("not a safetensors file"));
    assert!(refused(&bytes[..bytes.len() / 2], &config()).contains("not a safetensors file"));
    let absent = folder.path().join("absent");
    assert!(matches!(
        load_checkpoint(&absent, &config(), &Device::Cpu),
        Err(Error::File { .. })
    ));
}

#[test]
fn what_cannot_be_trained_is_refused() {
    let (images, labels) = halves(1, 8);
    let few = Examples::new(SIZE, &images, &labels).unwrap();
    let network = LeNet::new(&config(), seeded_weights(1, &Device::Cpu)).unwrap();
    let refused = |budget: TrainingConfig| {
        let ran = train(&network, LOSSES[0], &budget, 1, &few, &few, |_| {});
        ran.unwrap_err().to_string()
    };
    assert!(refused(BUDGET).contains("training images = 8: must be at least one batch (16)"));
    let small = TrainingConfig {
        batch_size: 4,
        ..BUDGET
    };
    assert!(refused(TrainingConfig { epochs: 0, ..small }).contains("epochs = 0"));
    assert!(
        refused(TrainingConfig {
            batch_size: 1,
            ..BUDGET
        })
        .contains("batch_size = 1")
    );
    assert!(
        refused(TrainingConfig {
            learning_rate: f64::NAN,
            ..small
        })
        .contains("learning_rate = NaN")
    );
    let enormous = TrainingConfig {
        learning_rate: 1e30,
        ..small
    };
    assert!(refused(enormous).contains("lower the learning rate"));
}

/// A loss that is finite for so many calls, and NaN from then on.
#[derive(Debug)]
struct Fades(AtomicUsize);

impl Loss for Fades {
    fn compute(&self, output: &Output, _: &Tensor) -> Result<Tensor, nodule_nn::Error> {
        let left = self.0.load(Ordering::Relaxed);
        self.0.store(left.saturating_sub(1), Ordering::Relaxed);
        let scale = if left == 0 { f64::NAN } else { 1.0 };
        Ok((output.logits.sqr()?.mean_all()? * scale)?)
    }
}

#[test]
fn a_loss_that_is_not_finite_stops_training_at_its_step() {
    let (images, labels) = halves(1, 8);
    let few = Examples::new(SIZE, &images, &labels).unwrap();
    let budget = TrainingConfig {
        epochs: 2,
        batch_size: 4,
        learning_rate: 1e-3,
        until_flat: None,
    };
    // Two batches an epoch, validated before the first and after each.
    for (calls, what, steps, mend) in [
        (1, "validation loss", 0, "untrained"),
        (2, "training loss", 0, "untrained"),
        (3, "training loss", 1, "lower the learning rate"),
        (5, "validation loss", 2, "lower the learning rate"),
        (7, "training loss", 3, "lower the learning rate"),
    ] {
        let network = LeNet::new(&config(), seeded_weights(1, &Device::Cpu)).unwrap();
        let loss = Fades(AtomicUsize::new(calls));
        let ran = train(&network, &loss, &budget, 1, &few, &few, |_| {});
        let message = ran.unwrap_err().to_string();
        let expected = format!("the {what} became NaN at step {steps}: ");
        assert!(message.starts_with(&expected), "{message}");
        assert!(message.contains(mend), "{message}");
        for (_, parameter) in network.parameters() {
            let values = parameter.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            assert!(values.iter().all(|v| v.is_finite()), "{message}");
        }
    }
}

#[test]
fn images_of_another_size_are_refused() {
    let network = LeNet::new(&config(), seeded_weights(1, &Device::Cpu)).unwrap();
    let message = infer(&network, &[0.0; 399]).unwrap_err().to_string();
    assert!(message.contains("399 pixels"), "{message}");
}
