//! Removal of temporary files that killed processes left behind.

use std::fs::{self, DirEntry, File, TryLockError};
use std::path::Path;
use std::time::{Duration, SystemTime};

use crate::unique::host;

/// Minimum age of a file of this machine whose lock is free: a process locks its file right after it creates it, and
/// until it is renamed.
const MIN_AGE_UNLOCKED: Duration = Duration::from_secs(1);
/// Minimum age of a file where locks prove nothing. Writing a file takes seconds at most.
const MIN_AGE: Duration = Duration::from_secs(5 * 60);

/// Removes old temporary files from the folder of a study and the folders below it.
///
/// `now` is the clock of the file system, which may differ from this machine's. Errors are ignored: a file that stays
/// does no harm.
pub(super) fn remove_temporary_files(study: &Path, now: SystemTime) {
    for name in ["", "inputs", "runs", "tables", "figures", "report"] {
        clean_folder(&study.join(name), now);
    }
    for entry in list_folder(&study.join("runs")) {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            clean_folder(&entry.path(), now);
        }
    }
}

/// Whether [`crate::files::write_atomic`] or the write test of [`super::open_output`] makes files of this name.
pub(super) fn is_temporary(name: &str) -> bool {
    name.starts_with('.') && (name.ends_with(".tmp") || name.starts_with(".trial."))
}

fn clean_folder(folder: &Path, now: SystemTime) {
    for entry in list_folder(folder) {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !is_temporary(&name) {
            continue;
        }
        let min_age = match lock_state(&entry.path()) {
            LockState::Locked => continue,
            LockState::Free if name.contains(&format!(".{}-", host())) => MIN_AGE_UNLOCKED,
            LockState::Free | LockState::Unknown => MIN_AGE,
        };
        if is_old(&entry, now, min_age) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn list_folder(folder: &Path) -> impl Iterator<Item = DirEntry> {
    fs::read_dir(folder).into_iter().flatten().flatten()
}

fn is_old(entry: &DirEntry, now: SystemTime, min_age: Duration) -> bool {
    let is_old = |metadata: fs::Metadata| {
        let age = now.duration_since(metadata.modified().ok()?).ok()?;
        Some(metadata.is_file() && age >= min_age)
    };
    entry.metadata().ok().and_then(is_old).unwrap_or(false)
}

enum LockState {
    /// A process writes the file, or the file cannot be opened.
    Locked,
    /// No process of this machine writes the file.
    Free,
    /// The file system has no locks.
    Unknown,
}

fn lock_state(path: &Path) -> LockState {
    let Ok(file) = File::options().write(true).open(path) else {
        return LockState::Locked;
    };
    match file.try_lock() {
        Ok(()) => LockState::Free,
        Err(TryLockError::WouldBlock) => LockState::Locked,
        Err(TryLockError::Error(_)) => LockState::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn removes_old_unlocked_temporary_files_only() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("runs/0123");
        fs::create_dir_all(&run).unwrap();
        let now = SystemTime::now();
        let create = |name: &str, age_s: u64| {
            let path = run.join(name);
            let file = File::create(&path).unwrap();
            file.set_modified(now - Duration::from_secs(age_s)).unwrap();
            (path, file)
        };
        let (old, file) = create(".run.json.host-0123.tmp", 3600);
        drop(file);
        let (young, _young) = create(".history.csv.host-0123.tmp", 10);
        let (locked, lock) = create(".model.safetensors.host-0123.tmp", 3600);
        lock.try_lock().unwrap();
        let (users_own, _users_own) = create("notes.tmp", 3600);
        let (killed, file) = create(&format!(".done.{}-0123.tmp", host()), 2);
        drop(file);
        let (new, _new) = create(&format!(".done.{}-4567.tmp", host()), 0);
        remove_temporary_files(folder.path(), now);
        let exist = [&old, &young, &locked, &users_own, &killed, &new].map(|path| path.exists());
        assert_eq!(exist, [false, true, true, true, false, true]);
    }
}
