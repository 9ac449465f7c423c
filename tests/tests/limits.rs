//! Estimates of memory and time, and rejection of plans that are too large.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::time::{Duration, Instant};

use nodule_tests::{run, smoke_with, succeed};

#[test]
fn a_plan_prints_an_estimate() {
    let folder = tempfile::tempdir().unwrap();
    for command in [
        "study plan --study paper",
        "study run --dry-run --study paper --jobs 2",
    ] {
        let printed = succeed(folder.path(), command);
        let last = printed.lines().last().unwrap();
        assert!(
            last.starts_with("estimate: ") && last.contains("MB of memory"),
            "{last}"
        );
        assert!(
            last.contains("parallel runs") && last.contains(" min"),
            "{last}"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// The plan needs terabytes, more than any test machine has.
#[test]
fn rejects_a_plan_that_exceeds_memory_unless_forced() {
    let folder = tempfile::tempdir().unwrap();
    smoke_with(
        folder.path(),
        &[
            ("test = 32", "test = 1000000"),
            ("image_size = 32", "image_size = 512"),
        ],
    );
    for command in [
        "study plan --study study.toml",
        "study run --study study.toml --out out",
        "train --study study.toml --train both --loss ce --seed 0 --out out",
    ] {
        let output = run(folder.path(), command);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{message}");
        for word in ["study.toml", "TB", "--force", "parallel runs"] {
            assert!(message.contains(word), "{message}");
        }
    }
    assert!(!folder.path().join("out").exists());
    let forced = succeed(folder.path(), "study plan --study study.toml --force");
    assert!(forced.contains("18 runs, 0 done"), "{forced}");
}

#[test]
fn rejects_a_plan_with_too_many_runs() {
    let folder = tempfile::tempdir().unwrap();
    let rates: Vec<_> = (1..=1000)
        .map(|i| format!("{:.6}", f64::from(i) * 1e-5))
        .collect();
    let vary = format!(
        "[vary]\nhow = \"one-at-a-time\"\n[vary.values]\n\"training.learning_rate\" = [{}]\n[generator]",
        rates.join(", ")
    );
    smoke_with(
        folder.path(),
        &[("[generator]", &vary), ("seeds = 2", "seeds = 100")],
    );
    // The first use builds the binary, which must not be timed.
    succeed(folder.path(), "--version");
    let clock = Instant::now();
    let output = run(folder.path(), "study plan --study study.toml");
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    let words = [
        "study.toml: plan: 900900 runs",
        "1000 variants",
        "at most 50000 are allowed",
    ];
    assert!(words.iter().all(|word| message.contains(word)), "{message}");
    assert!(
        clock.elapsed() < Duration::from_secs(5),
        "{:?}",
        clock.elapsed()
    );
}
