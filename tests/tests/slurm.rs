//! Slurm executor, with a stub of sbatch that runs the tasks of the array in parallel.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Output;

use nodule_tests::{assert_same, nodule, smoke_with, succeed};

/// Stub of sbatch: runs every task of `--array=1-N` in parallel, and fails if one fails.
const SBATCH: &str = r#"#!/bin/sh
for word in "$@"; do
  case "$word" in
    --array=1-*) tasks="${word#--array=1-}" ;;
    *) script="$word" ;;
  esac
done
echo "$@" > sbatch.log
task=1
while [ "$task" -le "$tasks" ]; do
  sh "$script" > "task-$task.log" 2>&1 &
  task=$((task + 1))
done
wait
"#;

/// Returns a folder with a program `bin/sbatch`.
fn create_cluster(sbatch: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let bin = folder.path().join("bin");
    fs::create_dir(&bin).unwrap();
    fs::write(bin.join("sbatch"), sbatch).unwrap();
    fs::set_permissions(bin.join("sbatch"), fs::Permissions::from_mode(0o755)).unwrap();
    folder
}

fn run_on_cluster(folder: &Path, arguments: &str) -> Output {
    let path = format!(
        "{}:{}",
        folder.join("bin").display(),
        std::env::var("PATH").unwrap()
    );
    let mut command = nodule();
    command
        .args(arguments.split_whitespace())
        .current_dir(folder);
    command.env("PATH", path).output().unwrap()
}

const RUN: &str = "study run --study smoke --executor slurm --tasks 3 --out out";

#[test]
fn an_array_of_tasks_gives_the_same_files_as_one_machine() {
    let folder = create_cluster(SBATCH);
    let output = run_on_cluster(folder.path(), &format!("{RUN} --slurm=--partition=short"));
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    assert!(String::from_utf8_lossy(&output.stdout).contains("18 of 18 runs"));
    let log = fs::read_to_string(folder.path().join("sbatch.log")).unwrap();
    assert!(log.contains("--wait --array=1-3"), "{log}");
    assert!(log.contains("--partition=short"), "{log}");

    succeed(folder.path(), "study run --study smoke --out local");
    for part in ["tables", "runs"] {
        assert_same(
            &folder.path().join("out").join(part),
            &folder.path().join("local").join(part),
        );
    }
    // All runs are done, so nothing is submitted.
    fs::remove_file(folder.path().join("sbatch.log")).unwrap();
    assert_eq!(run_on_cluster(folder.path(), RUN).status.code(), Some(0));
    assert!(!folder.path().join("sbatch.log").exists());
}

#[test]
fn trials_on_a_cluster_select_the_same_settings() {
    let folder = create_cluster(SBATCH);
    let here = folder.path();
    let table = "[tune]\ntrials = 2\nseeds = 2\ntrain = \"both\"\n[tune.range]\n\"training.learning_rate\" = { from = 1e-3, to = 1e-2 }\n\n[network]";
    smoke_with(here, &[("[network]", table)]);
    let tune = "study tune --study study.toml";
    let output = run_on_cluster(
        here,
        &format!("{tune} --executor slurm --tasks 2 --out out"),
    );
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{errors}");
    succeed(here, &format!("{tune} --out local"));
    for file in ["tune.csv", "tuned.toml"] {
        let read = |out: &str| fs::read_to_string(here.join(out).join(file)).unwrap();
        assert_eq!(read("out"), read("local"));
    }
    let log = fs::read_to_string(here.join("out/slurm.sh")).unwrap();
    assert!(log.contains("tune") && log.contains("--no-wait"), "{log}");
}

#[test]
fn tasks_without_results_count_as_failed_runs() {
    let folder = create_cluster("#!/bin/sh\necho Submitted batch job 7\nexit 1\n");
    let output = run_on_cluster(folder.path(), RUN);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{errors}");
    assert!(errors.contains("Submitted batch job 7"), "{errors}");
    assert!(errors.contains("18 of 18 runs failed"), "{errors}");
}

#[test]
fn reports_an_error_of_sbatch() {
    let reason = "sbatch: error: invalid partition specified: short";
    let folder = create_cluster(&format!("#!/bin/sh\necho '{reason}' >&2\nexit 1\n"));
    let output = run_on_cluster(folder.path(), RUN);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    let last = errors.lines().last().unwrap();
    assert!(
        last.starts_with("error: ") && last.contains(reason),
        "{errors}"
    );
}

/// Tasks must not inherit thread counts of the login node.
#[test]
fn tasks_inherit_only_variables_of_the_user() {
    let environment = |set: Option<&str>| {
        let folder = create_cluster("#!/bin/sh\nenv > sbatch.env\necho Submitted batch job 7\n");
        let mut command = nodule();
        let path = format!(
            "{}:{}",
            folder.path().join("bin").display(),
            std::env::var("PATH").unwrap()
        );
        command.args(RUN.split_whitespace()).current_dir(&folder);
        command.env("PATH", path).env("MINE", "1");
        for name in ["CANDLE_NUM_THREADS", "RAYON_NUM_THREADS"] {
            command.env_remove(name);
        }
        command.envs(set.map(|value| ("RAYON_NUM_THREADS", value)));
        command.output().unwrap();
        fs::read_to_string(folder.path().join("sbatch.env")).unwrap()
    };
    let untouched = environment(None);
    assert!(untouched.contains("MINE=1"), "{untouched}");
    for name in ["CANDLE_NUM", "RAYON_NUM", "NODULE_"] {
        assert!(!untouched.contains(name), "{untouched}");
    }
    assert!(environment(Some("3")).contains("RAYON_NUM_THREADS=3"));
}

#[test]
fn reports_a_missing_sbatch() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = nodule();
    command
        .args(RUN.split_whitespace())
        .current_dir(folder.path());
    let output = command.env("PATH", folder.path()).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{errors}");
    assert!(errors.contains("cannot start sbatch"), "{errors}");
    assert_eq!(errors.lines().count(), 1, "{errors}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// A rejected job leaves no report of a study without runs, and no logs of an earlier array.
#[test]
fn a_rejected_job_writes_no_report() {
    let folder = create_cluster("#!/bin/sh\necho 'invalid account' >&2\nexit 1\n");
    let out = folder.path().join("out");
    let output = run_on_cluster(folder.path(), RUN);
    assert_eq!(output.status.code(), Some(2));
    fs::write(out.join("slurm-17.log"), "of an earlier array").unwrap();
    assert_eq!(run_on_cluster(folder.path(), RUN).status.code(), Some(2));
    for name in ["report", "tables", "figures", "report.md", "slurm-17.log"] {
        assert!(!out.join(name).exists(), "{name}");
    }
}

/// Slurm replaces `%a` and the like in the path of a log.
#[test]
fn percent_signs_of_a_folder_reach_slurm_doubled() {
    let folder = create_cluster("#!/bin/sh\necho \"$@\" > sbatch.log\nexit 1\n");
    let run = |out: &str| {
        let arguments = format!("study tune --study regimes-tuned --executor slurm --out {out}");
        run_on_cluster(folder.path(), &arguments)
    };
    assert_eq!(run("run%A/100%").status.code(), Some(2));
    let log = fs::read_to_string(folder.path().join("sbatch.log")).unwrap();
    assert!(log.contains("/run%%A/100%%/slurm-%a.log "), "{log}");
    // The path of the script is no pattern.
    assert!(log.trim_end().ends_with("/run%A/100%/slurm.sh"), "{log}");
    let output = run("back\\slash");
    assert_eq!(output.status.code(), Some(2));
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        errors.contains("--out = ") && errors.lines().count() == 1,
        "{errors}"
    );
    assert!(!folder.path().join("back\\slash").exists());
}
