//! Mark `done` of a finished run: the size and SHA-256 of each of its files.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use nodule_error::open_file;
use nodule_seed::{hex, sha256_hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::files::{broken_run_error, read_run_file};

/// Files of every finished run, beside the mark.
pub(super) const RUN_FILES: [&str; 5] = [
    "evaluation.json",
    "history.csv",
    "model.safetensors",
    "predictions.csv",
    "run.json",
];

/// Name of the mark.
pub(super) const MARK: &str = "done";

/// Content of `done`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Mark {
    /// Id of the run.
    pub(super) run: String,
    /// Files of the run by name.
    pub(super) files: BTreeMap<String, FileDigest>,
}

/// Size and SHA-256 of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct FileDigest {
    /// Size in bytes.
    pub(super) bytes: u64,
    /// SHA-256 in hexadecimal.
    pub(super) sha256: String,
}

impl Mark {
    /// Returns the content of the file: indented JSON.
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        // Strings and integers always serialize.
        let mut text = serde_json::to_vec_pretty(self).unwrap_or_default();
        text.push(b'\n');
        text
    }

    /// Reads the mark of the run in `folder`.
    ///
    /// # Errors
    /// [`Error::Record`] if the mark was changed or does not list every run file.
    pub(super) fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(MARK);
        let bytes = read_run_file(&path)?;
        if bytes.is_empty() {
            return Err(broken_run_error(&path, "is empty"));
        }
        let mark: Self = serde_json::from_slice(&bytes)
            .map_err(|e| broken_run_error(&path, &format!("is not a list of files ({e})")))?;
        if mark.to_bytes() != bytes {
            return Err(broken_run_error(
                &path,
                "was changed after the run finished",
            ));
        }
        match RUN_FILES
            .iter()
            .find(|name| !mark.files.contains_key(**name))
        {
            Some(name) => Err(broken_run_error(&path, &format!("does not list {name}"))),
            None => Ok(mark),
        }
    }
}

impl FileDigest {
    /// Returns the digest of a file with this content.
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: sha256_hex(bytes),
        }
    }

    /// Returns the digest of the file at `path`, read in blocks.
    pub(super) fn from_file(path: &Path) -> io::Result<Self> {
        let mut hasher = Sha256::new();
        let bytes = io::copy(&mut open_file(path)?, &mut hasher)?;
        let sha256 = hex(hasher.finalize());
        Ok(Self { bytes, sha256 })
    }

    /// Checks that the file at `path`, whose digest is now `current`, has not changed.
    ///
    /// # Errors
    /// [`Error::Record`], naming the file.
    pub(super) fn check(&self, current: &Self, path: &Path) -> Result<(), Error> {
        self.check_size(current.bytes, path)?;
        match self.sha256 == current.sha256 {
            true => Ok(()),
            false => {
                let reason = "was changed after the run finished (SHA-256)";
                Err(broken_run_error(path, reason))
            }
        }
    }

    /// Checks that the size of the file at `path`, now `current`, has not changed.
    ///
    /// # Errors
    /// [`Error::Record`], naming the file.
    pub(super) fn check_size(&self, current: u64, path: &Path) -> Result<(), Error> {
        if current == self.bytes {
            return Ok(());
        }
        let reason = match current {
            0 => "is empty".to_owned(),
            _ => format!("has {current} bytes, {} when the run finished", self.bytes),
        };
        Err(broken_run_error(path, &reason))
    }
}
