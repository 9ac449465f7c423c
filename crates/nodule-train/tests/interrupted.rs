//! A training that was stopped between two steps and restored ends as one that never was.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use candle_core::Device;
use nodule_nn::{LOSSES, LeNet, LeNetConfig, Loss, seeded_weights};
use nodule_seed::stream;
use nodule_train::{
    Epoch, Error, Examples, Step, TrainingConfig, begin, save_checkpoint, saved_history,
    saved_notes, train,
};

const SIZE: usize = 16;
const BUDGET: TrainingConfig = TrainingConfig {
    epochs: 3,
    batch_size: 8,
    learning_rate: 3e-3,
    until_flat: None,
};
/// Three batches an epoch, and an image left out of each.
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

fn noise(n: usize) -> (Vec<f32>, Vec<u8>) {
    let mut random = stream(1);
    let images = (0..n * SIZE * SIZE).map(|_| random.uniform() as f32);
    (images.collect(), (0..n).map(|i| (i % 2) as u8).collect())
}

/// What a whole training gives, saved and restored into a new network after each of `stops` steps.
fn trained(loss: &dyn Loss, stops: &[usize]) -> (Vec<Epoch>, Vec<u8>) {
    let (images, labels) = noise(IMAGES);
    let examples = Examples::new(SIZE, &images, &labels).unwrap();
    let mut kept: Option<Vec<u8>> = None;
    for stop in stops {
        let network = network();
        let mut part = begin(&network, loss, &BUDGET, ORDER, &examples, &examples).unwrap();
        if let Some(kept) = &kept {
            assert_eq!(saved_notes(kept, "mine").unwrap(), "a note");
            part.restore(kept, "mine").unwrap();
        }
        while part.steps() < *stop {
            part.step().unwrap();
        }
        kept = Some(part.save("mine", "a note").unwrap());
        let saved = saved_history(kept.as_ref().unwrap(), "mine").unwrap();
        assert_eq!(saved, part.history());
    }
    let network = network();
    let mut rest = begin(&network, loss, &BUDGET, ORDER, &examples, &examples).unwrap();
    if let Some(kept) = &kept {
        rest.restore(kept, "mine").unwrap();
    }
    while rest.step().unwrap() != Step::Done {}
    (rest.into_history(), save_checkpoint(&network).unwrap())
}

#[test]
fn stopped_in_the_middle_of_an_epoch_it_ends_the_same() {
    // One view or two, with and without a head that is trained.
    for name in ["ce", "contrastive", "ce+nt-xent"] {
        let loss = loss(name);
        let whole = trained(loss.as_ref(), &[]);
        // Before the first epoch, inside epochs, between two, twice, and when all is done.
        for stops in [&[0][..], &[1], &[2, 5], &[3], &[4, 6, 8], &[9]] {
            assert_eq!(
                whole,
                trained(loss.as_ref(), stops),
                "{name} stopped at {stops:?}"
            );
        }
        let (images, labels) = noise(IMAGES);
        let examples = Examples::new(SIZE, &images, &labels).unwrap();
        let once = network();
        let history = train(
            &once,
            loss.as_ref(),
            &BUDGET,
            ORDER,
            &examples,
            &examples,
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
fn what_is_torn_changed_or_of_another_training_is_refused() {
    let (images, labels) = noise(IMAGES);
    let examples = Examples::new(SIZE, &images, &labels).unwrap();
    let ce = loss("ce");
    let network = network();
    let start = |budget: &TrainingConfig| {
        begin(&network, ce.as_ref(), budget, ORDER, &examples, &examples).unwrap()
    };
    let mut first = start(&BUDGET);
    for _ in 0..3 {
        first.step().unwrap();
    }
    let kept = first.save("mine", "").unwrap();
    let before = save_checkpoint(&network).unwrap();
    let refused = |budget: &TrainingConfig, bytes: &[u8], owner: &str| {
        let mut other = start(budget);
        let error = other.restore(bytes, owner).unwrap_err();
        assert!(matches!(error, Error::State { .. }), "{error}");
        assert_eq!(other.steps(), 0);
        error.to_string()
    };
    assert!(refused(&BUDGET, &kept, "another").contains("of another training"));
    for length in [0, 7, 100, kept.len() / 2, kept.len() - 1] {
        assert!(refused(&BUDGET, &kept[..length], "mine").contains("torn"));
    }
    for place in (0..kept.len()).step_by(kept.len() / 40) {
        let mut changed = kept.clone();
        changed[place] ^= 1;
        refused(&BUDGET, &changed, "mine");
    }
    let smaller = TrainingConfig {
        batch_size: 2,
        epochs: 1,
        ..BUDGET
    };
    let mut later = start(&BUDGET);
    while later.step().unwrap() != Step::Done {}
    let end = later.save("mine", "").unwrap();
    assert!(refused(&smaller, &end, "mine").contains("position"));
    assert_ne!(before, save_checkpoint(&network).unwrap());
}
