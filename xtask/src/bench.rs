//! `cargo xtask bench`: builds the benchmark programs, and calls `xtask/bench/compare.py`, which measures them.

use std::path::PathBuf;
use std::process::Command;

use anyhow::ensure;
use clap::{Args, value_parser};

use crate::process::{cargo, exec, root, run, target};

const EXAMPLES: &str = "Examples:
  cargo xtask bench
  cargo xtask bench --python venv/bin/python          also PyTorch, NumPy, and JAX if installed
  cargo xtask bench --python venv/bin/python --burn   also Burn, which takes minutes to build

Prints tables and writes bench.json. Compare rates within one run only, since the load of a machine varies.";

/// Benchmark training and the generator against PyTorch, JAX, Burn, stock Candle and NumPy.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Bench {
    /// Python with torch and numpy, and jax if it is to be measured [default: python3, without libraries]
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
    /// Also build and measure Burn
    #[arg(long)]
    burn: bool,
    /// Widest vectors that any program may use: no limit, or 256 bits as on most laptops
    #[arg(long, value_parser = ["widest", "avx2"], default_value = "widest")]
    vectors: String,
    /// Number of measurements of each program; the median counts
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = value_parser!(u32).range(1..))]
    rounds: u32,
    /// Only rows whose name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// File for all rates [default: bench.json in cargo's target folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Bench {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let is_limited = self.vectors == "avx2";
        ensure!(
            !is_limited || cfg!(target_arch = "x86_64"),
            "--vectors avx2: needs an x86-64 processor"
        );
        let mut ours = cargo();
        ours.args(["build", "--locked", "--release", "--examples"]);
        ours.args(["-p", "nodule-cli", "-p", "nodule-train"]);
        let built = run(ours.current_dir(root()))?;
        ensure!(built.success(), "cannot build the benchmarks");
        let out = self.out.clone();
        let mut script = Command::new(self.python.as_deref().unwrap_or("python3".as_ref()));
        script.arg(root().join("xtask/bench/compare.py"));
        let programs = target().join("release/examples");
        script.arg("--programs").arg(programs);
        script.args(["--vectors", &self.vectors, "--rounds"]);
        script.arg(self.rounds.to_string());
        let out = out.unwrap_or_else(|| target().join("bench.json"));
        script.arg("--out").arg(out);
        if self.python.is_some() {
            script.arg("--libraries");
        }
        if self.burn {
            script.arg("--burn").arg(build_burn(is_limited)?);
        }
        if let Some(text) = &self.only {
            script.args(["--only", text]);
        }
        exec(&mut script)
    }
}

/// Builds Burn's workspace, with one target folder per vector width, since the features differ.
fn build_burn(is_limited: bool) -> anyhow::Result<PathBuf> {
    let folder = target().join(match is_limited {
        true => "burn_step_avx2",
        false => "burn_step",
    });
    let mut command = cargo();
    command.args(["build", "--locked", "--release", "--target-dir"]);
    command.arg(&folder);
    command.current_dir(root().join("xtask/bench/burn_step"));
    if is_limited {
        command.arg("--no-default-features");
    }
    let built = run(&mut command)?;
    ensure!(built.success(), "cannot build xtask/bench/burn_step");
    Ok(folder.join("release").join("burn_step"))
}
