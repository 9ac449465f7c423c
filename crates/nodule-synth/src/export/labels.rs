//! `labels.csv`: one row per nodule, with its label and latents.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use super::staging::sync_to_disk;
use crate::error::write_error;
use crate::{DataSet, Error, Latents};

/// Name of the table. It is moved to its place last, so an export without it is incomplete.
pub(super) const LABELS: &str = "labels.csv";

/// Writer of the table.
pub(super) struct Table {
    path: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
    rows: usize,
}

impl Table {
    /// Creates the table in `folder` and writes its header.
    pub(super) fn create(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(LABELS);
        let file = File::create_new(&path).map_err(write_error(&path))?;
        let mut writer = csv::WriterBuilder::new()
            .has_headers(false)
            .from_writer(BufWriter::new(file));
        writer
            .write_record(["index", "label"].iter().chain(&Latents::COLUMNS))
            .map_err(|e| write_error(&path)(e.into()))?;
        Ok(Self {
            path,
            writer,
            rows: 0,
        })
    }

    /// Returns the number of rows written so far.
    #[cfg(feature = "png")]
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// Appends one row per nodule of `data`.
    pub(super) fn append(&mut self, data: &DataSet) -> Result<(), Error> {
        for (label, latents) in data.labels.iter().zip(&data.latents) {
            self.writer
                .serialize((self.rows, u8::from(*label), latents))
                .map_err(|e| write_error(&self.path)(e.into()))?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Writes the table to the disk.
    pub(super) fn finish(self) -> Result<(), Error> {
        self.writer
            .into_inner()
            .map_err(|e| std::io::Error::other(e.to_string()))
            .and_then(sync_to_disk)
            .map_err(write_error(&self.path))
    }
}
