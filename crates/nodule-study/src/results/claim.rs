//! Claims on runs: which of several processes does a run.
//!
//! A claim has two parts. The lock of the operating system ends with its process and is enough on one machine. Some
//! file systems have no locks, or do not show them to other machines; so every claim is also a file that its owner
//! renews ([`super::claim_file`]). Other processes respect that file for as long as it changes.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nodule_error::{failed_to, invalid_value};

use super::broken_run::move_broken_run;
use super::claim_file::{ClaimContent, ClaimFile, read_latest_claim};
use super::failure::failure_reason;
use super::file_lock::{is_unsupported, open_lock_file};
use super::run_folder::RunFolder;
use super::run_state::{Depth, RunState, run_state};
use crate::Error;
use crate::files::create_folder;
use crate::unique::{machine, random_token};

/// Seconds after which the owner of an unchanged claim counts as dead.
const DEFAULT_TIMEOUT_S: f64 = 30.0;
/// Heartbeats per timeout, so that some may be late.
const BEATS_PER_TIMEOUT: u32 = 6;

/// Claims runs for one process.
#[derive(Debug)]
pub struct RunClaimer {
    token: String,
    timeout: Duration,
    try_lock: fn(&File) -> Result<(), TryLockError>,
    has_no_locks: AtomicBool,
    /// Last text of other processes' claims and when it changed, by this process's clock: clocks of file systems differ.
    observed: Mutex<BTreeMap<PathBuf, (String, Instant)>>,
}

/// Result of an attempt to claim a run.
#[derive(Debug)]
pub enum Claim {
    /// This process holds the run.
    Claimed(Box<RunFolder>),
    /// The run is finished and complete.
    Done,
    /// Another process holds the run.
    Held,
    /// The run failed earlier, for this reason.
    Failed(String),
}

/// State of the operating system's lock on a run folder.
enum Lock {
    Acquired(File),
    Unsupported,
    HeldElsewhere,
}

impl RunClaimer {
    /// Returns a claimer with the settings in the environment.
    ///
    /// `NODULE_LOCKS=files` disables locks of the operating system. `NODULE_CLAIM_SECONDS` (0.5 to 3600, default 30) is
    /// the time after which the owner of an unchanged claim counts as dead.
    ///
    /// # Errors
    /// If one of the variables has another value.
    pub fn from_environment() -> Result<Self, Error> {
        let variable = |name| std::env::var(name).ok().filter(|value| !value.is_empty());
        let mut claimer = Self::default();
        match variable("NODULE_LOCKS").as_deref() {
            None | Some("system") => {}
            Some("files") => claimer.try_lock = lock_unsupported,
            Some(other) => {
                let error = invalid_value("NODULE_LOCKS", other, "system or files");
                return Err(error.at("environment").into());
            }
        }
        if let Some(text) = variable("NODULE_CLAIM_SECONDS") {
            let seconds = text.parse().ok().filter(|s| (0.5..=3600.0).contains(s));
            let error = || invalid_value("NODULE_CLAIM_SECONDS", &text, "from 0.5 to 3600");
            let seconds = seconds.ok_or_else(|| error().at("environment"))?;
            claimer.timeout = Duration::from_secs_f64(seconds);
        }
        Ok(claimer)
    }

    /// Claims the run in `folder` unless another process holds it. A broken run is moved aside first.
    ///
    /// # Errors
    /// If the folder cannot be read, created or claimed.
    pub fn claim(&self, folder: &Path) -> Result<Claim, Error> {
        if run_state(folder, Depth::Everything)?.is_complete() {
            return Ok(Claim::Done);
        }
        create_folder(folder)?;
        let lock = match self.lock(folder)? {
            Lock::HeldElsewhere => return Ok(Claim::Held),
            Lock::Acquired(lock) => Some(lock),
            Lock::Unsupported => None,
        };
        let Some(claim) = self.create_claim_file(folder, lock.is_some())? else {
            return Ok(Claim::Held);
        };
        // Another process may have finished the run before the claim.
        match run_state(folder, Depth::Everything)? {
            RunState::Complete => {
                claim.remove_all();
                Ok(Claim::Done)
            }
            RunState::Unfinished => match failure_reason(folder) {
                Some(reason) => {
                    claim.remove_all();
                    Ok(Claim::Failed(reason))
                }
                None => Ok(RunFolder::new(folder, lock, claim, None).into()),
            },
            RunState::Broken(error) => {
                let broken = Some((move_broken_run(folder)?, error));
                Ok(RunFolder::new(folder, lock, claim, broken).into())
            }
        }
    }

    /// Returns a notice, in one line, if the output folder has no locks. Known after the first claim.
    #[must_use]
    pub fn lock_notice(&self) -> Option<String> {
        let seconds = self.timeout.as_secs_f64();
        self.has_no_locks.load(Ordering::Relaxed).then(|| {
            format!(
                "the output folder has no file locks: runs are claimed by files, and a process that renews no claim for {seconds} s counts as dead"
            )
        })
    }

    fn lock(&self, folder: &Path) -> Result<Lock, Error> {
        let path = folder.join(".lock");
        let file = open_lock_file(&path)?;
        match (self.try_lock)(&file) {
            Ok(()) => Ok(Lock::Acquired(file)),
            Err(TryLockError::WouldBlock) => Ok(Lock::HeldElsewhere),
            Err(TryLockError::Error(e)) if is_unsupported(&e) => {
                self.has_no_locks.store(true, Ordering::Relaxed);
                Ok(Lock::Unsupported)
            }
            Err(TryLockError::Error(e)) => Err(failed_to("lock", &path)(e).into()),
        }
    }

    /// Creates the claim file after the latest one, if that one is released or its owner is dead.
    fn create_claim_file(&self, folder: &Path, locked: bool) -> Result<Option<ClaimFile>, Error> {
        let (number, text) = read_latest_claim(folder)?;
        if number > 0 {
            // If the owner locked the folder on this machine and this process has the lock now, the owner is dead.
            let is_over = |last: ClaimContent| {
                last.is_free() || locked && last.locked && last.machine == machine()
            };
            let is_over = ClaimContent::parse(&text).is_some_and(is_over);
            if !is_over && !self.is_timed_out(folder, format!("{number} {text}")) {
                return Ok(None);
            }
        }
        let content = ClaimContent::new(&self.token, locked);
        let interval = self.timeout / BEATS_PER_TIMEOUT;
        ClaimFile::create(folder, number + 1, content, interval)
    }

    /// Whether the claim has not changed for the whole timeout.
    fn is_timed_out(&self, folder: &Path, claim: String) -> bool {
        let mut observed = self.observed.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let last = observed
            .entry(folder.to_path_buf())
            .or_insert_with(|| (claim.clone(), now));
        if last.0 != claim {
            *last = (claim, now);
        }
        now.duration_since(last.1) >= self.timeout
    }
}

impl Default for RunClaimer {
    fn default() -> Self {
        Self {
            token: random_token(),
            timeout: Duration::from_secs_f64(DEFAULT_TIMEOUT_S),
            try_lock: File::try_lock,
            has_no_locks: AtomicBool::new(false),
            observed: Mutex::default(),
        }
    }
}

impl From<RunFolder> for Claim {
    fn from(folder: RunFolder) -> Self {
        Self::Claimed(Box::new(folder))
    }
}

/// Claims the run in `folder` with the default settings.
///
/// # Errors
/// As [`RunClaimer::claim`].
pub fn claim_run(folder: &Path) -> Result<Claim, Error> {
    RunClaimer::default().claim(folder)
}

fn lock_unsupported(_: &File) -> Result<(), TryLockError> {
    Err(TryLockError::Error(ErrorKind::Unsupported.into()))
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::thread;

    use super::super::failure::clear_failure;
    use super::*;

    fn claimer_without_locks(timeout: Duration) -> RunClaimer {
        RunClaimer {
            timeout,
            try_lock: lock_unsupported,
            ..RunClaimer::default()
        }
    }

    fn claim(claimer: &RunClaimer, path: &Path) -> Option<RunFolder> {
        match claimer.claim(path).unwrap() {
            Claim::Claimed(folder) => Some(*folder),
            Claim::Held => None,
            other => panic!("no run is finished or failed: {other:?}"),
        }
    }

    #[test]
    fn a_run_has_one_owner_until_it_is_released() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let by_files = claimer_without_locks(Duration::from_secs(60));
        for claimer in [&RunClaimer::default(), &by_files] {
            let owner = claim(claimer, &path).expect("a new run is free");
            assert!(claim(&claimer_without_locks(claimer.timeout), &path).is_none());
            assert!(claim(&RunClaimer::default(), &path).is_none());
            drop(owner);
        }
        assert!(
            by_files
                .lock_notice()
                .is_some_and(|line| line.contains("60 s"))
        );
        assert!(claim(&by_files, &path).is_some());
    }

    #[test]
    fn a_living_owner_keeps_its_run_and_a_dead_one_loses_it_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let timeout = Duration::from_millis(900);
        let owner = claim(&claimer_without_locks(timeout), &path).expect("a new run is free");
        let others = [
            claimer_without_locks(timeout),
            claimer_without_locks(timeout),
        ];
        let start = Instant::now();
        while start.elapsed() < timeout * 3 {
            assert!(others.iter().all(|other| claim(other, &path).is_none()));
            thread::sleep(timeout / 9);
        }
        // Simulate a killed owner: its last heartbeat stays in the file.
        let last = fs::read(path.join(".claim-1")).unwrap();
        drop(owner);
        fs::write(path.join(".claim-1"), last).unwrap();
        let start = Instant::now();
        let new_owners = loop {
            let claimed: Vec<_> = others
                .iter()
                .filter_map(|other| claim(other, &path))
                .collect();
            if !claimed.is_empty() {
                break claimed;
            }
            assert!(start.elapsed() < timeout * 20);
            thread::sleep(timeout / 9);
        };
        assert!(start.elapsed() >= timeout / 2);
        assert_eq!(new_owners.len(), 1);
    }

    #[test]
    fn one_of_several_processes_takes_a_released_run_over() {
        let folder = tempfile::tempdir().unwrap();
        let timeout = Duration::from_secs(60);
        for round in 0..20 {
            let path = folder.path().join(round.to_string());
            drop(claim(&claimer_without_locks(timeout), &path));
            let owners = thread::scope(|scope| {
                let attempt = || claim(&claimer_without_locks(timeout), &path);
                let threads: Vec<_> = (0..8).map(|_| scope.spawn(attempt)).collect();
                threads
                    .into_iter()
                    .filter_map(|thread| thread.join().unwrap())
                    .collect::<Vec<_>>()
                    .len()
            });
            assert_eq!(owners, 1);
        }
    }

    #[test]
    fn an_owner_that_lost_its_run_cannot_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        let slow = claim(&RunClaimer::default(), &path).expect("a new run is free");
        slow.write("run.json", b"{}").unwrap();
        fs::write(path.join(".claim-2"), b"").unwrap();
        let message = slow.write("run.json", b"late").unwrap_err().to_string();
        assert!(message.contains("took the run over"), "{message}");
        assert_eq!(fs::read(path.join("run.json")).unwrap(), b"{}");
    }

    #[test]
    fn a_failed_run_is_claimed_again_only_after_its_failure_is_cleared() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run");
        for claimer in [
            RunClaimer::default(),
            claimer_without_locks(Duration::from_secs(60)),
        ] {
            let owner = claim(&claimer, &path).expect("a new run is free");
            owner.fail("a\nrun cannot be made: it is a test").unwrap();
            drop(owner);
            let expected = "a run cannot be made: it is a test";
            for _ in 0..2 {
                let result = claimer.claim(&path).unwrap();
                assert!(matches!(result, Claim::Failed(reason) if reason == expected));
            }
            clear_failure(&path).unwrap();
            clear_failure(&path).unwrap();
            assert!(claim(&claimer, &path).is_some());
        }
    }

    #[test]
    fn a_lock_that_fails_for_another_reason_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let failing = RunClaimer {
            try_lock: |_| Err(TryLockError::Error(ErrorKind::PermissionDenied.into())),
            ..RunClaimer::default()
        };
        assert!(failing.claim(&folder.path().join("run")).is_err());
    }
}
