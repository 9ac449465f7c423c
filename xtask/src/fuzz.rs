//! `cargo xtask fuzz`: damaged inputs for every parser, with the stable harness of `fuzz/`. Guided by coverage, with
//! a nightly tool chain and cargo-fuzz: `cargo +nightly fuzz run TARGET --features libfuzzer`.

use std::fs;
use std::process::{Command, ExitCode};

use anyhow::{Context, ensure};
use clap::Args;

use crate::process::{cargo, code, root, run, target};

/// Kilobytes of address space of a target: who allocates by an input's numbers ends here.
const MOST_MEMORY: u64 = 8_000_000;

/// Feed damaged inputs to every parser, and keep what breaks one.
#[derive(Debug, Args)]
pub(crate) struct Fuzz {
    /// Time in all, shared out among the targets
    #[arg(long, value_name = "N", default_value_t = 5)]
    minutes: u32,
    /// One target alone: a folder of fuzz/corpus
    #[arg(long, value_name = "NAME")]
    only: Option<String>,
    /// Seed of the damage: the same finds the same
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Fuzz {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let folder = root().join("fuzz");
        let targets = self.targets()?;
        let mut build = cargo();
        build.args(["build", "--locked", "--manifest-path"]);
        build
            .arg(folder.join("Cargo.toml"))
            .args(["--bin", "mutate"]);
        build.arg("--target-dir").arg(target());
        let built = run(build.current_dir(root()))?;
        if !built.success() {
            return Ok(code(built));
        }
        let seconds = u64::from(self.minutes) * 60 / targets.len() as u64;
        let mut worst = ExitCode::SUCCESS;
        for name in targets {
            let found = target().join("fuzz").join(&name);
            eprintln!("==> {name}: {seconds} s; findings in {}", found.display());
            let mut command = limited();
            command.arg(target().join("debug").join("mutate"));
            command.args([&name, &seconds.to_string(), &self.seed.to_string()]);
            command.arg(folder.join("corpus").join(&name)).arg(&found);
            let status = run(&mut command)?;
            if !status.success() {
                eprintln!("==> {name}: failed ({status})");
                worst = code(status);
            }
        }
        Ok(worst)
    }

    /// The folders of the corpus, or the one that is asked for.
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

/// Runs what follows with bounded memory, where there is a shell.
fn limited() -> Command {
    let mut shell = Command::new("sh");
    let script = format!("ulimit -v {MOST_MEMORY}; exec \"$0\" \"$@\"");
    shell.arg("-c").arg(script);
    // Panics are findings, counted and kept: a backtrace of each would hide them.
    shell.env("RUST_BACKTRACE", "0");
    shell
}
