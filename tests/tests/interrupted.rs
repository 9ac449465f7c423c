//! Runs that are stopped or killed: they resume from the checkpoint and end with the same bytes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nodule_tests::{assert_same, nodule, smoke_with, succeed};

/// Losses with and without a head and with two views, and enough epochs for interruptions.
const LONG: [(&str, &str); 4] = [
    ("epochs = 2", "epochs = 60"),
    ("seeds = 2", "seeds = 1"),
    (
        "train = [\"both\", \"shape\", \"random-labels\"]",
        "train = [\"both\"]",
    ),
    (
        "losses = [\"ce\", \"contrastive\", \"ce+contrastive\"]",
        "losses = [\"ce\", \"contrastive\", \"ce+contrastive\", \"ce+nt-xent\"]",
    ),
];
const RUN: &str = "study run --study study.toml --jobs 1 --out";

fn start_study(folder: &Path, more: &[&str]) -> Child {
    let mut command = nodule();
    command
        .args(RUN.split(' '))
        .arg("out")
        .args(more)
        .current_dir(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn runs(out: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(out.join("runs")).into_iter().flatten();
    entries.map(|e| e.unwrap().path()).collect()
}

fn checkpoints(out: &Path) -> Vec<PathBuf> {
    let all = runs(out)
        .into_iter()
        .map(|run| run.join("checkpoint.safetensors"));
    all.filter(|path| path.is_file()).collect()
}

fn read_checkpoints(out: &Path) -> Vec<Vec<u8>> {
    checkpoints(out).iter().flat_map(fs::read).collect()
}

/// Waits until `is_reached` holds.
fn wait_for(child: &mut Child, is_reached: impl Fn() -> bool) {
    let start = Instant::now();
    while !is_reached() {
        assert!(
            child.try_wait().unwrap().is_none(),
            "the process ended too early"
        );
        assert!(start.elapsed() < Duration::from_secs(120), "too slow");
        thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(unix)]
fn send_signal(name: &str, child: &Child) {
    let mut kill = Command::new("kill");
    kill.args(["-s", name, &child.id().to_string()]);
    assert!(kill.status().unwrap().success());
}

fn run_uninterrupted(folder: &Path) -> PathBuf {
    succeed(folder, &format!("{RUN} whole"));
    folder.join("whole")
}

#[cfg(unix)]
#[test]
fn a_signal_stops_within_a_step_and_reports_progress() {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(folder.path(), &LONG);
    let out = folder.path().join("out");
    for (name, code) in [("TERM", 143), ("INT", 130)] {
        // A new checkpoint shows that training is in progress.
        let before = read_checkpoints(&out);
        let mut child = start_study(folder.path(), &["--checkpoint-every", "0"]);
        wait_for(&mut child, || {
            !read_checkpoints(&out).is_empty() && read_checkpoints(&out) != before
        });
        let clock = Instant::now();
        send_signal(name, &child);
        let output = child.wait_with_output().unwrap();
        // This takes a second on an idle machine; other tests run in parallel.
        assert!(clock.elapsed() < Duration::from_secs(5));
        let printed = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{printed}");
        // The message agrees with the folder. On a busy machine the run may have finished meanwhile.
        let done = runs(&out).into_iter().filter(|r| r.join("done").is_file());
        let (done, checkpoints) = (done.count(), checkpoints(&out).len());
        assert!(done + checkpoints >= 1, "{printed}");
        let expected = format!(
            "stopped by SIG{name}: {done} of 4 runs done, {checkpoints} with a checkpoint, in out; the same command resumes"
        );
        assert_eq!(printed.lines().last().unwrap(), expected);
    }
    succeed(folder.path(), &format!("{RUN} out"));
    assert_same(&out, &run_uninterrupted(folder.path()));
}

#[test]
fn repeated_kills_do_not_change_results() {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(folder.path(), &LONG);
    let out = folder.path().join("out");
    let mut resumed = 0;
    for _ in 0..8 {
        // Every step writes a checkpoint: kill after the first. On a busy machine the run may have finished.
        let before = read_checkpoints(&out);
        let mut child = start_study(folder.path(), &["--checkpoint-every", "0"]);
        wait_for(&mut child, || {
            !read_checkpoints(&out).is_empty() && read_checkpoints(&out) != before
        });
        child.kill().unwrap();
        let printed = child.wait_with_output().unwrap().stderr;
        resumed += usize::from(
            String::from_utf8(printed)
                .unwrap()
                .contains("resumed after"),
        );
    }
    succeed(folder.path(), &format!("{RUN} out"));
    assert!(resumed >= 1, "{resumed}");
    assert_same(&out, &run_uninterrupted(folder.path()));
}

#[test]
fn invalid_checkpoints_are_reported_and_not_used() {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(folder.path(), &LONG);
    let whole = run_uninterrupted(folder.path());
    let out = folder.path().join("out");
    let mut child = start_study(folder.path(), &["--checkpoint-every", "0"]);
    wait_for(&mut child, || !checkpoints(&out).is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    let own = checkpoints(&out).remove(0);
    let bytes = fs::read(&own).unwrap();
    fs::write(&own, &bytes[..bytes.len() / 2]).unwrap();
    // Give all other runs an intact checkpoint of this run.
    let ids = runs(&whole);
    for run in &ids {
        let mine = out.join("runs").join(run.file_name().unwrap());
        if mine != own.parent().unwrap() {
            fs::create_dir(&mine).unwrap();
            fs::write(mine.join("checkpoint.safetensors"), &bytes).unwrap();
        }
    }
    let output = start_study(folder.path(), &[]).wait_with_output().unwrap();
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{printed}");
    let count = |what: &str| printed.lines().filter(|line| line.contains(what)).count();
    assert_eq!(count("the file is damaged"), 1, "{printed}");
    assert_eq!(
        count("it belongs to another training"),
        ids.len() - 1,
        "{printed}"
    );
    assert_eq!(count("resumed after"), 0, "{printed}");
    assert!(checkpoints(&out).is_empty());
    assert_same(&out, &whole);
}

#[test]
fn a_failed_write_stops_the_study_and_keeps_the_training() {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(folder.path(), &LONG);
    let whole = run_uninterrupted(folder.path());
    let out = folder.path().join("out");
    // Renaming over a non-empty folder fails.
    let mut blocked = Vec::new();
    for run in runs(&whole) {
        let file = out
            .join("runs")
            .join(run.file_name().unwrap())
            .join("evaluation.json");
        fs::create_dir_all(file.join("in the way")).unwrap();
        blocked.push(file);
    }
    fs::copy(whole.join("study.toml"), out.join("study.toml")).unwrap();
    let output = start_study(folder.path(), &[]).wait_with_output().unwrap();
    let printed = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{printed}");
    assert!(output.stdout.is_empty(), "there is nothing to report");
    let last = printed.lines().last().unwrap();
    assert!(last.starts_with("error: run "), "{printed}");
    assert!(last.contains("evaluation.json: "), "{printed}");
    assert!(last.contains("0 of 4 runs done"), "{printed}");
    // One run was trained; the next start does not train it again.
    assert_eq!(checkpoints(&out).len(), 1);
    for file in blocked {
        fs::remove_dir_all(file).unwrap();
    }
    let output = start_study(folder.path(), &[]).wait_with_output().unwrap();
    let printed = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{printed}");
    // 60 epochs of 4 batches: all of them.
    assert!(printed.contains("resumed after 240 steps"), "{printed}");
    assert_same(&out, &whole);
}
