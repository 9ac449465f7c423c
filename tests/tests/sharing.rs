//! Several processes in one folder, with and without locks: no run is done twice or lost.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::{self, File};
use std::path::Path;
use std::process::{Child, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use nodule_tests::{assert_same, nodule, smoke_with, succeed};

const NO_LOCKS: [(&str, &str); 2] = [("NODULE_LOCKS", "files"), ("NODULE_CLAIM_SECONDS", "2")];

fn start(folder: &Path, arguments: &str, environment: &[(&str, &str)]) -> Child {
    let mut command = nodule();
    command
        .args(arguments.split_whitespace())
        .current_dir(folder)
        .envs(environment.iter().copied())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command.spawn().unwrap()
}

fn wait(child: Child) -> (Output, String) {
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, errors)
}

/// Runs the study with eight processes and asserts that each run is done by one of them. Returns their standard errors.
fn run_eight_processes(environment: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "study run --study smoke --out out --jobs 1";
    let all: Vec<_> = (0..8)
        .map(|_| start(folder.path(), arguments, environment))
        .collect();
    let printed: Vec<_> = all.into_iter().map(wait).collect();
    for (output, errors) in &printed {
        assert!(output.status.success(), "{errors}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("18 of 18 runs"));
    }
    let printed: Vec<_> = printed.into_iter().map(|(_, errors)| errors).collect();
    // Count lines of runs that this process executed.
    let lines = printed.iter().flat_map(|errors| errors.lines());
    let executed = lines.filter(|l| l.starts_with('[') && !l.contains("another process"));
    assert_eq!(executed.count(), 18, "{printed:?}");
    succeed(folder.path(), "study verify --out out");
    succeed(folder.path(), "study run --study smoke --out alone");
    let [out, alone] = ["out", "alone"].map(|name| folder.path().join(name));
    assert_same(&out, &alone);
    for run in fs::read_dir(out.join("runs")).unwrap() {
        let names = fs::read_dir(run.unwrap().path()).unwrap();
        let names = names.map(|e| e.unwrap().file_name().into_string().unwrap());
        let hidden: Vec<_> = names.filter(|n| n.starts_with('.')).collect();
        assert_eq!(hidden, [".lock"]);
    }
    printed
}

#[test]
fn eight_processes_share_a_folder() {
    run_eight_processes(&[]);
}

#[test]
fn eight_processes_share_a_folder_without_locks() {
    let printed = run_eight_processes(&[("NODULE_LOCKS", "files")]);
    let warns = |errors: &String| errors.contains("the output folder has no file locks");
    assert!(printed.iter().any(warns), "{printed:?}");
}

#[test]
fn runs_of_a_killed_process_are_taken_over_without_locks() {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(folder.path(), &[("epochs = 2", "epochs = 60")]);
    let arguments = "study run --study study.toml --out out --jobs 2";
    let mut killed = start(folder.path(), arguments, &NO_LOCKS);
    let runs = folder.path().join("out/runs");
    let count_claims = || {
        let entries = fs::read_dir(&runs).into_iter().flatten().flatten();
        entries
            .filter(|e| e.path().join(".claim-1").is_file())
            .count()
    };
    let clock = Instant::now();
    while count_claims() == 0 {
        assert!(clock.elapsed() < Duration::from_secs(300));
        thread::sleep(Duration::from_millis(2));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(count_claims() > 0, "the kill must interrupt a run");
    let again = format!("{arguments} --no-wait");
    let patient = [NO_LOCKS[0], ("NODULE_CLAIM_SECONDS", "3600")];
    let (output, errors) = wait(start(folder.path(), &again, &patient));
    assert!(output.status.success(), "{errors}");
    assert!(errors.contains("other processes hold the"), "{errors}");
    let (output, errors) = wait(start(folder.path(), arguments, &NO_LOCKS));
    assert!(output.status.success(), "{errors}");
    assert!(errors.contains("waiting for the"), "{errors}");
    succeed(folder.path(), "study verify --out out");
}

#[test]
fn one_of_two_studies_in_one_folder_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    for seed in ["2021", "7"] {
        let changes = [("root_seed = 2021", format!("root_seed = {seed}"))];
        let changes = changes.each_ref().map(|(from, to)| (*from, to.as_str()));
        smoke_with(folder.path(), &changes);
        let named = folder.path().join(format!("{seed}.toml"));
        fs::rename(folder.path().join("study.toml"), named).unwrap();
    }
    for round in 0..6 {
        let children = ["2021", "7"].map(|study| {
            let arguments =
                format!("train --study {study}.toml --out {round} --train both --loss ce --seed 0");
            start(folder.path(), &arguments, &[])
        });
        let ended = children.map(wait);
        let mut codes = ended.each_ref().map(|(output, _)| output.status.code());
        codes.sort();
        assert_eq!(codes, [Some(0), Some(2)], "{ended:?}");
        assert!(ended.iter().any(|(_, e)| e.contains("holds another study")));
        let runs = fs::read_dir(folder.path().join(format!("{round}/runs"))).unwrap();
        assert_eq!(runs.count(), 1);
    }
}

#[test]
fn the_next_run_removes_files_of_killed_processes() {
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), "study run --study smoke --out out");
    let out = folder.path().join("out");
    let run = fs::read_dir(out.join("runs")).unwrap().next().unwrap();
    let run = run.unwrap().path();
    let old = SystemTime::now() - Duration::from_secs(3600);
    let left = [
        run.join(".model.safetensors.4711.3.tmp"),
        out.join("tables/.results.csv.node-0123456789abcdef.tmp"),
        out.join("runs/.trial.4711"),
    ];
    for path in &left {
        File::create(path).unwrap().set_modified(old).unwrap();
    }
    let young = run.join(".history.csv.node-fedcba9876543210.tmp");
    File::create(&young).unwrap();
    succeed(folder.path(), "study run --study smoke --out out");
    assert!(left.iter().all(|path| !path.exists()) && young.exists());
}

#[test]
fn rejects_wrong_lock_settings() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value) in [("NODULE_LOCKS", "some"), ("NODULE_CLAIM_SECONDS", "0")] {
        let child = start(
            folder.path(),
            "study run --study smoke --out out",
            &[(name, value)],
        );
        let (output, errors) = wait(child);
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains(name) && errors.contains(value), "{errors}");
        assert!(!folder.path().join("out").exists());
    }
}
