//! Options of training against PyTorch and scipy: see `tests/golden/training` in the root of the workspace.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use nodule_nn::losses::{Contrastive, Joint};
use nodule_nn::{LeNet, LeNetConfig, Network, VarBuilder};
use nodule_train::{
    Augmentation, Augmenter, Dataset, OptimizerName, Schedule, Step, Trainer, TrainingConfig,
    Transform,
};

/// Allowed norm of the difference, relative to the norm of the tensor, after ten steps in single precision.
const TOLERANCE: f64 = 1e-6;
const STEPS: usize = 10;
/// Width of the embedding of the golden network.
const EMBEDDING: usize = 7;

/// Descent at a constant rate, one step per epoch.
const DESCENT: TrainingConfig = TrainingConfig {
    epochs: STEPS,
    batch_size: 8,
    learning_rate: 0.02,
    optimizer: OptimizerName::Sgd,
    ..TrainingConfig::DEFAULT
};

fn read(name: &str) -> Vec<u8> {
    let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/training/");
    std::fs::read(format!("{root}{name}")).unwrap()
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

fn norm(values: impl Iterator<Item = f32>) -> f64 {
    values.map(|v| f64::from(v).powi(2)).sum::<f64>().sqrt()
}

#[test]
fn ten_steps_with_each_option_equal_those_of_pytorch() {
    let tensors =
        candle_core::safetensors::load_buffer(&read("training.safetensors"), &Device::Cpu);
    let tensors = tensors.unwrap();
    let adam = TrainingConfig {
        learning_rate: 1e-3,
        optimizer: OptimizerName::Adam,
        weight_decay: 0.1,
        ..DESCENT
    };
    #[rustfmt::skip]
    let options = [
        ("adam-decay", adam),
        ("adamw", TrainingConfig { optimizer: OptimizerName::AdamW, ..adam }),
        ("sgd", DESCENT),
        ("sgd-decay", TrainingConfig { momentum: Some(0.5), weight_decay: 0.01, ..DESCENT }),
        ("clip", TrainingConfig { gradient_clip: Some(4.0), ..DESCENT }),
        ("cosine", TrainingConfig { schedule: Schedule::Cosine, warm_up_epochs: 3, ..DESCENT }),
        ("step", TrainingConfig {
            schedule: Schedule::Step, decay_epochs: Some(4), decay_factor: Some(0.5), ..DESCENT
        }),
        ("projection", DESCENT),
    ];
    let mut largest = HashMap::new();
    for (option, config) in options {
        let network = train_ten_steps(&tensors, &config, option == "projection");
        for (name, parameter) in network.parameters() {
            let theirs = values(&tensors[&format!("{option}.{name}")]);
            assert_ne!(
                theirs,
                values(&tensors[&format!("initial.{name}")]),
                "{option} {name}"
            );
            let difference = values(&parameter)
                .into_iter()
                .zip(&theirs)
                .map(|(a, b)| a - b);
            let relative = norm(difference) / norm(theirs.iter().copied());
            assert!(relative <= TOLERANCE, "{option} {name}: {relative:e}");
            let largest = largest.entry(option).or_insert(0.0);
            *largest = relative.max(*largest);
        }
    }
    println!("largest relative differences: {largest:?}");
}

fn train_ten_steps(
    tensors: &HashMap<String, Tensor>,
    config: &TrainingConfig,
    projects: bool,
) -> LeNet {
    let initial: HashMap<String, Tensor> = tensors
        .iter()
        .filter_map(|(name, value)| {
            Some((name.strip_prefix("initial.")?.to_owned(), value.clone()))
        })
        .collect();
    let architecture = LeNetConfig {
        image_size: 23,
        channels: [3, 5],
        hidden: 9,
        embedding: EMBEDDING,
    };
    let weights = VarBuilder::from_tensors(initial, DType::F32, &Device::Cpu);
    let network = LeNet::new(&architecture, weights.clone()).unwrap();
    let labels: Vec<u8> = values(&tensors["labels"])
        .iter()
        .map(|l| *l as u8)
        .collect();
    let images = values(&tensors["images"]);
    let dataset = Dataset::new(23, &images, &labels).unwrap();
    let contrastive = Contrastive {
        margin: 0.75,
        ..Contrastive::default()
    };
    let loss = Joint {
        weight: 0.5,
        term: contrastive,
    };
    let mut trainer = Trainer::new(&network, &loss, config, 1, &dataset, &dataset).unwrap();
    if projects {
        trainer = trainer.with_projection(3, weights).unwrap();
    }
    while trainer.step().unwrap() != Step::Done {}
    trainer.finish().unwrap();
    network
}

#[test]
fn learning_rates_equal_those_of_pytorchs_schedulers() {
    let rates: HashMap<String, Vec<f64>> = serde_json::from_slice(&read("rates.json")).unwrap();
    assert_eq!(rates.len(), 6);
    for (name, expected) in rates {
        let (schedule, warm_up) = name.split_once(' ').unwrap();
        let (schedule, decay) = match schedule {
            "constant" => (Schedule::Constant, None),
            "cosine" => (Schedule::Cosine, None),
            _ => (Schedule::Step, Some(4)),
        };
        // One step per epoch, as the schedulers were called.
        let config = TrainingConfig {
            epochs: 60,
            learning_rate: 0.1,
            schedule,
            warm_up_epochs: warm_up.parse().unwrap(),
            decay_epochs: decay,
            decay_factor: decay.map(|_| 0.5),
            ..TrainingConfig::DEFAULT
        };
        config.validate().unwrap();
        for (step, expected) in expected.into_iter().enumerate() {
            let found = config.learning_rate_at(step, 1);
            assert!(
                (found - expected).abs() < 1e-12,
                "{name} at {step}: {found} {expected}"
            );
        }
    }
}

/// Size, flips, angle in degrees, scale, shift.
type Move = (usize, [bool; 2], f64, f64, [f64; 2]);

#[test]
fn moved_images_and_masks_equal_those_of_scipy() {
    let bytes = read("augment.safetensors");
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let moves = &header.metadata().as_ref().unwrap()["moves"];
    let moves: Vec<Move> = serde_json::from_str(moves).unwrap();
    let tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu).unwrap();
    for (i, (size, flip, degrees, scale, shift)) in moves.into_iter().enumerate() {
        let config = Augmentation {
            flip: true,
            ..Augmentation::default()
        };
        let augmenter = Augmenter::new(config, size, 1).unwrap();
        let transform = Transform {
            flip,
            angle: degrees.to_radians(),
            scale,
            shift,
            intensity: 1.0,
            noise_start: 0,
            noise: 0.0,
        };
        let image = values(&tensors[&format!("{i}.image")]);
        let mut moved = image.clone();
        augmenter.apply(&transform, &mut moved, &mut Vec::new());
        let expected = values(&tensors[&format!("{i}.moved")]);
        for (pixel, (found, expected)) in moved.iter().zip(&expected).enumerate() {
            let difference = (found - expected).abs();
            assert!(
                difference < 2e-5,
                "move {i}, pixel {pixel}: {found} {expected}"
            );
        }
        let mask: Vec<u8> = image.iter().map(|v| u8::from(*v > 0.5)).collect();
        let expected = values(&tensors[&format!("{i}.mask")]);
        let expected: Vec<u8> = expected.iter().map(|v| *v as u8).collect();
        assert_eq!(transform.apply_to_mask(&mask, size), expected, "move {i}");
    }
}
