//! Temporary files of processes that were killed: removed by the next run, when they are old and nobody is
//! at them.

use std::fs::{self, File, TryLockError};
use std::path::Path;
use std::time::{Duration, SystemTime};

/// Writing a file takes seconds at most.
const OLD: Duration = Duration::from_secs(5 * 60);

/// Removes what was left in the folder of a study and those below it. `now` is the clock of the file
/// system that holds it, which need not be this machine's. Best effort: what stays does no harm.
pub(super) fn clean(study: &Path, now: SystemTime) {
    for folder in ["", "inputs", "runs", "tables", "figures", "report"] {
        clean_folder(&study.join(folder), now);
    }
    for entry in fs::read_dir(study.join("runs"))
        .into_iter()
        .flatten()
        .flatten()
    {
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            clean_folder(&entry.path(), now);
        }
    }
}

fn clean_folder(folder: &Path, now: SystemTime) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let name = entry.file_name();
        if is_temporary(&name.to_string_lossy()) && is_old(&entry, now) && is_nobodys(&entry.path())
        {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Names that [`crate::write_atomic`] gives, and those of the trial that a folder can be written to.
pub(super) fn is_temporary(name: &str) -> bool {
    let hidden = name.starts_with('.');
    hidden && (name.ends_with(".tmp") || name.starts_with(".trial."))
}

fn is_old(entry: &fs::DirEntry, now: SystemTime) -> bool {
    let metadata = entry.metadata().ok().filter(fs::Metadata::is_file);
    let modified = metadata.and_then(|metadata| metadata.modified().ok());
    let age = modified.and_then(|modified| now.duration_since(modified).ok());
    age.is_some_and(|age| age >= OLD)
}

/// Whoever writes one holds its lock. Where there are no locks its age must do.
fn is_nobodys(path: &Path) -> bool {
    let file = File::options().write(true).open(path);
    file.is_ok_and(|file| !matches!(file.try_lock(), Err(TryLockError::WouldBlock)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_files_of_nobody_go_and_everything_else_stays() {
        let folder = tempfile::tempdir().unwrap();
        let run = folder.path().join("runs/0123");
        fs::create_dir_all(&run).unwrap();
        let now = SystemTime::now();
        let make = |name: &str, age_s: u64| {
            let path = run.join(name);
            let file = File::create(&path).unwrap();
            file.set_modified(now - Duration::from_secs(age_s)).unwrap();
            (path, file)
        };
        let (old, file) = make(".run.json.host-0123.tmp", 3600);
        drop(file);
        let (young, _young) = make(".history.csv.host-0123.tmp", 10);
        let (held, lock) = make(".model.safetensors.host-0123.tmp", 3600);
        lock.try_lock().unwrap();
        let (named, _named) = make("notes.tmp", 3600);
        clean(folder.path(), now);
        let left = [&old, &young, &held, &named].map(|path| path.exists());
        assert_eq!(left, [false, true, true, true]);
    }
}
