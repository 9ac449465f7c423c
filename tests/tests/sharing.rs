//! Several processes on one folder, with locks and without: nothing is done twice, nothing is lost.

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

fn end(child: Child) -> (Output, String) {
    let output = child.wait_with_output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, errors)
}

/// Six processes at once; every run is made by one of them, and all end with everything done.
fn six(environment: &[(&str, &str)]) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let arguments = "study run --study smoke --out out --jobs 1";
    let all: Vec<_> = (0..6)
        .map(|_| start(folder.path(), arguments, environment))
        .collect();
    let said: Vec<_> = all.into_iter().map(end).collect();
    for (output, errors) in &said {
        assert!(output.status.success(), "{errors}");
        assert!(String::from_utf8_lossy(&output.stdout).contains("18 of 18 runs"));
    }
    let said: Vec<_> = said.into_iter().map(|(_, errors)| errors).collect();
    // A line of a run that was made here ends in the time that it took.
    let lines = said.iter().flat_map(|errors| errors.lines());
    let made = lines.filter(|l| l.starts_with('[') && !l.contains("another process"));
    assert_eq!(made.count(), 18, "{said:?}");
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
    said
}

#[test]
fn six_processes_share_a_folder() {
    six(&[]);
}

#[test]
fn six_processes_share_a_folder_without_locks() {
    let said = six(&[("NODULE_LOCKS", "files")]);
    let says = |errors: &String| errors.contains("the output folder has no locks");
    assert!(said.iter().any(says), "{said:?}");
}

#[test]
fn what_a_killed_process_held_is_taken_over_without_locks() {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(folder.path(), &[("epochs = 2", "epochs = 60")]);
    let arguments = "study run --study study.toml --out out --jobs 2";
    let mut killed = start(folder.path(), arguments, &NO_LOCKS);
    let runs = folder.path().join("out/runs");
    let claimed = || {
        let entries = fs::read_dir(&runs).into_iter().flatten().flatten();
        entries
            .filter(|e| e.path().join(".claim-1").is_file())
            .count()
    };
    let patience = Instant::now();
    while claimed() == 0 {
        assert!(patience.elapsed() < Duration::from_secs(300));
        thread::sleep(Duration::from_millis(2));
    }
    killed.kill().unwrap();
    killed.wait().unwrap();
    assert!(claimed() > 0, "it was to be killed in the middle of a run");
    let again = format!("{arguments} --no-wait");
    let patient = [NO_LOCKS[0], ("NODULE_CLAIM_SECONDS", "3600")];
    let (output, errors) = end(start(folder.path(), &again, &patient));
    assert!(output.status.success(), "{errors}");
    assert!(errors.contains("other processes hold the"), "{errors}");
    let (output, errors) = end(start(folder.path(), arguments, &NO_LOCKS));
    assert!(output.status.success(), "{errors}");
    assert!(errors.contains("waiting for the"), "{errors}");
    succeed(folder.path(), "study verify --out out");
}

#[test]
fn of_two_studies_started_at_once_in_one_folder_one_wins() {
    let folder = tempfile::tempdir().unwrap();
    for seed in ["2021", "7"] {
        let changes = [("root_seed = 2021", format!("root_seed = {seed}"))];
        let changes = changes.each_ref().map(|(from, to)| (*from, to.as_str()));
        smoke_with(folder.path(), &changes);
        let named = folder.path().join(format!("{seed}.toml"));
        fs::rename(folder.path().join("study.toml"), named).unwrap();
    }
    for round in 0..6 {
        let started = ["2021", "7"].map(|study| {
            let arguments =
                format!("train --study {study}.toml --out {round} --train both --loss ce --seed 0");
            start(folder.path(), &arguments, &[])
        });
        let ended = started.map(end);
        let mut codes = ended.each_ref().map(|(output, _)| output.status.code());
        codes.sort();
        assert_eq!(codes, [Some(0), Some(2)], "{ended:?}");
        assert!(ended.iter().any(|(_, e)| e.contains("holds another study")));
        let runs = fs::read_dir(folder.path().join(format!("{round}/runs"))).unwrap();
        assert_eq!(runs.count(), 1);
    }
}

#[test]
fn what_killed_processes_left_is_removed_by_the_next_run() {
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
fn a_setting_of_claims_that_makes_no_sense_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value) in [("NODULE_LOCKS", "some"), ("NODULE_CLAIM_SECONDS", "0")] {
        let child = start(
            folder.path(),
            "study run --study smoke --out out",
            &[(name, value)],
        );
        let (output, errors) = end(child);
        assert_eq!(output.status.code(), Some(2), "{errors}");
        assert!(errors.contains(name) && errors.contains(value), "{errors}");
        assert!(!folder.path().join("out").exists());
    }
}
