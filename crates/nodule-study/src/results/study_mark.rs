//! `study.sha256`: the study's own files as they were written, in the format of `sha256sum --check`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::mark::Listed;
use crate::Error;
use crate::files::{file_error, read_text, write_exclusive};
use crate::settings::Resolved;

const NAME: &str = "study.sha256";

/// Writes it into the folder of a study whose `study.toml` is `text`, unless it is there.
///
/// # Errors
/// [`Error::File`] if it cannot be written.
pub(super) fn write_study_mark(path: &Path, text: &str, resolved: &Resolved) -> Result<(), Error> {
    let named = resolved.attachments.iter();
    let named = named.map(|(name, contents)| (name.as_str(), contents.as_str()));
    let lines = [("study.toml", text)].into_iter().chain(named);
    let lines = lines.map(|(name, contents)| {
        let sha256 = Listed::of(contents.as_bytes()).sha256;
        format!("{sha256}  {name}\n")
    });
    let lines: String = lines.collect();
    write_exclusive(&path.join(NAME), lines.as_bytes()).map(|_| ())
}

/// What is wrong with the study's own files, a sentence each; nothing where they were written before there
/// was such a list.
///
/// # Errors
/// [`Error::File`] if the system refuses to read one.
pub(super) fn study_faults(path: &Path) -> Result<Vec<String>, Error> {
    let place = path.join(NAME);
    if !place.is_file() {
        return Ok(Vec::new());
    }
    let mut faults = Vec::new();
    let text = read_text(&place).unwrap_or_default();
    if !text.ends_with('\n') {
        faults.push(format!("{}: is not as it was written", place.display()));
    }
    for line in text.lines() {
        let Some((sha256, name)) = line.split_once("  ") else {
            faults.push(format!("{}: is no list of files", place.display()));
            continue;
        };
        let file = path.join(name);
        let fault = match fs::read(&file) {
            Ok(bytes) if Listed::of(&bytes).sha256 == sha256 => continue,
            Ok(_) => "was changed after it was written (SHA-256)",
            Err(e) if e.kind() == ErrorKind::NotFound => "is missing",
            Err(e) => return Err(file_error(&file, e)),
        };
        faults.push(format!("{}: {fault}", file.display()));
    }
    Ok(faults)
}
