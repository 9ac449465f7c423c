//! Fuzzing harness for stable Rust, with seeded mutations and without coverage.
//!
//! `mutate TARGET SECONDS SEED CORPUS ARTIFACTS` mutates inputs of the corpus for SECONDS, and writes inputs that panic or
//! are slow into ARTIFACTS. If an input aborts the process, it remains there as `running`.

mod mutate;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mutate::mutate;
use nodule_fuzz::{TARGETS, scratch_folder};

/// An input that takes longer is a finding.
const MAX_TIME: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, seconds, seed, corpus, artifacts] = arguments.as_slice() else {
        eprintln!("mutate TARGET SECONDS SEED CORPUS ARTIFACTS");
        return ExitCode::from(2);
    };
    let target_function = TARGETS.iter().find(|(name, _)| name == target);
    let (Some((_, run)), Ok(seconds), Ok(seed)) = (target_function, seconds.parse(), seed.parse())
    else {
        eprintln!("unknown target or invalid number: {target} {seconds} {seed}");
        return ExitCode::from(2);
    };
    let corpus = read_inputs(Path::new(corpus));
    let artifacts = PathBuf::from(artifacts);
    fs::create_dir_all(&artifacts).expect("a writable folder");
    let time = Duration::from_secs(seconds);
    let findings = fuzz(*run, time, seed, &corpus, &artifacts);
    let _ = fs::remove_dir_all(scratch_folder());
    ExitCode::from(u8::from(findings > 0))
}

/// Reads every file of the corpus, in order of the names.
fn read_inputs(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder of inputs");
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read(path).expect("a readable input"))
        .collect()
}

/// Runs the target for `time` and returns the number of findings.
fn fuzz(run: fn(&[u8]), time: Duration, seed: u64, corpus: &[Vec<u8>], artifacts: &Path) -> usize {
    let (clock, running) = (Instant::now(), artifacts.join("running"));
    let (mut executions, mut findings) = (0u64, 0);
    while clock.elapsed() < time {
        // The first inputs are the corpus itself, without mutations.
        let input = match corpus.get(executions as usize) {
            Some(input) => input.clone(),
            None => mutate(corpus, seed, executions),
        };
        fs::write(&running, &input).expect("a writable file");
        let start = Instant::now();
        let has_panicked = catch_unwind(AssertUnwindSafe(|| run(&input))).is_err();
        if has_panicked || start.elapsed() > MAX_TIME {
            let kind = if has_panicked { "panic" } else { "slow" };
            let name = format!("{kind}-{seed}-{executions}");
            fs::write(artifacts.join(&name), &input).expect("a writable file");
            eprintln!("{name}: {:.1} s", start.elapsed().as_secs_f64());
            findings += 1;
        }
        executions += 1;
    }
    let _ = fs::remove_file(running);
    println!("{executions} executions, {findings} findings");
    findings
}
