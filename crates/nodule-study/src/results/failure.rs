//! The reason that a run failed, kept beside what it left: the file `failed`.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use super::check::is_done;
use crate::Error;

/// The file that keeps the reason.
pub(super) const FAILED: &str = "failed";

/// Why the run in that folder failed, in one line; none where it is done, or was not tried to its end.
#[must_use]
pub fn failure(path: &Path) -> Option<String> {
    let reason = fs::read_to_string(path.join(FAILED)).ok()?;
    (!is_done(path)).then(|| reason.trim().to_owned())
}

/// Whether the run in that folder failed because a number of its training left the finite ones.
#[must_use]
pub fn has_diverged(path: &Path) -> bool {
    failure(path).is_some_and(|reason| reason.starts_with("diverged: "))
}

/// Forgets that the run in that folder failed: it can be taken again.
///
/// # Errors
/// [`Error::File`] if the reason is there and cannot be removed.
pub(super) fn forget_failure(path: &Path) -> Result<(), Error> {
    let path = path.join(FAILED);
    match fs::remove_file(&path) {
        Err(source) if source.kind() != ErrorKind::NotFound => Err(Error::File { path, source }),
        _ => Ok(()),
    }
}
