//! Same settings, same bits: whatever the number of jobs and threads.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use nodule_tests::{assert_same, nodule, succeed};

#[test]
fn jobs_and_threads_change_no_bit() {
    let folder = tempfile::tempdir().unwrap();
    // One job has all the cores to itself, twelve have one thread each.
    succeed(folder.path(), "study run --study smoke --out one --jobs 1");
    succeed(
        folder.path(),
        "study run --study smoke --out twelve --jobs 12",
    );
    assert_same(&folder.path().join("one"), &folder.path().join("twelve"));
}

#[test]
fn the_machine_s_number_of_threads_changes_no_bit() {
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
