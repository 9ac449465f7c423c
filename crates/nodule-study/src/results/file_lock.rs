//! Lock files, and file systems that do not support locks.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::path::Path;

use nodule_error::failed_to;

use crate::Error;

/// Opens the lock file at `path`, creating it if it is missing. Its content is never used.
pub(super) fn open_lock_file(path: &Path) -> Result<File, Error> {
    let file = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(path)
        .map_err(failed_to("create", path))?;
    Ok(file)
}

/// Whether the error means that the file system has no locks: ENOSYS, EOPNOTSUPP or ENOLCK (network file systems).
pub(super) fn is_unsupported(error: &io::Error) -> bool {
    let codes: &[i32] = match cfg!(target_os = "linux") {
        true => &[38, 95, 37],
        false => &[78, 102, 45, 77],
    };
    error.kind() == ErrorKind::Unsupported
        || error
            .raw_os_error()
            .is_some_and(|code| codes.contains(&code))
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn recognises_file_systems_without_locks() {
        for (code, expected) in [(38, true), (95, true), (37, true), (13, false)] {
            assert_eq!(
                is_unsupported(&io::Error::from_raw_os_error(code)),
                expected
            );
        }
    }
}
