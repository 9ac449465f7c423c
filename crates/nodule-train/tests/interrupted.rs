//! A training that is saved, stopped and restored ends with the same bits as an uninterrupted one.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use candle_core::Device;
use nodule_nn::{LOSSES, LeNet, LeNetConfig, Loss, seeded_weights};
use nodule_seed::stream;
use nodule_train::{
    Dataset, Epoch, Error, Step, Trainer, TrainingConfig, read_history, read_notes,
    save_checkpoint, train,
};

const SIZE: usize = 16;
const CONFIG: TrainingConfig = TrainingConfig {
    epochs: 3,
    batch_size: 8,
    learning_rate: 3e-3,
    until_flat: None,
};
/// Three batches per epoch, with one image left over.
const IMAGES: usize = 25;
const ORDER: u64 = 4;

fn loss(name: &str) -> Arc<dyn Loss> {
    let kind = LOSSES.iter().find(|kind| kind.name() == name).unwrap();
    kind.build(&kind.schema().defaults()).unwrap()
}

fn network() -> LeNet {
    let config = LeNetConfig {
        image_size: SIZE,
        channels: [2, 3],
        hidden: 6,
        embedding: 4,
    };
    LeNet::new(&config, seeded_weights(3, &Device::Cpu)).unwrap()
}

fn random_images(n: usize) -> (Vec<f32>, Vec<u8>) {
    let mut random = stream(1);
    let images = (0..n * SIZE * SIZE).map(|_| random.uniform() as f32);
    (images.collect(), (0..n).map(|i| (i % 2) as u8).collect())
}

/// Returns history and checkpoint of a whole training that is saved and restored into a new network after each of `stops`
/// steps.
fn train_with_stops(loss: &dyn Loss, stops: &[usize]) -> (Vec<Epoch>, Vec<u8>) {
    let (images, labels) = random_images(IMAGES);
    let dataset = Dataset::new(SIZE, &images, &labels).unwrap();
    let mut state: Option<Vec<u8>> = None;
    for stop in stops {
        let network = network();
        let mut trainer = Trainer::new(&network, loss, &CONFIG, ORDER, &dataset, &dataset).unwrap();
        if let Some(state) = &state {
            assert_eq!(read_notes(state, "mine").unwrap(), "a note");
            trainer.restore(state, "mine").unwrap();
        }
        while trainer.steps() < *stop {
            trainer.step().unwrap();
        }
        state = Some(trainer.save("mine", "a note").unwrap());
        let saved = read_history(state.as_ref().unwrap(), "mine").unwrap();
        assert_eq!(saved, trainer.history());
    }
    let network = network();
    let mut trainer = Trainer::new(&network, loss, &CONFIG, ORDER, &dataset, &dataset).unwrap();
    if let Some(state) = &state {
        trainer.restore(state, "mine").unwrap();
    }
    while trainer.step().unwrap() != Step::Done {}
    (trainer.into_history(), save_checkpoint(&network).unwrap())
}

#[test]
fn a_training_stopped_within_an_epoch_ends_the_same() {
    // One and two views, with and without a trained head.
    for name in ["ce", "contrastive", "ce+nt-xent"] {
        let loss = loss(name);
        let whole = train_with_stops(loss.as_ref(), &[]);
        // Before the first epoch, within epochs, between two epochs, several times, and at the end.
        for stops in [&[0][..], &[1], &[2, 5], &[3], &[4, 6, 8], &[9]] {
            assert_eq!(
                whole,
                train_with_stops(loss.as_ref(), stops),
                "{name} stopped at {stops:?}"
            );
        }
        let (images, labels) = random_images(IMAGES);
        let dataset = Dataset::new(SIZE, &images, &labels).unwrap();
        let once = network();
        let history = train(
            &once,
            loss.as_ref(),
            &CONFIG,
            ORDER,
            &dataset,
            &dataset,
            |_| {},
        );
        assert_eq!(
            whole,
            (history.unwrap(), save_checkpoint(&once).unwrap()),
            "{name}"
        );
    }
}

#[test]
fn restore_rejects_damaged_states_and_those_of_another_training() {
    let (images, labels) = random_images(IMAGES);
    let dataset = Dataset::new(SIZE, &images, &labels).unwrap();
    let ce = loss("ce");
    let network = network();
    let start = |config: &TrainingConfig| {
        Trainer::new(&network, ce.as_ref(), config, ORDER, &dataset, &dataset).unwrap()
    };
    let mut first = start(&CONFIG);
    for _ in 0..3 {
        first.step().unwrap();
    }
    let state = first.save("mine", "").unwrap();
    let before = save_checkpoint(&network).unwrap();
    let restore_error = |config: &TrainingConfig, bytes: &[u8], run_key: &str| {
        let mut other = start(config);
        let error = other.restore(bytes, run_key).unwrap_err();
        assert!(matches!(error, Error::State { .. }), "{error}");
        assert_eq!(other.steps(), 0);
        error.to_string()
    };
    assert!(restore_error(&CONFIG, &state, "another").contains("another training"));
    for length in [0, 7, 100, state.len() / 2, state.len() - 1] {
        assert!(restore_error(&CONFIG, &state[..length], "mine").contains("damaged"));
    }
    for position in (0..state.len()).step_by(state.len() / 40) {
        let mut changed = state.clone();
        changed[position] ^= 1;
        restore_error(&CONFIG, &changed, "mine");
    }
    let smaller = TrainingConfig {
        batch_size: 2,
        epochs: 1,
        ..CONFIG
    };
    let mut later = start(&CONFIG);
    while later.step().unwrap() != Step::Done {}
    let end = later.save("mine", "").unwrap();
    assert!(restore_error(&smaller, &end, "mine").contains("position"));
    assert_ne!(before, save_checkpoint(&network).unwrap());
}
