//! Trains a custom network of Candle operations under a custom loss, saves a checkpoint that PyTorch can load, and tests
//! the network loaded from it.
//!
//! `cargo run --release -p nodule-train --example own_network -- CHECKPOINT [IMAGES [EPOCHS]]`.

mod smoothed;
mod strided;

use std::error::Error;
use std::io::Write;

use nodule_nn::Architecture;
use nodule_synth::{DataSet, Distribution, Generator, GeneratorSettings, Label, Outlines};
use nodule_train::{
    Dataset, Epoch, TrainingConfig, infer, load_checkpoint, open_device, save_checkpoint, train,
};

use smoothed::Smoothed;
use strided::Strided;

fn main() -> Result<(), Box<dyn Error>> {
    run(std::env::args().skip(1), &mut std::io::stdout())
}

/// Runs the program with command-line arguments.
pub(crate) fn run(
    mut arguments: impl Iterator<Item = String>,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let checkpoint = arguments.next().ok_or("CHECKPOINT is missing")?;
    let n = arguments.next().map_or(Ok(1024), |n| n.parse())?;
    let epochs = arguments.next().map_or(Ok(20), |n| n.parse())?;

    let settings = GeneratorSettings {
        image_size: 32,
        ..GeneratorSettings::default()
    };
    let generator = Generator::new(settings, Outlines::lidc())?;
    let both = Distribution::resolve("both")?;
    let draw = |seed, n| generator.generate(&both, seed, 0..n);
    let (training, validation, test) = (draw(1, n)?, draw(2, n / 4)?, draw(3, n / 4)?);

    let device = open_device("cpu")?;
    let architecture = Strided {
        image_size: 32,
        channels: 8,
        embedding: 16,
    };
    let network = architecture.build(7, &device)?;
    let loss = Smoothed { smoothing: 0.1 };
    let config = TrainingConfig {
        epochs,
        batch_size: 32,
        learning_rate: 3e-3,
        ..TrainingConfig::DEFAULT
    };
    let print_row = |row: &Epoch| {
        // A failed progress line does not stop training.
        let _ = writeln!(out, "epoch {}: {:.4}", row.epoch, row.validation_loss);
    };
    train(
        network.as_ref(),
        &loss,
        &config,
        11,
        &dataset(&training, &training.class_indices())?,
        &dataset(&validation, &validation.class_indices())?,
        print_row,
    )?;

    std::fs::write(&checkpoint, save_checkpoint(network.as_ref())?)?;
    let loaded = load_checkpoint(checkpoint.as_ref(), &architecture, &device)?;
    let logits = infer(loaded.as_ref(), &test.images)?.logits;
    let correct = logits
        .chunks(2)
        .zip(&test.labels)
        .filter(|(logits, label)| Label::from(logits[1] > logits[0]) == **label)
        .count();
    writeln!(out, "correct on the test set: {correct} of {}", n / 4)?;
    writeln!(out, "{checkpoint}")?;
    Ok(())
}

fn dataset<'a>(data: &'a DataSet, labels: &'a [u8]) -> Result<Dataset<'a>, nodule_train::Error> {
    Dataset::new(data.image_size, &data.images, labels)
}
