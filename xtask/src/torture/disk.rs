//! Disks that fill up while runs are written: file systems in memory of a few hundred kilobytes.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::folder::differences;
use super::{Faults, Subject};

/// Sizes of the disks, in KiB: they fill up at different places, in the first run or in a later one.
const SIZES: [u32; 6] = [200, 400, 700, 1100, 1600, 2400];

/// Says in one line what came out.
pub(super) fn full_disks(subject: &Subject, faults: &mut Faults) -> anyhow::Result<String> {
    let disk = subject.folder.join("disk");
    fs::create_dir_all(&disk)?;
    let mut mismatches = 0;
    for (tried, size) in SIZES.into_iter().enumerate() {
        if !mount(&disk, &format!("size={size}k")) {
            return Ok(format!(
                "full disks: {tried} tried; SKIPPED the rest: a tmpfs cannot be mounted here (that needs root)"
            ));
        }
        let outcome = fill_and_go_on(subject, &disk, size, faults);
        let _ = Command::new("umount").arg(&disk).status();
        mismatches += outcome?;
    }
    Ok(format!(
        "full disks: {}, then made larger: {mismatches} files differ",
        SIZES.len()
    ))
}

fn mount(disk: &Path, options: &str) -> bool {
    let mut mount = Command::new("mount");
    mount
        .args(["-t", "tmpfs", "-o", options, "tmpfs"])
        .arg(disk);
    mount.stderr(Stdio::null());
    mount.status().is_ok_and(|status| status.success())
}

/// Runs the study until the disk is full, and again on a larger one. Returns the files that differ.
fn fill_and_go_on(
    subject: &Subject,
    disk: &Path,
    size: u32,
    faults: &mut Faults,
) -> anyhow::Result<usize> {
    let out = disk.join("study");
    let full = subject.study(&out, 1).stderr(Stdio::piped()).output()?;
    let said = String::from_utf8_lossy(&full.stderr).into_owned();
    let last = said.lines().last().unwrap_or_default();
    eprintln!("disk of {size} KiB: {}: {last}", full.status);
    if full.status.code() != Some(1) || !last.contains("No space left") {
        faults.push(format!("disk of {size} KiB: {}: {last}", full.status));
    }
    // One run met the end of the disk; none after it was begun.
    let runs = fs::read_dir(out.join("runs"))
        .into_iter()
        .flatten()
        .flatten();
    let unfinished = runs.filter(|run| !run.path().join("done").is_file());
    let unfinished = unfinished.count();
    if unfinished > 1 {
        faults.push(format!(
            "disk of {size} KiB: {unfinished} runs were begun and not kept"
        ));
    }
    let mut remount = Command::new("mount");
    remount
        .args(["-o", "remount,size=512m"])
        .arg(disk)
        .status()?;
    let status = subject.study(&out, 2).status()?;
    if !status.success() {
        faults.push(format!("disk of {size} KiB, made larger: {status}"));
    }
    let differ = differences(&subject.whole, &out)?;
    let count = differ.len();
    faults.extend(differ);
    Ok(count)
}
