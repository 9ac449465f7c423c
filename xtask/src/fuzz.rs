//! `cargo xtask fuzz`: fuzzing of every parser with the harness of `fuzz/`, which needs no nightly Rust.
//!
//! Coverage-guided fuzzing needs nightly Rust and cargo-fuzz: `cargo +nightly fuzz run TARGET --features libfuzzer`.

use std::fs;
use std::process::Command;

use anyhow::{Context, ensure};
use clap::Args;

use crate::process::{cargo, check, root, target};

/// Address space of a target in kilobytes, which stops allocations of a size read from the input.
const MAX_MEMORY: u64 = 8_000_000;

/// Fuzz every parser with damaged inputs, and keep inputs that crash one.
#[derive(Debug, Args)]
pub(crate) struct Fuzz {
    /// Total time, divided among the targets
    #[arg(long, value_name = "N", default_value_t = 5)]
    minutes: u32,
    /// Run only this target: a folder of fuzz/corpus
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Seed of the mutations
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Fuzz {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let folder = root().join("fuzz");
        let targets = self.targets()?;
        let mut build = cargo();
        build.args(["build", "--locked", "--bin", "mutate", "--target-dir"]);
        build.arg(target()).arg("--manifest-path");
        check(build.arg(folder.join("Cargo.toml")).current_dir(root()))?;
        let seconds = u64::from(self.minutes) * 60 / targets.len() as u64;
        let mut worst = Ok(());
        for name in targets {
            let findings = target().join("fuzz").join(&name);
            eprintln!(
                "==> {name}: {seconds} s; findings in {}",
                findings.display()
            );
            let mut command = limited_shell();
            command.arg(target().join("debug").join("mutate"));
            command.args([&name, &seconds.to_string(), &self.seed.to_string()]);
            command
                .arg(folder.join("corpus").join(&name))
                .arg(&findings);
            if let Err(error) = check(&mut command) {
                eprintln!("==> {name}: failed ({error})");
                worst = Err(error);
            }
        }
        worst
    }

    /// Returns the names of the corpus folders, or only `--only`.
    fn targets(&self) -> anyhow::Result<Vec<String>> {
        let corpus = root().join("fuzz/corpus");
        let entries = fs::read_dir(&corpus).with_context(|| format!("{}", corpus.display()))?;
        let names = entries
            .flatten()
            .map(|e| e.file_name().to_string_lossy().into_owned());
        let mut all: Vec<_> = names.collect();
        all.sort();
        if let Some(only) = &self.only {
            let listed = all.join(", ");
            all.retain(|name| name == only);
            ensure!(!all.is_empty(), "--only = {only}: must be one of {listed}");
        }
        Ok(all)
    }
}

/// Returns a shell command that runs its arguments with limited memory.
fn limited_shell() -> Command {
    let mut shell = Command::new("sh");
    let script = format!("ulimit -v {MAX_MEMORY}; exec \"$0\" \"$@\"");
    shell.arg("-c").arg(script);
    // Backtraces of the panics would hide the list of findings.
    shell.env("RUST_BACKTRACE", "0");
    shell
}
