//! File `failed` of a run: the reason why the run failed, in one line.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use nodule_error::{failed_to, read_file};

use super::run_state::is_done;
use crate::Error;

/// Name of the file.
pub(super) const FAILED: &str = "failed";

/// Returns why the run in `folder` failed, in one line. `None` if it is done or has not failed.
#[must_use]
pub fn failure_reason(folder: &Path) -> Option<String> {
    let reason = String::from_utf8(read_file(&folder.join(FAILED)).ok()?).ok()?;
    (!is_done(folder)).then(|| reason.trim().to_owned())
}

/// Whether the run in `folder` failed because its training produced a value that is not finite.
#[must_use]
pub fn has_diverged(folder: &Path) -> bool {
    failure_reason(folder).is_some_and(|reason| reason.starts_with("diverged: "))
}

/// Removes the reason from `folder`, so that the run can be claimed again.
///
/// # Errors
/// If the file exists and cannot be removed.
pub(super) fn clear_failure(folder: &Path) -> Result<(), Error> {
    let path = folder.join(FAILED);
    match fs::remove_file(&path) {
        Err(e) if e.kind() != ErrorKind::NotFound => Err(failed_to("remove", &path)(e).into()),
        _ => Ok(()),
    }
}
