//! Staging folder of an export: files are written to a subfolder and moved out when all are complete, so that an
//! exported folder holds exactly one export.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::error::{shorten, write_error};

/// Name of the subfolder. It is fixed, so that creating it claims the folder.
const STAGING: &str = "unfinished-export";

/// Checks that `folder` is empty or absent, so that an export may be written to it.
///
/// # Errors
/// [`Error::Folder`] if it is not a folder or is not empty, with the first entry.
pub fn check_export_folder(folder: &Path) -> Result<(), Error> {
    match fs::metadata(folder) {
        Ok(metadata) if metadata.is_dir() => check_empty(folder, None),
        Ok(_) => Err(unusable(folder, "is not a folder; choose another --out")),
        // A folder that cannot be inspected cannot be created either, and creating it gives the error.
        Err(_) => Ok(()),
    }
}

/// A claimed export folder. Without [`Staging::finish`], dropping it removes everything that was written.
#[derive(Debug)]
pub struct Staging {
    folder: PathBuf,
    staging: PathBuf,
    /// Whether this export created the folder.
    is_new: bool,
    is_finished: bool,
}

impl Staging {
    /// Claims `folder`, creating it if it is absent.
    ///
    /// # Errors
    /// [`Error::Folder`] if it is not a folder, is not empty or cannot be written to.
    pub fn claim(folder: &Path) -> Result<Self, Error> {
        check_export_folder(folder)?;
        let is_new = !folder.exists();
        let cannot_write = |e: std::io::Error| {
            let reason = format!("cannot be created or written to ({e}); choose another --out");
            unusable(folder, reason)
        };
        fs::create_dir_all(folder).map_err(cannot_write)?;
        let staging = folder.join(STAGING);
        match fs::create_dir(&staging) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(not_empty(folder, STAGING));
            }
            Err(e) => return Err(cannot_write(e)),
        }
        let claimed = Self {
            folder: folder.to_path_buf(),
            staging,
            is_new,
            is_finished: false,
        };
        // Check again, now that no other export can start in this folder.
        check_empty(folder, Some(STAGING))?;
        Ok(claimed)
    }

    /// The folder to write to.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.staging
    }

    /// Moves the named files and folders to the export folder, in this order. The last one marks it as complete.
    ///
    /// # Errors
    /// If one of them is missing or cannot be moved.
    pub fn finish(mut self, names: &[&str]) -> Result<(), Error> {
        for name in names {
            let to = self.folder.join(name);
            fs::rename(self.staging.join(name), &to).map_err(write_error(&to))?;
        }
        fs::remove_dir(&self.staging).map_err(write_error(&self.staging))?;
        self.is_finished = true;
        Ok(())
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if self.is_finished {
            return;
        }
        // Best effort: the caller reports the original error.
        let _ = fs::remove_dir_all(&self.staging);
        if self.is_new {
            // Fails if the folder has other entries by now, which must stay.
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

/// Creates a file, writes it with `write`, and syncs it to the disk.
pub(super) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<(), Error> {
    let result = File::create_new(path).and_then(|file| {
        let mut file = BufWriter::new(file);
        write(&mut file)?;
        sync_to_disk(file)
    });
    result.map_err(write_error(path))
}

/// Flushes the buffer and syncs the file to the disk.
pub(super) fn sync_to_disk(file: BufWriter<File>) -> std::io::Result<()> {
    file.into_inner()
        .map_err(std::io::IntoInnerError::into_error)?
        .sync_all()
}

/// Checks that the folder has no entry except `own`.
fn check_empty(folder: &Path, own: Option<&str>) -> Result<(), Error> {
    let cannot_read = |e: std::io::Error| {
        let reason = format!("cannot be read ({e}); choose another --out");
        unusable(folder, reason)
    };
    for entry in fs::read_dir(folder).map_err(cannot_read)? {
        let name = entry.map_err(cannot_read)?.file_name();
        if own.is_none_or(|own| name != own) {
            return Err(not_empty(folder, &name.to_string_lossy()));
        }
    }
    Ok(())
}

fn not_empty(folder: &Path, name: &str) -> Error {
    let reason = if name == STAGING {
        format!(
            "contains {STAGING}, of an export that is running or was cut short; choose another --out, or remove it if none is running"
        )
    } else {
        format!(
            "is not empty (it holds {}); choose another --out",
            shorten(name)
        )
    };
    unusable(folder, reason)
}

fn unusable(folder: &Path, reason: impl Into<String>) -> Error {
    Error::Folder {
        path: folder.to_path_buf(),
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_folder_takes_one_export_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("below/out");
        let first = Staging::claim(&out).unwrap();
        let message = Staging::claim(&out).err().unwrap().to_string();
        assert!(message.contains(STAGING) && message.contains("choose another --out"));
        write_file(&first.path().join("labels.csv"), |_| Ok(())).unwrap();
        assert_eq!(names(&out), [STAGING]);
        first.finish(&["labels.csv"]).unwrap();
        assert_eq!(names(&out), ["labels.csv"]);
        let message = Staging::claim(&out).err().unwrap().to_string();
        assert!(message.contains("it holds labels.csv"), "{message}");
    }

    #[test]
    fn a_failed_export_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old) = (folder.path().join("new"), folder.path().join("old"));
        fs::create_dir(&old).unwrap();
        for out in [&new, &old] {
            let claimed = Staging::claim(out).unwrap();
            write_file(&claimed.path().join("a"), |_| Ok(())).unwrap();
            let full = |_: &mut BufWriter<File>| Err(std::io::ErrorKind::StorageFull.into());
            let error = write_file(&claimed.path().join("b"), full).unwrap_err();
            assert!(!error.is_input());
        }
        assert_eq!(names(folder.path()), ["old"]);
        assert!(names(&old).is_empty());
    }
}
