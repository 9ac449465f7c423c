//! The example program runs and prints the plan of its study.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::PathBuf;
use std::process::Command;

use nodule_study::{Registry, load_study, plan};

/// Returns the path of the example program. Cargo builds it with the tests.
fn program() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(|deps| deps.parent()).unwrap();
    profile
        .join("examples")
        .join(format!("plan_study{}", std::env::consts::EXE_SUFFIX))
}

#[test]
fn prints_every_run_of_the_study_beside_it() {
    let output = Command::new(program()).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let study = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/plan_study/study.toml"
    );
    let runs = plan(&load_study(study, &Registry::default()).unwrap(), "cpu");
    assert_eq!(runs.len(), 2 * 2 * 2);
    for run in &runs {
        assert!(
            text.contains(&format!("{}  {}", run.id, run.title())),
            "{text}"
        );
    }
    // Epochs times images, over all runs.
    assert!(text.ends_with("8 runs, 1024 training images\n"), "{text}");
}

#[test]
fn an_unknown_study_ends_with_one_message() {
    let output = Command::new(program()).arg("smok").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.ends_with("did you mean smoke?\n"), "{message}");
}
