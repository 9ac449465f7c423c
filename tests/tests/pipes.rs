//! Closed pipes: `study plan | head -1` succeeds, and `study run 2>&1 | head -1` runs to its end.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use nodule_tests::{nodule, succeed};

/// Runs `nodule` with both streams in a pipe whose reader closes it after one line. Returns the exit code and the line.
fn run_with_closed_pipe(folder: &Path, arguments: &str) -> (Option<i32>, String) {
    let program = nodule();
    let mut shell = Command::new("sh");
    shell
        .arg("-c")
        .arg("exec \"$0\" \"$@\" 2>&1")
        .arg(program.get_program());
    shell.args(arguments.split_whitespace()).current_dir(folder);
    let mut child = shell.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    let mut reader = BufReader::with_capacity(1, child.stdout.take().unwrap());
    reader.read_line(&mut line).unwrap();
    drop(reader);
    (child.wait().unwrap().code(), line)
}

#[test]
fn a_closed_pipe_does_not_stop_a_command() {
    let folder = tempfile::tempdir().unwrap();
    for arguments in [
        "study plan --study paper",
        "--help",
        "synth --distribution both --n 4 --out nodules",
        "synth --distribution both --n 0 --out none",
    ] {
        let (code, line) = run_with_closed_pipe(folder.path(), arguments);
        let expected = if arguments.contains("--n 0") { 2 } else { 0 };
        assert_eq!(code, Some(expected), "{arguments}: {line}");
        assert!(!line.is_empty() && !line.contains("panicked"), "{line}");
    }
    let (code, line) = run_with_closed_pipe(folder.path(), "study run --study smoke --out out");
    assert_eq!(code, Some(0), "{line}");
    let status = succeed(folder.path(), "study status --out out");
    assert!(status.contains("18 of 18 runs done"), "{status}");
    assert!(folder.path().join("out/report/index.html").is_file());
}

/// Unlike a closed pipe, a full disk is an error.
#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_reported() {
    let folder = tempfile::tempdir().unwrap();
    let full = std::fs::File::options()
        .write(true)
        .open("/dev/full")
        .unwrap();
    let mut command = nodule();
    command
        .args(["study", "plan", "--study", "smoke"])
        .current_dir(folder.path());
    let output = command.stdout(full).output().unwrap();
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{message}");
    assert!(
        message.starts_with("error: cannot write to standard output: "),
        "{message}"
    );
}
