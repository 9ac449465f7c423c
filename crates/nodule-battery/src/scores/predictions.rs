//! `predictions.csv`: every decision on every test image.

use nodule_eval::ReadOut;
use nodule_study::Error;
use nodule_synth::{DataSet, Distribution};
use serde::Serialize;

/// The file, as it grows.
#[derive(Debug)]
pub struct Predictions<'a> {
    run: &'a str,
    file: csv::Writer<Vec<u8>>,
}

#[derive(Serialize)]
struct Prediction<'a> {
    run: &'a str,
    test: &'a str,
    index: usize,
    label: u8,
    shape: f64,
    texture: f64,
    readout: &'a str,
    score: f32,
    predicted: u8,
}

impl<'a> Predictions<'a> {
    /// Of that run.
    #[must_use]
    pub fn new(run: &'a str) -> Self {
        Self {
            run,
            file: csv::Writer::from_writer(Vec::new()),
        }
    }

    /// One row an image. The label is the distribution's own; for `conflict` that is the shape rule.
    ///
    /// # Errors
    /// [`Error::Made`] if a row cannot be written.
    pub fn add(
        &mut self,
        distribution: &Distribution,
        data: &DataSet,
        read_out: ReadOut,
        decided: &[f32],
    ) -> Result<(), Error> {
        for (index, &score) in decided.iter().enumerate() {
            let (label, latents) = (data.labels[index], &data.latents[index]);
            let row = Prediction {
                run: self.run,
                test: &distribution.name,
                index,
                label,
                shape: latents.shape,
                texture: latents.texture,
                readout: read_out.name(),
                score,
                predicted: u8::from(score > 0.0),
            };
            self.file.serialize(row).map_err(failed)?;
        }
        Ok(())
    }

    /// Its text.
    ///
    /// # Errors
    /// [`Error::Made`] if it cannot be written.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        self.file.into_inner().map_err(failed)
    }
}

fn failed(error: impl ToString) -> Error {
    Error::made("predictions.csv", error)
}
