//! Kills of studies at random moments.

use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, bail, ensure};

use super::folder::{count_temporary_files, differences, last_write, phase};
use super::random::Random;
use super::{Faults, Subject};

/// Number of runs of the study.
pub(super) const RUNS: usize = 16;
/// Longest time from start to kill, in seconds.
const MAX_DELAY: f64 = 1.5;
/// A process that does not end within this time is hung.
const TIMEOUT: Duration = Duration::from_secs(300);

/// Signals with the expected exit code; `None` if the system ends the process.
pub(super) const SIGNALS: [(&str, Option<i32>); 3] =
    [("KILL", None), ("TERM", Some(143)), ("INT", Some(130))];

/// A kill and its effect.
pub(super) struct Kill {
    /// Index into [`SIGNALS`].
    pub(super) signal: usize,
    /// Phase of the study at the kill.
    pub(super) phase: &'static str,
    /// Seconds from the last write (or the start) to the end of the process: an upper bound of the lost work.
    pub(super) lost_s: f64,
    /// Seconds from the signal to the end of the process.
    pub(super) stopped_s: f64,
}

/// Result of all kills.
pub(super) struct Kills {
    pub(super) all: Vec<Kill>,
    /// Number of studies that were killed and resumed until they ended.
    pub(super) studies: usize,
    pub(super) mismatches: usize,
    pub(super) temporary_files: usize,
}

/// Kills and resumes studies, each in its own folder, until there are `count` kills.
pub(super) fn kill_studies(
    subject: &Subject,
    count: usize,
    random: &mut Random,
) -> anyhow::Result<(Kills, Faults)> {
    let mut faults = Faults::new();
    let mut kills = Kills {
        all: Vec::new(),
        studies: 0,
        mismatches: 0,
        temporary_files: 0,
    };
    while kills.all.len() < count {
        let out = subject.folder.join(format!("killed-{}", kills.studies));
        while let Some(kill) = start_and_kill(subject, &out, random, &mut faults)? {
            kills.all.push(kill);
        }
        run_once_more(subject, &out)?;
        let temporary_files = count_temporary_files(&out);
        if temporary_files > 0 {
            let out = out.display();
            faults.push(format!("{out}: {temporary_files} temporary files stayed"));
        }
        let differ = differences(&subject.whole, &out)?;
        kills.studies += 1;
        kills.mismatches += differ.len();
        kills.temporary_files += temporary_files;
        let (studies, mismatches) = (kills.studies, kills.mismatches);
        let n = kills.all.len();
        eprintln!("{studies} studies, {n} kills, {mismatches} files differ");
        if differ.is_empty() {
            std::fs::remove_dir_all(&out)?;
        }
        faults.extend(differ);
    }
    Ok((kills, faults))
}

/// Runs the finished study again, which removes the temporary files of the killed processes.
fn run_once_more(subject: &Subject, out: &Path) -> anyhow::Result<()> {
    // The program leaves files alone that are younger than a second: their process may live.
    sleep(Duration::from_secs(1));
    let status = subject.study_command(out, 2).status()?;
    ensure!(status.success(), "{}: {status} once more", out.display());
    Ok(())
}

/// Returns `None` if the study ended before the kill.
fn start_and_kill(
    subject: &Subject,
    out: &Path,
    random: &mut Random,
    faults: &mut Faults,
) -> anyhow::Result<Option<Kill>> {
    let signal = random.below(SIGNALS.len() as u64) as usize;
    let (name, code) = SIGNALS[signal];
    let delay = Duration::from_secs_f64(MAX_DELAY * random.uniform());
    let start = SystemTime::now();
    let mut child = subject.study_command(out, 1 + random.below(2)).spawn()?;
    sleep(delay);
    let phase = phase(out, start);
    if let Some(status) = child.try_wait()? {
        let out = out.display();
        ensure!(status.success(), "{out}: {status} without a kill");
        return Ok(None);
    }
    let clock = Instant::now();
    send(name, &child)?;
    let status = wait(&mut child)?;
    let stopped_s = clock.elapsed().as_secs_f64();
    if status.success() {
        // The study ended before the signal arrived.
        return Ok(None);
    }
    // A signal before the handler is installed ends the process without an exit code.
    if status.code() != code && status.code().is_some() {
        faults.push(format!("{}: {status} after SIG{name}", out.display()));
    }
    let lost = SystemTime::now().duration_since(last_write(out, start));
    Ok(Some(Kill {
        signal,
        phase,
        lost_s: lost.unwrap_or_default().as_secs_f64(),
        stopped_s,
    }))
}

/// Sends a signal with the program `kill`, since a direct call needs unsafe code.
pub(super) fn send(signal: &str, child: &Child) -> anyhow::Result<()> {
    let mut kill = Command::new("kill");
    kill.args(["-s", signal, &child.id().to_string()]);
    // This fails if the process has just ended, which the exit code shows.
    let _ = kill
        .stderr(std::process::Stdio::null())
        .status()
        .context("cannot start kill")?;
    Ok(())
}

/// Waits for the end of a process.
pub(super) fn wait(child: &mut Child) -> anyhow::Result<ExitStatus> {
    let clock = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if clock.elapsed() > TIMEOUT {
            child.kill()?;
            bail!("process {} did not end", child.id());
        }
        sleep(Duration::from_millis(2));
    }
}
