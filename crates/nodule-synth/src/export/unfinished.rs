//! An export in the making: it grows in a folder of its own inside the one that was asked for, and
//! moves out when it is whole. So what lies in an exported folder is one export and nothing else.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use crate::Error;
use crate::error::{shown, write_error};

/// Where an export grows. The name is fixed, so that to make the folder is to claim the export's.
const INSIDE: &str = "unfinished-export";

/// Checks that an export may go into `folder`: that it is empty, or not there yet.
///
/// # Errors
/// [`Error::Folder`] if it is no folder or holds anything, naming what.
pub fn check_export_folder(folder: &Path) -> Result<(), Error> {
    match fs::metadata(folder) {
        Ok(kind) if kind.is_dir() => refuse_others(folder, None),
        Ok(_) => Err(refused(folder, "is not a folder: choose another --out")),
        // Whatever keeps it from being seen keeps it from being made, which then says so.
        Err(_) => Ok(()),
    }
}

/// A claimed folder. Dropped before it is finished, it leaves nothing behind.
pub(crate) struct Unfinished {
    folder: PathBuf,
    inside: PathBuf,
    /// Whether the folder was made for this.
    made: bool,
    finished: bool,
}

impl Unfinished {
    /// Claims `folder`, which is made where it is not there yet.
    pub(crate) fn claim(folder: &Path) -> Result<Self, Error> {
        check_export_folder(folder)?;
        let made = !folder.exists();
        let unusable = |e: std::io::Error| {
            refused(
                folder,
                format!("cannot be made or written to ({e}): choose another --out"),
            )
        };
        fs::create_dir_all(folder).map_err(unusable)?;
        let inside = folder.join(INSIDE);
        match fs::create_dir(&inside) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {
                return Err(in_the_way(folder, INSIDE));
            }
            Err(e) => return Err(unusable(e)),
        }
        let claimed = Self {
            folder: folder.to_path_buf(),
            inside,
            made,
            finished: false,
        };
        // Asked again, now that no other export can begin here.
        refuse_others(folder, Some(INSIDE))?;
        Ok(claimed)
    }

    /// Where to write to.
    pub(crate) fn path(&self) -> &Path {
        &self.inside
    }

    /// Moves the named files and folders out, in that order. The last one says that all is there.
    pub(crate) fn finish(mut self, names: &[&str]) -> Result<(), Error> {
        for name in names {
            let to = self.folder.join(name);
            fs::rename(self.inside.join(name), &to).map_err(write_error(&to))?;
        }
        fs::remove_dir(&self.inside).map_err(write_error(&self.inside))?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.finished {
            return;
        }
        // Best effort: the error that matters is the one being reported.
        let _ = fs::remove_dir_all(&self.inside);
        if self.made {
            // Fails where something else lies there by now, as it should.
            let _ = fs::remove_dir(&self.folder);
        }
    }
}

/// Writes a new file, to the disk.
pub(crate) fn write_file(
    path: &Path,
    write: impl FnOnce(&mut BufWriter<File>) -> std::io::Result<()>,
) -> Result<(), Error> {
    let written = File::create_new(path).and_then(|file| {
        let mut file = BufWriter::new(file);
        write(&mut file)?;
        to_disk(file)
    });
    written.map_err(write_error(path))
}

/// Waits until all that was written lies on the disk.
pub(crate) fn to_disk(file: BufWriter<File>) -> std::io::Result<()> {
    let file = file
        .into_inner()
        .map_err(std::io::IntoInnerError::into_error)?;
    file.sync_all()
}

/// Refuses a folder that holds anything but `own`.
fn refuse_others(folder: &Path, own: Option<&str>) -> Result<(), Error> {
    let unreadable = |e: std::io::Error| {
        refused(
            folder,
            format!("cannot be read ({e}): choose another --out"),
        )
    };
    for entry in fs::read_dir(folder).map_err(unreadable)? {
        let name = entry.map_err(unreadable)?.file_name();
        if own.is_none_or(|own| name != own) {
            return Err(in_the_way(folder, &name.to_string_lossy()));
        }
    }
    Ok(())
}

fn in_the_way(folder: &Path, name: &str) -> Error {
    let reason = if name == INSIDE {
        format!(
            "holds {INSIDE}, of an export that is running or was cut short: choose another --out, or remove it if none is running"
        )
    } else {
        format!(
            "is not empty (it holds {}), and an export would be mixed up with what is there: choose another --out",
            shown(name)
        )
    };
    refused(folder, reason)
}

fn refused(folder: &Path, reason: impl Into<String>) -> Error {
    Error::Folder {
        path: folder.to_path_buf(),
        reason: reason.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|e| e.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort_unstable();
        names
    }

    #[test]
    fn a_folder_belongs_to_one_export_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("below/out");
        let first = Unfinished::claim(&out).unwrap();
        let message = Unfinished::claim(&out).err().unwrap().to_string();
        assert!(message.contains(INSIDE) && message.contains("choose another --out"));
        write_file(&first.path().join("labels.csv"), |_| Ok(())).unwrap();
        assert_eq!(names(&out), [INSIDE]);
        first.finish(&["labels.csv"]).unwrap();
        assert_eq!(names(&out), ["labels.csv"]);
        let message = Unfinished::claim(&out).err().unwrap().to_string();
        assert!(message.contains("it holds labels.csv"), "{message}");
    }

    #[test]
    fn what_fails_leaves_nothing_behind() {
        let folder = tempfile::tempdir().unwrap();
        let (new, old) = (folder.path().join("new"), folder.path().join("old"));
        fs::create_dir(&old).unwrap();
        for out in [&new, &old] {
            let claimed = Unfinished::claim(out).unwrap();
            write_file(&claimed.path().join("a"), |_| Ok(())).unwrap();
            let full = |_: &mut BufWriter<File>| Err(std::io::ErrorKind::StorageFull.into());
            let error = write_file(&claimed.path().join("b"), full).unwrap_err();
            assert!(!error.is_input());
        }
        assert_eq!(names(folder.path()), ["old"]);
        assert!(names(&old).is_empty());
    }
}
