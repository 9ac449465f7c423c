//! A training that is saved, stopped and restored ends with the same bits as an uninterrupted one.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use candle_core::Device;
use nodule_nn::{LOSSES, LeNet, LeNetConfig, Loss, seeded_weights};
use nodule_seed::stream;
use nodule_train::{
    Augmentation, Dataset, EarlyStopping, Epoch, Error, OptimizerName, Schedule, Step, Trainer,
    TrainingConfig, read_history, read_notes, save_checkpoint, train,
};

const SIZE: usize = 16;
const CONFIG: TrainingConfig = TrainingConfig {
    epochs: 3,
    batch_size: 8,
    learning_rate: 3e-3,
    ..TrainingConfig::DEFAULT
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

/// Every option at once: the state holds a projection head, one moment and the best weights.
const AS_PRACTISED: TrainingConfig = TrainingConfig {
    optimizer: OptimizerName::Sgd,
    weight_decay: 1e-3,
    gradient_clip: Some(0.5),
    schedule: Schedule::Cosine,
    warm_up_epochs: 1,
    early_stopping: Some(EarlyStopping { patience: 2 }),
    augment: Some(Augmentation {
        flip: true,
        rotation_degrees: 10.0,
        shift_pixels: 1.5,
        scale: 0.1,
        intensity: 0.1,
        noise: 0.05,
    }),
    epochs: 4,
    learning_rate: 0.5,
    ..CONFIG
};

fn trainer<'a>(
    network: &'a LeNet,
    loss: &'a dyn Loss,
    config: &TrainingConfig,
    dataset: &Dataset<'a>,
) -> Trainer<'a> {
    let trainer = Trainer::new(network, loss, config, ORDER, dataset, dataset).unwrap();
    if config.augment.is_none() {
        return trainer;
    }
    let weights = seeded_weights(3, &Device::Cpu);
    let trainer = trainer.with_projection(3, weights).unwrap();
    trainer.with_dropout(0.3).unwrap()
}

/// Returns history and checkpoint of a whole training that is saved and restored into a new network after each of `stops`
/// steps.
fn train_with_stops(
    loss: &dyn Loss,
    config: &TrainingConfig,
    stops: &[usize],
) -> (Vec<Epoch>, Vec<u8>) {
    let (images, labels) = random_images(IMAGES);
    let dataset = Dataset::new(SIZE, &images, &labels).unwrap();
    let mut state: Option<Vec<u8>> = None;
    for stop in stops {
        let network = network();
        let mut trainer = trainer(&network, loss, config, &dataset);
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
    let mut trainer = trainer(&network, loss, config, &dataset);
    if let Some(state) = &state {
        trainer.restore(state, "mine").unwrap();
    }
    while trainer.step().unwrap() != Step::Done {}
    (
        trainer.finish().unwrap(),
        save_checkpoint(&network).unwrap(),
    )
}

#[test]
fn a_training_stopped_within_an_epoch_ends_the_same() {
    // One and two views, with and without a trained head.
    for name in ["ce", "contrastive", "ce+nt-xent"] {
        let loss = loss(name);
        let whole = train_with_stops(loss.as_ref(), &CONFIG, &[]);
        // Before the first epoch, within epochs, between two epochs, several times, and at the end.
        for stops in [&[0][..], &[1], &[2, 5], &[3], &[4, 6, 8], &[9]] {
            assert_eq!(
                whole,
                train_with_stops(loss.as_ref(), &CONFIG, stops),
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
fn a_training_with_every_option_ends_the_same_after_stops() {
    for name in ["contrastive", "ce+nt-xent"] {
        let loss = loss(name);
        let whole = train_with_stops(loss.as_ref(), &AS_PRACTISED, &[]);
        for stops in [&[0][..], &[2, 5], &[3, 6, 9]] {
            let stopped = train_with_stops(loss.as_ref(), &AS_PRACTISED, stops);
            assert_eq!(whole, stopped, "{name} stopped at {stops:?}");
        }
    }
}

#[test]
fn early_stopping_keeps_the_weights_of_the_best_epoch() {
    let loss = loss("ce");
    // Steps so long that the loss rises again.
    let config = TrainingConfig {
        epochs: 12,
        learning_rate: 3.0,
        augment: None,
        warm_up_epochs: 0,
        schedule: Schedule::Constant,
        gradient_clip: None,
        ..AS_PRACTISED
    };
    let (history, kept) = train_with_stops(loss.as_ref(), &config, &[]);
    let best = (1..history.len())
        .min_by(|a, b| {
            let loss = |epoch: &usize| history[*epoch].validation_loss;
            loss(a).total_cmp(&loss(b))
        })
        .unwrap();
    assert_eq!(history.len(), best + 3, "stopped two epochs after the best");
    // The same training without the rule, ended after the best epoch.
    let plain = TrainingConfig {
        epochs: best,
        early_stopping: None,
        ..config
    };
    let (_, expected) = train_with_stops(loss.as_ref(), &plain, &[]);
    assert_eq!(kept, expected);
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
