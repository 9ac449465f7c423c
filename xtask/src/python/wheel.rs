//! `cargo xtask wheel`: one wheel for `CPython` 3.10 and later.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, ensure};
use clap::Args;

use super::environment::{create_environment, has_venv};
use crate::process::{root, run, target};

/// Environment of the build and its packages.
pub(super) const BUILD_ENVIRONMENT: &str = "venv-maturin";
pub(super) const MATURIN: [&str; 1] = ["maturin>=1.9,<2"];

/// Build the wheel of the Python package.
#[derive(Debug, Args)]
pub(crate) struct Wheel {
    /// Python with venv, 3.10 or later
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,
}

impl Wheel {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        ensure!(
            has_venv(&self.python),
            "{} does not start or has no venv: give another --python",
            self.python.display()
        );
        let wheel = build_wheel(&self.python)?;
        println!("{}", wheel.display());
        Ok(())
    }
}

/// Builds the wheel with maturin and returns its path.
pub(super) fn build_wheel(python: &Path) -> anyhow::Result<PathBuf> {
    let with_maturin = create_environment(python, BUILD_ENVIRONMENT, &MATURIN)?;
    let folder = target().join("wheels");
    // Remove wheels of earlier builds.
    if folder.is_dir() {
        fs::remove_dir_all(&folder).with_context(|| folder.display().to_string())?;
    }
    let clock = Instant::now();
    let mut command = Command::new(&with_maturin);
    command
        .args(["-m", "maturin", "build", "--release", "--locked", "--quiet"])
        .args(["--manifest-path", "crates/nodule-py/Cargo.toml", "--out"])
        .arg(&folder)
        .current_dir(root())
        .env("CARGO_TARGET_DIR", target().join("python"));
    let status = run(&mut command)?;
    ensure!(status.success(), "maturin failed");
    let entries = fs::read_dir(&folder).with_context(|| folder.display().to_string())?;
    let wheel = entries
        .flatten()
        .map(|entry| entry.path())
        .find(|path| path.extension().is_some_and(|e| e == "whl"));
    let wheel = wheel.context("maturin wrote no wheel")?;
    let bytes = fs::metadata(&wheel)?.len();
    eprintln!(
        "==> wheel: {:.1} MB, {:.0} s",
        bytes as f64 / 1e6,
        clock.elapsed().as_secs_f64()
    );
    Ok(wheel)
}
