//! Moves a broken run to a folder of its own, so that the run can be repeated and nothing is deleted.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use nodule_error::failed_to;

use super::mark::MARK;
use crate::Error;

/// Moves the files in a run's folder to `<id>.broken-N` beside it and returns that path.
///
/// The mark `done` goes last, so that a process stopped half-way leaves a run that is still broken. Hidden files (the
/// lock and the claims) stay, because the caller holds the folder.
pub(super) fn move_broken_run(folder: &Path) -> Result<PathBuf, Error> {
    let target = create_target(folder)?;
    let mut names = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed_to("read", folder))? {
        let name = entry.map_err(failed_to("read", folder))?.file_name();
        if !name.to_string_lossy().starts_with('.') && name != MARK {
            names.push(name);
        }
    }
    names.sort();
    for name in names.iter().map(AsRef::as_ref).chain([Path::new(MARK)]) {
        let source = folder.join(name);
        fs::rename(&source, target.join(name)).map_err(failed_to("move", &source))?;
    }
    Ok(target)
}

/// Whether a folder of this name holds a broken run that was moved.
pub(super) fn is_broken_run_name(name: &str) -> bool {
    name.split_once(".broken-")
        .is_some_and(|(_, number)| number.parse::<u32>().is_ok())
}

fn create_target(folder: &Path) -> Result<PathBuf, Error> {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let mut number = 1u32;
    loop {
        let target = folder.with_file_name(format!("{name}.broken-{number}"));
        match fs::create_dir(&target) {
            Ok(()) => return Ok(target),
            Err(e) if e.kind() == ErrorKind::AlreadyExists => number += 1,
            Err(e) => return Err(failed_to("create", &target)(e).into()),
        }
    }
}
