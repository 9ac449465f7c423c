//! What a plan would take is said before it begins, and refused where nothing could ever hold it.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::time::{Duration, Instant};

use nodule_tests::{run, smoke_with, succeed};

#[test]
fn a_plan_says_what_it_would_take() {
    let folder = tempfile::tempdir().unwrap();
    for command in [
        "study plan --study paper",
        "study run --dry-run --study paper --jobs 2",
    ] {
        let said = succeed(folder.path(), command);
        let last = said.lines().last().unwrap();
        assert!(
            last.starts_with("estimate: ") && last.contains("MB of memory"),
            "{last}"
        );
        assert!(
            last.contains("side by side") && last.contains(" min"),
            "{last}"
        );
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

/// Terabytes: no machine that runs the tests has them.
#[test]
fn more_than_the_memory_holds_is_refused_unless_forced() {
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
        for word in ["study.toml", "TB", "--force", "side by side"] {
            assert!(message.contains(word), "{message}");
        }
    }
    assert!(!folder.path().join("out").exists());
    let forced = succeed(folder.path(), "study plan --study study.toml --force");
    assert!(forced.contains("18 runs, 0 done"), "{forced}");
}

#[test]
fn a_plan_without_end_is_refused_with_its_count() {
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
    // The binary is built at its first use, which is not what is timed.
    succeed(folder.path(), "--version");
    let clock = Instant::now();
    let output = run(folder.path(), "study plan --study study.toml");
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    let words = [
        "study.toml: plan = 900900 runs",
        "1000 variants",
        "at most 50000 runs",
    ];
    assert!(words.iter().all(|word| message.contains(word)), "{message}");
    assert!(
        clock.elapsed() < Duration::from_secs(5),
        "{:?}",
        clock.elapsed()
    );
}
