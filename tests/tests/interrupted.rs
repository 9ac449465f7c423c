//! Stopped or killed inside a run: it goes on from its checkpoint, and ends with the same bytes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nodule_tests::{assert_same, nodule, smoke_with, succeed};

/// One loss of each kind that a checkpoint must hold: a head, none, a second view; epochs enough to be
/// stopped among them.
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

fn started(folder: &Path, more: &[&str]) -> Child {
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

fn kept(out: &Path) -> Vec<Vec<u8>> {
    checkpoints(out).iter().flat_map(fs::read).collect()
}

/// Waits until the process has done what `reached` looks for.
fn wait_for(child: &mut Child, reached: impl Fn() -> bool) {
    let patience = Instant::now();
    while !reached() {
        assert!(child.try_wait().unwrap().is_none(), "it ended too early");
        assert!(patience.elapsed() < Duration::from_secs(120), "too slow");
        thread::sleep(Duration::from_millis(1));
    }
}

#[cfg(unix)]
fn signal(name: &str, child: &Child) {
    let mut kill = Command::new("kill");
    kill.args(["-s", name, &child.id().to_string()]);
    assert!(kill.status().unwrap().success());
}

fn undisturbed(folder: &Path) -> PathBuf {
    succeed(folder, &format!("{RUN} whole"));
    folder.join("whole")
}

#[cfg(unix)]
#[test]
fn a_signal_stops_within_a_step_and_says_what_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(folder.path(), &LONG);
    let out = folder.path().join("out");
    for (name, code) in [("TERM", 143), ("INT", 130)] {
        // In the middle of a training: a checkpoint was just written.
        let before = kept(&out);
        let mut child = started(folder.path(), &["--checkpoint-every", "0"]);
        wait_for(&mut child, || {
            !kept(&out).is_empty() && kept(&out) != before
        });
        let clock = Instant::now();
        signal(name, &child);
        let ended = child.wait_with_output().unwrap();
        // A second where nobody else works; tests run side by side.
        assert!(clock.elapsed() < Duration::from_secs(5));
        let said = String::from_utf8(ended.stderr).unwrap();
        assert_eq!(ended.status.code(), Some(code), "{said}");
        // What it says is what there is. On a busy machine the run may have ended meanwhile.
        let done = runs(&out).into_iter().filter(|r| r.join("done").is_file());
        let (done, kept) = (done.count(), checkpoints(&out).len());
        assert!(done + kept >= 1, "{said}");
        let expected = format!(
            "stopped by SIG{name}: {done} of 4 runs are done and {kept} kept as far as they had come, in out; the same command goes on from there"
        );
        assert_eq!(said.lines().last().unwrap(), expected);
    }
    succeed(folder.path(), &format!("{RUN} out"));
    assert_same(&out, &undisturbed(folder.path()));
}

#[test]
fn killed_again_and_again_each_loss_ends_the_same() {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(folder.path(), &LONG);
    let out = folder.path().join("out");
    let mut resumed = 0;
    for _ in 0..8 {
        // Every step is written: killed as soon as one was taken. On a busy machine a run may be over by then.
        let before = kept(&out);
        let mut child = started(folder.path(), &["--checkpoint-every", "0"]);
        wait_for(&mut child, || {
            !kept(&out).is_empty() && kept(&out) != before
        });
        child.kill().unwrap();
        let said = child.wait_with_output().unwrap().stderr;
        resumed += usize::from(String::from_utf8(said).unwrap().contains("resumed after"));
    }
    succeed(folder.path(), &format!("{RUN} out"));
    assert!(resumed >= 1, "{resumed}");
    assert_same(&out, &undisturbed(folder.path()));
}

#[test]
fn a_checkpoint_that_is_torn_or_of_another_run_is_said_and_not_used() {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(folder.path(), &LONG);
    let whole = undisturbed(folder.path());
    let out = folder.path().join("out");
    let mut child = started(folder.path(), &["--checkpoint-every", "0"]);
    wait_for(&mut child, || !checkpoints(&out).is_empty());
    child.kill().unwrap();
    child.wait().unwrap();
    let own = checkpoints(&out).remove(0);
    let bytes = fs::read(&own).unwrap();
    fs::write(&own, &bytes[..bytes.len() / 2]).unwrap();
    // To every other run it is a whole one, of another.
    let ids = runs(&whole);
    for run in &ids {
        let mine = out.join("runs").join(run.file_name().unwrap());
        if mine != own.parent().unwrap() {
            fs::create_dir(&mine).unwrap();
            fs::write(mine.join("checkpoint.safetensors"), &bytes).unwrap();
        }
    }
    let ended = started(folder.path(), &[]).wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success(), "{said}");
    let count = |what: &str| said.lines().filter(|line| line.contains(what)).count();
    assert_eq!(count("it is torn"), 1, "{said}");
    assert_eq!(count("it is of another training"), ids.len() - 1, "{said}");
    assert_eq!(count("resumed after"), 0, "{said}");
    assert!(checkpoints(&out).is_empty());
    assert_same(&out, &whole);
}

#[test]
fn a_file_that_cannot_be_written_stops_the_study_and_no_training_is_lost() {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(folder.path(), &LONG);
    let whole = undisturbed(folder.path());
    let out = folder.path().join("out");
    // Nothing can be renamed over a folder that holds something.
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
    let ended = started(folder.path(), &[]).wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert_eq!(ended.status.code(), Some(1), "{said}");
    assert!(ended.stdout.is_empty(), "there is nothing to report");
    let last = said.lines().last().unwrap();
    assert!(last.starts_with("error: run "), "{said}");
    assert!(last.contains("evaluation.json: "), "{said}");
    assert!(last.contains("0 of 4 runs done"), "{said}");
    // One run was trained, and is not trained again.
    assert_eq!(checkpoints(&out).len(), 1);
    for file in blocked {
        fs::remove_dir_all(file).unwrap();
    }
    let ended = started(folder.path(), &[]).wait_with_output().unwrap();
    let said = String::from_utf8(ended.stderr).unwrap();
    assert!(ended.status.success(), "{said}");
    // 60 epochs of 4 batches: all of them.
    assert!(said.contains("resumed after 240 steps"), "{said}");
    assert_same(&out, &whole);
}
