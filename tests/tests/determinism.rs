//! Determinism: results are bit-identical for any number of jobs and threads.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use nodule_tests::{assert_same, nodule, succeed};

#[test]
fn results_do_not_depend_on_jobs() {
    let folder = tempfile::tempdir().unwrap();
    // One job uses all cores; twelve jobs use one thread each.
    succeed(folder.path(), "study run --study smoke --out one --jobs 1");
    succeed(
        folder.path(),
        "study run --study smoke --out twelve --jobs 12",
    );
    assert_same(&folder.path().join("one"), &folder.path().join("twelve"));
}

#[test]
fn results_do_not_depend_on_threads() {
    let folder = tempfile::tempdir().unwrap();
    for threads in ["1", "3"] {
        let out =
            format!("study run --study smoke --jobs 1 --threads {threads} --out threads{threads}");
        let done = nodule()
            .args(out.split(' '))
            .current_dir(folder.path())
            .output()
            .unwrap();
        assert!(done.status.success());
    }
    assert_same(
        &folder.path().join("threads1"),
        &folder.path().join("threads3"),
    );
}
