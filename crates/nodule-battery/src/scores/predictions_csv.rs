//! `predictions.csv` of a run: every decision score on every test image.

use nodule_eval::ReadOut;
use nodule_study::Error;
use serde::Serialize;

use crate::sets::TestImages;

/// Writer of `predictions.csv`.
#[derive(Debug)]
pub struct PredictionsCsv<'a> {
    run: &'a str,
    file: csv::Writer<Vec<u8>>,
}

#[derive(Serialize)]
struct Row<'a> {
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

impl<'a> PredictionsCsv<'a> {
    /// Returns an empty file for the run with that id.
    #[must_use]
    pub fn new(run: &'a str) -> Self {
        Self {
            run,
            file: csv::Writer::from_writer(Vec::new()),
        }
    }

    /// Appends one row per image. The label is the distribution's own; for `conflict` that is the shape rule. Shape
    /// and texture of the user's images are their ratings, or empty.
    ///
    /// # Errors
    /// [`Error::Made`] if a row cannot be written.
    pub fn add(
        &mut self,
        set: &TestImages,
        read_out: ReadOut,
        scores: &[f32],
    ) -> Result<(), Error> {
        for (index, &score) in scores.iter().enumerate() {
            let [shape, texture] = set.shape_and_texture(index);
            let row = Row {
                run: self.run,
                test: set.name(),
                index,
                label: set.label(index),
                shape,
                texture,
                readout: read_out.name(),
                score,
                predicted: u8::from(score > 0.0),
            };
            self.file.serialize(row).map_err(to_error)?;
        }
        Ok(())
    }

    /// Returns the text of the file.
    ///
    /// # Errors
    /// [`Error::Made`] if it cannot be written.
    pub fn finish(self) -> Result<Vec<u8>, Error> {
        self.file.into_inner().map_err(to_error)
    }
}

fn to_error(error: impl ToString) -> Error {
    Error::cannot_make("predictions.csv", error)
}
