//! Whose run is it? A run belongs to whoever claims its folder; what a dead process held is free again.
//!
//! Two means. A lock of the operating system goes with its process, however that ends: among the processes
//! of one machine it decides alone. Whether other machines see it depends on the file system, and some have
//! no locks at all; so every claim is also a file that its owner renews ([`super::lease`]), which those
//! that the lock says nothing about must leave alone as long as it changes.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nodule_error::invalid_value;

use super::aside::set_aside;
use super::check::{Depth, RunState, run_state};
use super::failure::failure;
use super::lease::{Lease, Note, latest, lease, note};
use super::run_folder::RunFolder;
use crate::Error;
use crate::files::{create_folder, file_error};
use crate::unique::{machine, random_token};

/// How long a claim may stay as it is before its owner counts as dead, in seconds.
const PATIENCE_S: f64 = 30.0;
/// A claim is renewed so many times in that span: some may be late.
const BEATS: u32 = 6;

/// How this process claims runs, and which claims of others it watches.
#[derive(Debug)]
pub struct Claims {
    token: String,
    patience: Duration,
    try_lock: fn(&File) -> Result<(), TryLockError>,
    unlocked: AtomicBool,
    /// Claims of others as they were last seen to change, by this process's own clock: the clocks of file
    /// systems differ.
    watched: Mutex<BTreeMap<PathBuf, (String, Instant)>>,
}

/// What taking a run's folder can find.
#[derive(Debug)]
pub enum Claim {
    /// The run is this process's to do.
    Mine(Box<RunFolder>),
    /// It is done already, and whole.
    Done,
    /// Another process is at it.
    Held,
    /// It was tried and failed, for this reason.
    Failed(String),
}

impl Claims {
    /// Those of a process. `NODULE_LOCKS=files` does without the operating system's locks, and
    /// `NODULE_CLAIM_SECONDS` says after how many seconds an unchanged claim is of a dead process
    /// (0.5 to 3600; 30 if it is not given).
    ///
    /// # Errors
    /// [`Error::Setting`] if one of them says something else.
    pub fn from_environment() -> Result<Self, Error> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let mut claims = Self::default();
        match variable("NODULE_LOCKS").as_deref() {
            None | Some("system") => {}
            Some("files") => claims.try_lock = no_lock,
            Some(other) => {
                let wrong = invalid_value("NODULE_LOCKS", other, "system or files");
                return Err(wrong.at("environment").into());
            }
        }
        if let Some(text) = variable("NODULE_CLAIM_SECONDS") {
            let seconds = text.parse().ok().filter(|s| (0.5..=3600.0).contains(s));
            let wrong = || invalid_value("NODULE_CLAIM_SECONDS", &text, "from 0.5 to 3600");
            let seconds = seconds.ok_or_else(|| wrong().at("environment"))?;
            claims.patience = Duration::from_secs_f64(seconds);
        }
        Ok(claims)
    }

    /// Takes the run's folder if nobody has it. A run that is finished and not whole is set aside first.
    ///
    /// # Errors
    /// [`Error::Folder`] or [`Error::File`] if the folder cannot be read, made or claimed.
    pub fn claim(&self, path: &Path) -> Result<Claim, Error> {
        if run_state(path, Depth::Everything)?.counts() {
            return Ok(Claim::Done);
        }
        create_folder(path)?;
        let Some(lock) = self.lock(path)? else {
            return Ok(Claim::Held);
        };
        let Some(lease) = self.lease(path, lock.is_some())? else {
            return Ok(Claim::Held);
        };
        // It may have been finished between the look and the claim.
        let broken = match run_state(path, Depth::Everything)? {
            RunState::Whole | RunState::Unlisted => {
                lease.remove_all();
                return Ok(Claim::Done);
            }
            RunState::Unfinished => match failure(path) {
                Some(reason) => {
                    lease.remove_all();
                    return Ok(Claim::Failed(reason));
                }
                None => None,
            },
            RunState::Broken(why) => Some((set_aside(path)?, why)),
        };
        Ok(Claim::Mine(Box::new(RunFolder::new(
            path, lock, lease, broken,
        ))))
    }

    /// How runs are claimed, in one line, where it is not by locks; known after the first claim.
    #[must_use]
    pub fn without_locks(&self) -> Option<String> {
        let seconds = self.patience.as_secs_f64();
        self.unlocked.load(Ordering::Relaxed).then(|| format!(
            "the output folder has no locks: runs are claimed by files, and a process that renews none for {seconds} s counts as dead"
        ))
    }

    /// The operating system's lock: none inside if it has none here, none at all if another holds it.
    fn lock(&self, path: &Path) -> Result<Option<Option<File>>, Error> {
        let file = path.join(".lock");
        let mut options = OpenOptions::new();
        let options = options.create(true).truncate(false).write(true);
        let lock = options.open(&file).map_err(|e| file_error(&file, e))?;
        match (self.try_lock)(&lock) {
            Ok(()) => Ok(Some(Some(lock))),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(e)) if is_unsupported(&e) => {
                self.unlocked.store(true, Ordering::Relaxed);
                Ok(Some(None))
            }
            Err(TryLockError::Error(e)) => Err(file_error(&file, e)),
        }
    }

    /// The claim that follows the last one, if that is over.
    fn lease(&self, path: &Path, locked: bool) -> Result<Option<Lease>, Error> {
        let (number, text) = latest(path)?;
        if number > 0 {
            let last = note(&text);
            // Both had locks of one machine, and this process has it now: the other is not alive.
            let over =
                |last: &Note| last.is_free() || locked && last.locked && last.machine == machine();
            if !last.as_ref().is_some_and(over) && !self.is_dead(path, number, text) {
                return Ok(None);
            }
        }
        let me = (self.token.as_str(), locked);
        lease(path, number + 1, me, self.patience / BEATS)
    }

    /// Whether that claim has not changed for as long as a living owner would let it be.
    fn is_dead(&self, path: &Path, number: u64, text: String) -> bool {
        let seen = format!("{number} {text}");
        let mut watched = self
            .watched
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        let last = watched
            .entry(path.to_path_buf())
            .or_insert_with(|| (seen.clone(), now));
        if last.0 != seen {
            *last = (seen, now);
        }
        now.duration_since(last.1) >= self.patience
    }
}

impl Default for Claims {
    fn default() -> Self {
        Self {
            token: random_token(),
            patience: Duration::from_secs_f64(PATIENCE_S),
            try_lock: File::try_lock,
            unlocked: AtomicBool::new(false),
            watched: Mutex::default(),
        }
    }
}

/// Takes the run's folder if nobody has it, by locks.
///
/// # Errors
/// As [`Claims::claim`].
pub fn claim(path: &Path) -> Result<Claim, Error> {
    Claims::default().claim(path)
}

fn no_lock(_: &File) -> Result<(), TryLockError> {
    Err(TryLockError::Error(ErrorKind::Unsupported.into()))
}

/// What systems say that have no locks: ENOSYS, EOPNOTSUPP and, of a network that has none, ENOLCK.
pub(super) fn is_unsupported(error: &std::io::Error) -> bool {
    let codes: &[i32] = match cfg!(target_os = "linux") {
        true => &[38, 95, 37],
        false => &[78, 102, 45, 77],
    };
    error.kind() == ErrorKind::Unsupported
        || error.raw_os_error().is_some_and(|e| codes.contains(&e))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::thread;

    use super::super::failure::forget_failure;
    use super::*;

    fn without_locks(patience: Duration) -> Claims {
        Claims {
            patience,
            try_lock: no_lock,
            ..Claims::default()
        }
    }

    fn mine(claims: &Claims, path: &Path) -> Option<RunFolder> {
        match claims.claim(path).unwrap() {
            Claim::Mine(folder) => Some(*folder),
            Claim::Held => None,
            other => panic!("nothing was finished or failed: {other:?}"),
        }
    }

    #[test]
    fn a_run_is_claimed_once_and_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let files = without_locks(Duration::from_secs(60));
        for claims in [&Claims::default(), &files] {
            let first = mine(claims, &path).expect("a new run is free");
            assert!(mine(&without_locks(claims.patience), &path).is_none());
            assert!(mine(&Claims::default(), &path).is_none());
            drop(first);
        }
        assert!(
            files
                .without_locks()
                .is_some_and(|line| line.contains("60 s"))
        );
        assert!(mine(&files, &path).is_some());
    }

    #[test]
    fn a_living_owner_keeps_its_run_longer_than_a_dead_one() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let patience = Duration::from_millis(900);
        let owner = mine(&without_locks(patience), &path).expect("a new run is free");
        let others = [without_locks(patience), without_locks(patience)];
        let started = Instant::now();
        while started.elapsed() < patience * 3 {
            assert!(others.iter().all(|other| mine(other, &path).is_none()));
            thread::sleep(patience / 9);
        }
        // It stops without a word: what it wrote last stays as it is.
        let last = fs::read(path.join(".claim-1")).unwrap();
        drop(owner);
        fs::write(path.join(".claim-1"), last).unwrap();
        let started = Instant::now();
        let followed = loop {
            let got: Vec<_> = others
                .iter()
                .filter_map(|other| mine(other, &path))
                .collect();
            if !got.is_empty() {
                break got;
            }
            assert!(started.elapsed() < patience * 20);
            thread::sleep(patience / 9);
        };
        assert!(started.elapsed() >= patience / 2);
        assert_eq!(followed.len(), 1);
    }

    #[test]
    fn of_many_that_follow_a_dead_owner_one_succeeds() {
        let folder = tempfile::tempdir().unwrap();
        for round in 0..20 {
            let path = folder.path().join(round.to_string());
            let other = Duration::from_secs(60);
            drop(mine(&without_locks(other), &path));
            let got = thread::scope(|scope| {
                let claim = || mine(&without_locks(other), &path);
                let all: Vec<_> = (0..8).map(|_| scope.spawn(claim)).collect();
                let all = all.into_iter().map(|thread| thread.join().unwrap());
                all.flatten().collect::<Vec<_>>().len()
            });
            assert_eq!(got, 1);
        }
    }

    #[test]
    fn whoever_was_followed_writes_no_more() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let slow = mine(&Claims::default(), &path).expect("a new run is free");
        slow.write("run.json", b"{}").unwrap();
        fs::write(path.join(".claim-2"), b"").unwrap();
        let message = slow.write("run.json", b"late").unwrap_err().to_string();
        assert!(message.contains("took the run over"), "{message}");
        assert_eq!(fs::read(path.join("run.json")).unwrap(), b"{}");
    }

    #[test]
    fn a_run_that_failed_is_left_alone_until_that_is_forgotten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        for claims in [Claims::default(), without_locks(Duration::from_secs(60))] {
            let first = mine(&claims, &path).expect("a new run is free");
            first.fail(&Error::made("a\nrun", "it is a test")).unwrap();
            drop(first);
            let reason = "a run cannot be made: it is a test";
            for _ in 0..2 {
                let found = claims.claim(&path).unwrap();
                assert!(matches!(found, Claim::Failed(found) if found == reason));
            }
            forget_failure(&path).unwrap();
            forget_failure(&path).unwrap();
            assert!(mine(&claims, &path).is_some());
        }
    }

    #[test]
    fn a_lock_that_fails_otherwise_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let failing = Claims {
            try_lock: |_| Err(TryLockError::Error(ErrorKind::PermissionDenied.into())),
            ..Claims::default()
        };
        assert!(failing.claim(&folder.path().join("run")).is_err());
        for code in [38, 95, 37] {
            let error = std::io::Error::from_raw_os_error(code);
            assert!(is_unsupported(&error) || !cfg!(target_os = "linux"));
        }
    }
}
