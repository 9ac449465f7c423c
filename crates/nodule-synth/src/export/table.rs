//! `labels.csv`: a row for every nodule, with its label and all of its latents.

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use super::unfinished::to_disk;
use crate::error::write_error;
use crate::{DataSet, Error, Latents};

/// Name of the table. It is moved out last: an export without it is not whole.
pub(crate) const LABELS: &str = "labels.csv";

/// A table that is being written.
pub(crate) struct Table {
    path: PathBuf,
    writer: csv::Writer<BufWriter<File>>,
    rows: usize,
}

impl Table {
    /// A new one in `folder`.
    pub(crate) fn create(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(LABELS);
        let file = File::create_new(&path).map_err(write_error(&path))?;
        let mut writer = csv::WriterBuilder::new()
            .has_headers(false)
            .from_writer(BufWriter::new(file));
        let written = writer.write_record(["index", "label"].iter().chain(&Latents::COLUMNS));
        written.map_err(|e| write_error(&path)(e.into()))?;
        Ok(Self {
            path,
            writer,
            rows: 0,
        })
    }

    /// Rows written so far: the index of the next one.
    #[cfg(feature = "png")]
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// A row for every nodule of `data`.
    pub(crate) fn append(&mut self, data: &DataSet) -> Result<(), Error> {
        for (label, latents) in data.labels.iter().zip(&data.latents) {
            let written = self.writer.serialize((self.rows, label, latents));
            written.map_err(|e| write_error(&self.path)(e.into()))?;
            self.rows += 1;
        }
        Ok(())
    }

    /// Puts it on the disk.
    pub(crate) fn finish(self) -> Result<(), Error> {
        let file = self.writer.into_inner();
        let written = file
            .map_err(|e| std::io::Error::other(e.to_string()))
            .and_then(to_disk);
        written.map_err(write_error(&self.path))
    }
}
