//! A run that was finished and is not whole is kept beside the new one: nothing is deleted.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use super::mark::MARK;
use crate::Error;
use crate::files::file_error;

/// Moves what is in the run's folder into `<id>.broken-N` beside it, the mark last: whoever is stopped in
/// between leaves a run that is still broken. Locks and claims stay: the folder is held.
pub(super) fn set_aside(folder: &Path) -> Result<PathBuf, Error> {
    let aside = free_folder(folder)?;
    let entries = fs::read_dir(folder).map_err(|e| file_error(folder, e))?;
    let mut names = Vec::new();
    for entry in entries {
        names.push(entry.map_err(|e| file_error(folder, e))?.file_name());
    }
    let is_hidden = |name: &std::ffi::OsString| name.to_string_lossy().starts_with('.');
    names.retain(|name| !is_hidden(name) && name != MARK);
    names.sort();
    for name in names.iter().map(AsRef::as_ref).chain([Path::new(MARK)]) {
        let from = folder.join(name);
        fs::rename(&from, aside.join(name)).map_err(|e| file_error(&from, e))?;
    }
    Ok(aside)
}

/// Whether a folder of that name holds a run that was set aside.
pub(super) fn is_aside(name: &str) -> bool {
    let number = name.split_once(".broken-").map(|(_, number)| number);
    number.is_some_and(|n| n.parse::<u32>().is_ok())
}

fn free_folder(folder: &Path) -> Result<PathBuf, Error> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut number = 1u32;
    loop {
        let aside = folder.with_file_name(format!("{name}.broken-{number}"));
        match fs::create_dir(&aside) {
            Ok(()) => return Ok(aside),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(e) => return Err(file_error(&aside, e)),
        }
    }
}
