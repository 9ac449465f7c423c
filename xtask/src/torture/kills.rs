//! Kills at random moments, until there are enough of them and the last study has ended.

use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::thread::sleep;
use std::time::{Duration, Instant, SystemTime};

use anyhow::{Context, bail};

use super::folder::{differences, last_write, place, temporaries};
use super::random::Random;
use super::{Faults, Subject};

/// Runs of the study.
pub(super) const RUNS: usize = 16;
/// The longest that a start is left alone, in seconds.
const LONGEST: f64 = 1.5;
/// A study that nobody can kill any more hangs.
const HANGS: Duration = Duration::from_secs(300);

/// The signals: name, and the exit code that must follow; none where the system itself ends the process.
pub(super) const SIGNALS: [(&str, Option<i32>); 3] =
    [("KILL", None), ("TERM", Some(143)), ("INT", Some(130))];

/// One kill.
pub(super) struct Kill {
    /// Index into [`SIGNALS`].
    pub(super) signal: usize,
    pub(super) place: &'static str,
    /// From the last write, or the start, to the end of the process, in seconds: work lost at most.
    pub(super) lost_s: f64,
    /// From the signal to the end of the process, in seconds.
    pub(super) stopped_s: f64,
}

/// What all kills came to.
pub(super) struct Kills {
    pub(super) all: Vec<Kill>,
    /// Studies that were killed until they ended.
    pub(super) studies: usize,
    pub(super) mismatches: usize,
    pub(super) temporaries: usize,
}

/// Kills studies, each in a folder of its own, until there were `wanted` kills.
pub(super) fn kills(
    subject: &Subject,
    wanted: usize,
    random: &mut Random,
) -> anyhow::Result<(Kills, Faults)> {
    let mut faults = Faults::new();
    let mut kills = Kills {
        all: Vec::new(),
        studies: 0,
        mismatches: 0,
        temporaries: 0,
    };
    while kills.all.len() < wanted {
        let out = subject.folder.join(format!("killed-{}", kills.studies));
        while let Some(kill) = start_and_kill(subject, &out, random, &mut faults)? {
            kills.all.push(kill);
        }
        let differ = differences(&subject.whole, &out)?;
        kills.studies += 1;
        kills.mismatches += differ.len();
        kills.temporaries += temporaries(&out);
        eprintln!(
            "{} studies, {} kills, {} files differ",
            kills.studies,
            kills.all.len(),
            kills.mismatches
        );
        if differ.is_empty() {
            std::fs::remove_dir_all(&out)?;
        }
        faults.extend(differ);
    }
    Ok((kills, faults))
}

/// None where the study ended before it could be killed.
fn start_and_kill(
    subject: &Subject,
    out: &Path,
    random: &mut Random,
    faults: &mut Faults,
) -> anyhow::Result<Option<Kill>> {
    let signal = random.below(SIGNALS.len() as u64) as usize;
    let (name, code) = SIGNALS[signal];
    let delay = Duration::from_secs_f64(LONGEST * random.uniform());
    let start = SystemTime::now();
    let mut child = subject.study(out, 1 + random.below(2)).spawn()?;
    sleep(delay);
    let place = place(out, start);
    let ended = |status: ExitStatus, faults: &mut Faults| {
        if !status.success() {
            faults.push(format!("{}: {status} by itself", out.display()));
        }
        status.success()
    };
    if let Some(status) = child.try_wait()? {
        return if ended(status, faults) {
            Ok(None)
        } else {
            bail!("{}: {status} by itself", out.display())
        };
    }
    let clock = Instant::now();
    send(name, &child)?;
    let status = wait(&mut child)?;
    let stopped_s = clock.elapsed().as_secs_f64();
    if status.success() {
        // It had ended before the signal came.
        return Ok(None);
    }
    // A signal that comes before it is watched for ends the process as it ends any other.
    if status.code() != code && status.code().is_some() {
        faults.push(format!("{}: {status} after SIG{name}", out.display()));
    }
    let lost = SystemTime::now().duration_since(last_write(out, start));
    Ok(Some(Kill {
        signal,
        place,
        lost_s: lost.unwrap_or_default().as_secs_f64(),
        stopped_s,
    }))
}

/// Sends a signal by the system's own program: only unsafe code could do it here.
pub(super) fn send(signal: &str, child: &Child) -> anyhow::Result<()> {
    let mut kill = Command::new("kill");
    kill.args(["-s", signal, &child.id().to_string()]);
    // It fails where the process has just ended: the exit code will tell.
    let _ = kill
        .stderr(std::process::Stdio::null())
        .status()
        .context("kill cannot be started")?;
    Ok(())
}

/// Waits for a process that is about to end.
pub(super) fn wait(child: &mut Child) -> anyhow::Result<ExitStatus> {
    let clock = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(status);
        }
        if clock.elapsed() > HANGS {
            child.kill()?;
            bail!("process {} did not end", child.id());
        }
        sleep(Duration::from_millis(2));
    }
}
