//! Two processes in one folder, one of which is killed.

use std::thread::sleep;
use std::time::Duration;

use super::folder::differences;
use super::kills::{send, wait};
use super::random::Random;
use super::{Faults, Subject};

/// Runs the study `rounds` times with two processes in one folder and kills one. Returns one line with the result.
pub(super) fn kill_one_of_two(
    subject: &Subject,
    rounds: usize,
    random: &mut Random,
    faults: &mut Faults,
) -> anyhow::Result<String> {
    let mut mismatches = 0;
    for round in 0..rounds {
        let out = subject.folder.join(format!("shared-{round}"));
        let mut one = subject.study_command(&out, 1).spawn()?;
        let mut other = subject.study_command(&out, 1).spawn()?;
        sleep(Duration::from_secs_f64(0.3 + 3.0 * random.uniform()));
        send("KILL", &one)?;
        wait(&mut one)?;
        let status = wait(&mut other)?;
        if !status.success() {
            faults.push(format!("{}: the other process: {status}", out.display()));
        }
        let differ = differences(&subject.whole, &out)?;
        mismatches += differ.len();
        faults.extend(differ);
    }
    Ok(format!(
        "two processes in one folder, one killed: {rounds} times, {mismatches} files differ"
    ))
}
