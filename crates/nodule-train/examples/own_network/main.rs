//! A network of Candle's operations, trained under a loss of one's own, kept as a checkpoint that PyTorch
//! loads too, and read back:
//! `cargo run --release -p nodule-train --example own_network -- CHECKPOINT [IMAGES [EPOCHS]]`.

mod smoothed;
mod strided;

use std::error::Error;
use std::io::Write;

use nodule_nn::Architecture;
use nodule_synth::{DataSet, Distribution, Generator, GeneratorSettings, Label, Outlines};
use nodule_train::{
    Epoch, Examples, TrainingConfig, infer, load_checkpoint, open_device, save_checkpoint, train,
};

use smoothed::Smoothed;
use strided::Strided;

fn main() -> Result<(), Box<dyn Error>> {
    run(std::env::args().skip(1), &mut std::io::stdout())
}

/// The program on these arguments.
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
    let generator = Generator::new(settings, Outlines::embedded())?;
    let both = Distribution::resolve("both")?;
    let drawn = |seed, n| generator.generate(&both, seed, 0..n);
    let (training, validation, test) = (drawn(1, n)?, drawn(2, n / 4)?, drawn(3, n / 4)?);

    let device = open_device("cpu")?;
    let architecture = Strided {
        image_size: 32,
        channels: 8,
        embedding: 16,
    };
    let network = architecture.build(7, &device)?;
    let loss = Smoothed { smoothing: 0.1 };
    let budget = TrainingConfig {
        epochs,
        batch_size: 32,
        learning_rate: 3e-3,
        until_flat: None,
    };
    let show = |row: &Epoch| {
        // A progress that cannot be shown is no reason to stop.
        let _ = writeln!(out, "epoch {}: {:.4}", row.epoch, row.validation_loss);
    };
    train(
        network.as_ref(),
        &loss,
        &budget,
        11,
        &examples(&training, &training.class_indices())?,
        &examples(&validation, &validation.class_indices())?,
        show,
    )?;

    std::fs::write(&checkpoint, save_checkpoint(network.as_ref())?)?;
    let again = load_checkpoint(checkpoint.as_ref(), &architecture, &device)?;
    let logits = infer(again.as_ref(), &test.images)?.logits;
    let right = logits.chunks(2).zip(&test.labels);
    let right = right.filter(|(logits, label)| Label::from(logits[1] > logits[0]) == **label);
    writeln!(out, "right on the test: {} of {}", right.count(), n / 4)?;
    writeln!(out, "{checkpoint}")?;
    Ok(())
}

fn examples<'a>(data: &'a DataSet, labels: &'a [u8]) -> Result<Examples<'a>, nodule_train::Error> {
    Examples::new(data.image_size, &data.images, labels)
}
