//! The mark `done` that finishes a run: which files the run has, with the size and the SHA-256 of each.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use nodule_seed::{hex, sha256_hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::files::{broken, read_part};

/// The files of every finished run, beside the mark.
pub(super) const RUN_FILES: [&str; 5] = [
    "evaluation.json",
    "history.csv",
    "model.safetensors",
    "predictions.csv",
    "run.json",
];

/// The name of the mark.
pub(super) const MARK: &str = "done";

/// The contents of `done`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// The run's id.
    pub(super) run: String,
    /// The run's files by name.
    pub(super) files: BTreeMap<String, Listed>,
}

/// One file as it was when the run finished.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Listed {
    /// Its size.
    pub(super) bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub(super) sha256: String,
}

impl Mark {
    /// As it is written: JSON that a person can read.
    pub(super) fn text(&self) -> Vec<u8> {
        // Strings and integers: nothing in them can fail to become JSON.
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// The mark of the run in `folder`; none if it is empty, as marks were before they listed files.
    ///
    /// # Errors
    /// [`Error::Record`] if it is not as it was written, or lists too little.
    pub(super) fn read(folder: &Path) -> Result<Option<Self>, Error> {
        let path = folder.join(MARK);
        let bytes = read_part(&path)?;
        if bytes.is_empty() {
            return Ok(None);
        }
        let mark: Self = serde_json::from_slice(&bytes)
            .map_err(|e| broken(&path, &format!("is no list of files ({e})")))?;
        if mark.text() != bytes {
            return Err(broken(&path, "is not as it was written"));
        }
        match RUN_FILES
            .iter()
            .find(|name| !mark.files.contains_key(**name))
        {
            Some(name) => Err(broken(&path, &format!("does not list {name}"))),
            None => Ok(Some(mark)),
        }
    }
}

impl Listed {
    /// Of a file with these contents.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: sha256_hex(bytes),
        }
    }

    /// Of the file at `path`, read piece by piece.
    pub(super) fn of_file(path: &Path) -> io::Result<Self> {
        let mut hasher = Sha256::new();
        let bytes = io::copy(&mut std::fs::File::open(path)?, &mut hasher)?;
        Ok(Self {
            bytes,
            sha256: hex(hasher.finalize()),
        })
    }

    /// Refuses a file that is another `now`.
    ///
    /// # Errors
    /// [`Error::Record`], naming the file.
    pub(super) fn same(&self, now: &Self, path: &Path) -> Result<(), Error> {
        self.same_size(now.bytes, path)?;
        match self.sha256 == now.sha256 {
            true => Ok(()),
            false => Err(broken(path, "was changed after the run finished (SHA-256)")),
        }
    }

    /// Refuses a file of another size.
    ///
    /// # Errors
    /// [`Error::Record`], naming the file.
    pub(super) fn same_size(&self, now: u64, path: &Path) -> Result<(), Error> {
        match (now, self.bytes) {
            (now, then) if now == then => Ok(()),
            (0, _) => Err(broken(path, "is empty")),
            (now, then) => {
                let reason = format!("has {now} bytes, {then} when the run finished");
                Err(broken(path, &reason))
            }
        }
    }
}
