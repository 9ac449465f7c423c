//! File `study.sha256`: checksums of the study's own files, in the format of `sha256sum --check`.

use std::io::ErrorKind;
use std::path::Path;

use nodule_error::{failed_to, read_file};

use super::mark::FileDigest;
use crate::Error;
use crate::files::{read_text, write_exclusive};
use crate::settings::Resolved;

const NAME: &str = "study.sha256";

/// Writes the checksums to the output folder of a study whose `study.toml` is `text`, unless they exist.
///
/// # Errors
/// If the file cannot be written.
pub(super) fn write_checksums(folder: &Path, text: &str, resolved: &Resolved) -> Result<(), Error> {
    let attachments = resolved
        .attachments
        .iter()
        .map(|(name, content)| (name.as_str(), content.as_str()));
    let lines: String = [("study.toml", text)]
        .into_iter()
        .chain(attachments)
        .map(|(name, content)| {
            let digest = FileDigest::from_bytes(content.as_bytes());
            format!("{}  {name}\n", digest.sha256)
        })
        .collect();
    write_exclusive(&folder.join(NAME), lines.as_bytes()).map(|_| ())
}

/// Returns one sentence for each of the study's own files that changed or is missing.
///
/// A folder without checksums has no faults: its study was stopped before they were written.
///
/// # Errors
/// If a file cannot be read.
pub(super) fn find_faults(folder: &Path) -> Result<Vec<String>, Error> {
    let list = folder.join(NAME);
    if !list.is_file() {
        return Ok(Vec::new());
    }
    let mut faults = Vec::new();
    let text = read_text(&list).unwrap_or_default();
    if !text.ends_with('\n') {
        faults.push(format!("{}: is incomplete", list.display()));
    }
    for line in text.lines() {
        let Some((sha256, name)) = line.split_once("  ") else {
            faults.push(format!("{}: is not a list of checksums", list.display()));
            continue;
        };
        let path = folder.join(name);
        let fault = match read_file(&path) {
            Ok(bytes) if FileDigest::from_bytes(&bytes).sha256 == sha256 => continue,
            Ok(_) => "was changed after it was written (SHA-256)",
            Err(e) if e.kind() == ErrorKind::NotFound => "is missing",
            Err(e) => return Err(failed_to("read", &path)(e).into()),
        };
        faults.push(format!("{}: {fault}", path.display()));
    }
    Ok(faults)
}
