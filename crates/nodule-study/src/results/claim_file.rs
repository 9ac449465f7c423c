//! Claim files: claims on a run folder that work without file locks.
//!
//! The claims of a folder are the files `.claim-1`, `.claim-2` and so on; the highest number counts. The owner rewrites
//! its file at intervals (a heartbeat). Another process may take over a claim that is released or that has not changed
//! for a while: it creates the next number exclusively, so exactly one process succeeds. Claim files are removed only
//! when the run is finished, so a number is never used twice.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use nodule_error::failed_to;

use crate::Error;
use crate::unique::machine;

const PREFIX: &str = ".claim-";

/// Content of a claim file. All states of one claim have the same length, so rewriting in place never leaves a part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct ClaimContent {
    /// Machine of the owner.
    pub(super) machine: String,
    /// Whether the owner also holds the lock of the operating system.
    pub(super) locked: bool,
    /// Random token of the owner.
    token: String,
    /// Number of heartbeats, zero-padded. Readers only compare it.
    beat: String,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum State {
    Held,
    Free,
}

impl ClaimContent {
    /// Returns the content of a new claim.
    pub(super) fn new(token: &str, locked: bool) -> Self {
        Self {
            machine: machine().to_owned(),
            locked,
            token: token.to_owned(),
            beat: format_beat(0),
            state: State::Held,
        }
    }

    /// Parses a claim file; `None` if the text is incomplete.
    pub(super) fn parse(text: &str) -> Option<Self> {
        serde_json::from_str(text).ok()
    }

    /// Whether the owner released the claim.
    pub(super) fn is_free(&self) -> bool {
        self.state == State::Free
    }

    fn write(&self, file: &mut File) -> io::Result<()> {
        // Strings and a Boolean always serialize.
        let text = serde_json::to_vec(self).unwrap_or_default();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&text)
    }
}

/// Returns number and text of the highest claim in `folder`, or 0 and an empty text if the folder has no claim.
///
/// # Errors
/// If the folder or the claim cannot be read.
pub(super) fn read_latest_claim(folder: &Path) -> Result<(u64, String), Error> {
    let number = claim_numbers(folder)?.into_iter().max().unwrap_or(0);
    if number == 0 {
        return Ok((0, String::new()));
    }
    let path = claim_path(folder, number);
    match fs::read_to_string(&path) {
        Ok(text) => Ok((number, text)),
        // Not found: the run was finished in the meantime and its claims were removed.
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::InvalidData) => {
            Ok((number, String::new()))
        }
        Err(e) => Err(failed_to("read", &path)(e).into()),
    }
}

/// Claim that this process holds. A thread renews it until it is dropped; then the file says that it is free.
#[derive(Debug)]
pub(super) struct ClaimFile {
    folder: PathBuf,
    number: u64,
    is_lost: Arc<AtomicBool>,
    stop: Option<Sender<()>>,
    heartbeat: Option<JoinHandle<()>>,
}

impl ClaimFile {
    /// Creates claim `number` in `folder` and renews it every `interval`. `None` if another process created it.
    ///
    /// # Errors
    /// If the claim cannot be written.
    pub(super) fn create(
        folder: &Path,
        number: u64,
        content: ClaimContent,
        interval: Duration,
    ) -> Result<Option<Self>, Error> {
        let path = claim_path(folder, number);
        let mut file = match File::create_new(&path) {
            Ok(file) => file,
            Err(e) if e.kind() == ErrorKind::AlreadyExists => return Ok(None),
            Err(e) => return Err(failed_to("create", &path)(e).into()),
        };
        content
            .write(&mut file)
            .map_err(failed_to("write", &path))?;
        let (stop, stopped) = channel();
        let mut claim = Self {
            folder: folder.to_path_buf(),
            number,
            is_lost: Arc::default(),
            stop: Some(stop),
            heartbeat: None,
        };
        let (folder, is_lost) = (folder.to_path_buf(), Arc::clone(&claim.is_lost));
        let renew = move || {
            let mut content = content;
            for beats in 1.. {
                if stopped.recv_timeout(interval) != Err(RecvTimeoutError::Timeout) {
                    break;
                }
                if is_taken_over(&folder, number) {
                    is_lost.store(true, Ordering::Relaxed);
                    return;
                }
                content.beat = format_beat(beats);
                // A failed heartbeat is tolerated: the next one may succeed in time.
                let _ = content.write(&mut file);
            }
            content.state = State::Free;
            let _ = content.write(&mut file);
        };
        let thread = thread::Builder::new().name("claim".into()).spawn(renew);
        claim.heartbeat = Some(thread.map_err(failed_to("renew", &path))?);
        Ok(Some(claim))
    }

    /// Whether another process took the run over because this one renewed its claim too late.
    pub(super) fn is_lost(&self) -> bool {
        self.is_lost.load(Ordering::Relaxed) || is_taken_over(&self.folder, self.number)
    }

    /// Removes all claims of a finished run.
    pub(super) fn remove_all(mut self) {
        self.release();
        // A claim that cannot be removed does no harm: it is free and the run is finished.
        for number in claim_numbers(&self.folder).unwrap_or_default() {
            let _ = fs::remove_file(claim_path(&self.folder, number));
        }
    }

    fn release(&mut self) {
        drop(self.stop.take());
        if let Some(heartbeat) = self.heartbeat.take() {
            let _ = heartbeat.join();
        }
    }
}

impl Drop for ClaimFile {
    fn drop(&mut self) {
        self.release();
    }
}

fn claim_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{PREFIX}{number}"))
}

fn claim_numbers(folder: &Path) -> Result<Vec<u64>, Error> {
    let entries = fs::read_dir(folder).map_err(failed_to("read", folder))?;
    let number = |entry: fs::DirEntry| {
        let name = entry.file_name();
        name.to_str()?.strip_prefix(PREFIX)?.parse().ok()
    };
    Ok(entries.filter_map(|entry| number(entry.ok()?)).collect())
}

fn is_taken_over(folder: &Path, number: u64) -> bool {
    claim_numbers(folder).is_ok_and(|all| all.into_iter().any(|other| other > number))
}

fn format_beat(beats: u64) -> String {
    format!("{beats:012}")
}
