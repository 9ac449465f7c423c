//! Full disks while runs are written: small file systems in memory.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::folder::differences;
use super::{Faults, Subject};

/// Sizes of the disks in KiB; they fill up at different points of the study.
pub(super) const SIZES: [u32; 6] = [200, 400, 700, 1100, 1600, 2400];

/// Runs the study on the first `count` disks. Returns one line with the result.
pub(super) fn fill_disks(
    subject: &Subject,
    count: usize,
    faults: &mut Faults,
) -> anyhow::Result<String> {
    let disk = subject.folder.join("disk");
    fs::create_dir_all(&disk)?;
    let mut mismatches = 0;
    for (n, size) in SIZES.into_iter().take(count).enumerate() {
        if !mount(&disk, &format!("size={size}k")) {
            return Ok(format!(
                "full disks: {n} tested; SKIPPED the rest: cannot mount a tmpfs (needs root)"
            ));
        }
        let outcome = fill_and_resume(subject, &disk, size, faults);
        let _ = Command::new("umount").arg(&disk).status();
        mismatches += outcome?;
    }
    Ok(format!(
        "full disks: {count}, then enlarged: {mismatches} files differ"
    ))
}

fn mount(disk: &Path, options: &str) -> bool {
    let mut mount = Command::new("mount");
    mount.args(["-t", "tmpfs", "-o", options, "tmpfs"]);
    mount.arg(disk).stderr(Stdio::null());
    mount.status().is_ok_and(|status| status.success())
}

/// Runs the study until the disk is full, enlarges the disk and resumes. Returns the number of files that differ.
fn fill_and_resume(
    subject: &Subject,
    disk: &Path,
    size: u32,
    faults: &mut Faults,
) -> anyhow::Result<usize> {
    let out = disk.join("study");
    let mut study = subject.study_command(&out, 1);
    let full = study.stderr(Stdio::piped()).output()?;
    let errors = String::from_utf8_lossy(&full.stderr).into_owned();
    let last = errors.lines().last().unwrap_or_default();
    eprintln!("disk of {size} KiB: {}: {last}", full.status);
    if full.status.code() != Some(1) || !last.contains("No space left") {
        faults.push(format!("disk of {size} KiB: {}: {last}", full.status));
    }
    // No run may start after the first one that met the full disk.
    let runs = fs::read_dir(out.join("runs"));
    let runs = runs.into_iter().flatten().flatten();
    let unfinished = runs.filter(|run| !run.path().join("done").is_file());
    let unfinished = unfinished.count();
    if unfinished > 1 {
        faults.push(format!(
            "disk of {size} KiB: {unfinished} runs were started and not finished"
        ));
    }
    let mut remount = Command::new("mount");
    remount.args(["-o", "remount,size=512m"]).arg(disk);
    remount.status()?;
    let status = subject.study_command(&out, 2).status()?;
    if !status.success() {
        faults.push(format!("disk of {size} KiB, enlarged: {status}"));
    }
    let differ = differences(&subject.whole, &out)?;
    let count = differ.len();
    faults.extend(differ);
    Ok(count)
}
