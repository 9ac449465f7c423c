//! `predictions.csv`: every decision on every test image.

use nodule_eval::ReadOut;
use nodule_study::Error;
use serde::Serialize;

use crate::sets::TestImages;

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
    shape: Option<f64>,
    texture: Option<f64>,
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
    /// Of images of the user's own shape and texture are ratings, or empty.
    ///
    /// # Errors
    /// [`Error::Made`] if a row cannot be written.
    pub fn add(
        &mut self,
        set: &TestImages,
        read_out: ReadOut,
        decided: &[f32],
    ) -> Result<(), Error> {
        for (index, &score) in decided.iter().enumerate() {
            let label = set.label(index);
            let [shape, texture] = set.modes(index);
            let row = Prediction {
                run: self.run,
                test: set.name(),
                index,
                label,
                shape,
                texture,
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
