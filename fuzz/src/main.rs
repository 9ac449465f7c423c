//! The stable harness: no coverage, a seeded generator of damage. `mutate TARGET SECONDS SEED CORPUS ARTIFACTS`
//! changes the corpus's inputs until the time is over, and writes what panics or takes long into ARTIFACTS; an
//! input that aborts the process is found there as `running`.

mod mutate;

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use mutate::mutated;
use nodule_fuzz::{TARGETS, scratch};

/// An input that takes longer is a finding.
const SLOW: Duration = Duration::from_secs(10);

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [target, seconds, seed, corpus, artifacts] = arguments.as_slice() else {
        eprintln!("mutate TARGET SECONDS SEED CORPUS ARTIFACTS");
        return ExitCode::from(2);
    };
    let known = TARGETS.iter().find(|(name, _)| name == target);
    let (Some((_, run)), Ok(seconds), Ok(seed)) = (known, seconds.parse(), seed.parse()) else {
        eprintln!("no such target, or no number: {target} {seconds} {seed}");
        return ExitCode::from(2);
    };
    let corpus = inputs(Path::new(corpus));
    let artifacts = PathBuf::from(artifacts);
    fs::create_dir_all(&artifacts).expect("a writable folder");
    let found = fuzz(
        *run,
        Duration::from_secs(seconds),
        seed,
        &corpus,
        &artifacts,
    );
    let _ = fs::remove_dir_all(scratch());
    ExitCode::from(u8::from(found > 0))
}

/// Every file of the corpus, by name.
fn inputs(folder: &Path) -> Vec<Vec<u8>> {
    let entries = fs::read_dir(folder).expect("a folder of inputs");
    let mut paths: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| fs::read(path).expect("a readable input"))
        .collect()
}

/// Runs until the time is over; returns how many inputs are findings.
fn fuzz(run: fn(&[u8]), time: Duration, seed: u64, corpus: &[Vec<u8>], artifacts: &Path) -> usize {
    let (clock, running) = (Instant::now(), artifacts.join("running"));
    let (mut executions, mut found) = (0u64, 0);
    while clock.elapsed() < time {
        // The first are the corpus itself, unharmed.
        let input = match corpus.get(executions as usize) {
            Some(input) => input.clone(),
            None => mutated(corpus, seed, executions),
        };
        fs::write(&running, &input).expect("a writable file");
        let one = Instant::now();
        let panicked = catch_unwind(AssertUnwindSafe(|| run(&input))).is_err();
        if panicked || one.elapsed() > SLOW {
            let kind = if panicked { "panic" } else { "slow" };
            let name = format!("{kind}-{seed}-{executions}");
            fs::write(artifacts.join(&name), &input).expect("a writable file");
            eprintln!("{name}: {:.1} s", one.elapsed().as_secs_f64());
            found += 1;
        }
        executions += 1;
    }
    let _ = fs::remove_file(running);
    println!("{executions} executions, {found} findings");
    found
}
