//! A report that is current is not written again: `study run` with nothing left to do ends in seconds.
//!
//! `report/.current.json` holds what the report was made from, the SHA-256 of each of its files, and what was printed.

use std::collections::BTreeMap;
use std::fs::{self, Metadata};
use std::io;
use std::path::Path;

use nodule_report::read_own_files;
use nodule_run::CACHE_FILE;
use nodule_seed::{sha256_hex, sha256_hex_of_parts};
use nodule_study::files::write_atomic;
use nodule_study::{Output, RunSpec};
use serde::{Deserialize, Serialize};

const FILE: &str = "report/.current.json";

/// A written report.
#[derive(Debug, Serialize, Deserialize)]
struct CurrentReport {
    /// See [`digest_inputs`].
    inputs: String,
    /// Printed verdicts and the number of runs.
    printed: String,
    /// SHA-256 of each file, by its path relative to the folder of the study.
    files: BTreeMap<String, String>,
}

/// Returns the SHA-256 of everything that a report is made from: this program, the folder's name, the
/// study, and the mark and the cache of every run, whose files were just checked against the marks.
///
/// # Errors
/// If a file cannot be read, such as the mark of an unfinished run.
pub(super) fn digest_inputs(
    output: &Output,
    device_kind: &str,
    specs: &[RunSpec],
) -> io::Result<String> {
    let program = stamp(fs::metadata(std::env::current_exe()?).ok());
    let study = fs::read(output.path().join("study.toml"))?;
    let folder = output.path().as_os_str().as_encoded_bytes().to_vec();
    let mut parts = vec![program, device_kind.as_bytes().to_vec(), folder, study];
    for spec in specs {
        let run = output.run_folder(&spec.id);
        parts.push(spec.id.clone().into_bytes());
        parts.push(fs::read(run.join("done"))?);
        parts.push(stamp(fs::metadata(run.join(CACHE_FILE)).ok()));
    }
    Ok(sha256_hex_of_parts(parts))
}

/// Returns size and time of a file, or nothing if it is missing.
fn stamp(metadata: Option<Metadata>) -> Vec<u8> {
    metadata.map_or_else(Vec::new, |m| {
        format!("{} {:?}", m.len(), m.modified().ok()).into_bytes()
    })
}

/// Returns what was printed with the report in `folder` if it was made from these inputs and all its files are unchanged.
pub(super) fn read_current(folder: &Path, inputs: &str) -> Option<String> {
    let bytes = fs::read(folder.join(FILE)).ok()?;
    let current: CurrentReport = serde_json::from_slice(&bytes).ok()?;
    let is_unchanged = current.inputs == inputs
        && current.files.keys().eq(&read_own_files(folder))
        && hash_files(folder).is_some_and(|files| files == current.files);
    is_unchanged.then_some(current.printed)
}

/// Records that the report in `folder` was made from these inputs. A failure does no harm: the next start writes the
/// report again.
pub(super) fn record_current(folder: &Path, inputs: String, printed: String) {
    let current = hash_files(folder).map(|files| CurrentReport {
        inputs,
        printed,
        files,
    });
    if let Some(Ok(bytes)) = current.map(|current| serde_json::to_vec_pretty(&current)) {
        let _ = write_atomic(&folder.join(FILE), &bytes);
    }
}

/// Returns the SHA-256 of each file of the report, or `None` if one cannot be read.
fn hash_files(folder: &Path) -> Option<BTreeMap<String, String>> {
    read_own_files(folder)
        .into_iter()
        .map(|name| {
            let digest = sha256_hex(fs::read(folder.join(&name)).ok()?);
            Some((name, digest))
        })
        .collect()
}
