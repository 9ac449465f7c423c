//! A claim that needs no lock: a file that its owner renews, and that others may follow when it has not
//! changed for a while.
//!
//! The claims of a run are `.claim-1`, `.claim-2` and so on; the highest counts. Each is created
//! exclusively, so of several processes that follow a dead one exactly one succeeds; and none is removed
//! before the run is finished, so that whoever looked too early cannot create an old number again.

use std::fs::{self, File};
use std::io::{ErrorKind, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::files::file_error;
use crate::unique::machine;

const PREFIX: &str = ".claim-";

/// What a claim says. Every state of one claim has the same length: it is renewed in place, and a reader
/// never finds a part.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Note {
    /// The machine of its owner.
    pub(super) machine: String,
    /// Whether the owner holds the operating system's lock as well.
    pub(super) locked: bool,
    /// The owner: random.
    token: String,
    /// How often it was renewed; never read as a number.
    beat: String,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
enum State {
    #[serde(rename = "held")]
    Held,
    #[serde(rename = "free")]
    Free,
}

impl Note {
    /// Whether its owner gave the run back.
    pub(super) fn is_free(&self) -> bool {
        self.state == State::Free
    }
}

/// The highest claim in `folder`: its number and its text. 0 and nothing if there is none.
///
/// # Errors
/// [`Error::File`] if the folder cannot be read.
pub(super) fn latest(folder: &Path) -> Result<(u64, String), Error> {
    let number = numbers(folder)?.into_iter().max().unwrap_or(0);
    if number == 0 {
        return Ok((0, String::new()));
    }
    let path = claim_path(folder, number);
    // Removed since: the run was finished meanwhile.
    let text = fs::read_to_string(&path).or_else(|e| match e.kind() {
        ErrorKind::NotFound | ErrorKind::InvalidData => Ok(String::new()),
        _ => Err(file_error(&path, e)),
    })?;
    Ok((number, text))
}

/// What that text of a claim says, if it is whole.
pub(super) fn note(text: &str) -> Option<Note> {
    serde_json::from_str(text).ok()
}

/// A claim of this process, renewed by a thread of its own until it is dropped: then it says that it is
/// free.
#[derive(Debug)]
pub(super) struct Lease {
    folder: PathBuf,
    number: u64,
    lost: Arc<AtomicBool>,
    stop: Option<Sender<()>>,
    beating: Option<JoinHandle<()>>,
}

/// Claims `folder` with that number, if nobody else has; renewed every `beat`.
///
/// # Errors
/// [`Error::File`] if the claim cannot be written.
pub(super) fn lease(
    folder: &Path,
    number: u64,
    (token, locked): (&str, bool),
    beat: Duration,
) -> Result<Option<Lease>, Error> {
    let path = claim_path(folder, number);
    let mut file = match File::create_new(&path) {
        Ok(file) => file,
        Err(e) if e.kind() == ErrorKind::AlreadyExists => return Ok(None),
        Err(e) => return Err(file_error(&path, e)),
    };
    let mut note = Note {
        machine: machine().to_owned(),
        locked,
        token: token.to_owned(),
        beat: spelled(0),
        state: State::Held,
    };
    write(&mut file, &note).map_err(|e| file_error(&path, e))?;
    let lost = Arc::new(AtomicBool::new(false));
    let (stop, stopped) = channel();
    let mut lease = Lease {
        folder: folder.to_path_buf(),
        number,
        lost: Arc::clone(&lost),
        stop: Some(stop),
        beating: None,
    };
    let place = folder.to_path_buf();
    let beating = thread::Builder::new().name("claim".into()).spawn(move || {
        for beats in 1.. {
            match stopped.recv_timeout(beat) {
                Err(RecvTimeoutError::Timeout) => {}
                _ => break,
            }
            if is_followed(&place, number) {
                lost.store(true, Ordering::Relaxed);
                return;
            }
            note.beat = spelled(beats);
            // A beat that fails is one that others miss; the next may succeed.
            let _ = write(&mut file, &note);
        }
        note.state = State::Free;
        let _ = write(&mut file, &note);
    });
    lease.beating = Some(beating.map_err(|e| file_error(&path, e))?);
    Ok(Some(lease))
}

impl Lease {
    /// Whether it was slow for so long that another process followed it.
    pub(super) fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed) || is_followed(&self.folder, self.number)
    }

    /// Removes every claim of a run that is finished.
    pub(super) fn remove_all(mut self) {
        self.end();
        // What cannot be removed says that it is free, and the run is finished anyway.
        for number in numbers(&self.folder).unwrap_or_default() {
            let _ = fs::remove_file(claim_path(&self.folder, number));
        }
    }

    fn end(&mut self) {
        drop(self.stop.take());
        if let Some(beating) = self.beating.take() {
            let _ = beating.join();
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.end();
    }
}

fn claim_path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{PREFIX}{number}"))
}

/// The numbers of the claims in a folder.
fn numbers(folder: &Path) -> Result<Vec<u64>, Error> {
    let entries = fs::read_dir(folder).map_err(|e| file_error(folder, e))?;
    let number = |entry: fs::DirEntry| {
        let name = entry.file_name();
        name.to_str()?.strip_prefix(PREFIX)?.parse().ok()
    };
    Ok(entries.filter_map(|entry| number(entry.ok()?)).collect())
}

fn is_followed(folder: &Path, number: u64) -> bool {
    numbers(folder).is_ok_and(|all| all.into_iter().any(|other| other > number))
}

fn spelled(beats: u64) -> String {
    format!("{beats:012}")
}

fn write(file: &mut File, note: &Note) -> std::io::Result<()> {
    // A plain struct of strings: it cannot fail to become JSON.
    let text = serde_json::to_vec(note).unwrap_or_default();
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&text)
}
