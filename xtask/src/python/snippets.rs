//! `cargo xtask python`: the scripts of `data/lidc` on made-up crops; what the package refuses, and every snippet of
//! docs/python.md, in order, with the wheel and the binary.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, ExitStatus};
use std::time::Instant;

use anyhow::{Context, ensure};
use clap::Args;

use super::environment::{environment, install, is_there};
use super::wheel::{BUILDING, MATURIN, wheel};
use crate::process::{cargo, code, root, run, target};

/// What the snippets import.
const PACKAGES: [&str; 3] = ["numpy", "pandas", "scikit-learn"];

/// Try the scripts of data/lidc, check what the Python package refuses, and run every snippet of docs/python.md; those that need `PyTorch` only where it is installed.
#[derive(Debug, Args)]
pub(crate) struct Python {
    /// A Python with venv, from 3.10 on
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,
    /// Skip it, and say so, where pip cannot install what it needs
    #[arg(long)]
    may_skip: bool,
}

impl Default for Python {
    fn default() -> Self {
        Self {
            python: "python3".into(),
            may_skip: true,
        }
    }
}

impl Python {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        if !is_there(&self.python) {
            let python = self.python.display();
            eprintln!("==> SKIPPED: {python} does not start or has no venv");
            return Ok(ExitCode::SUCCESS);
        }
        let python = match self.environments() {
            Err(error) if self.may_skip => {
                eprintln!("==> SKIPPED: {error:#}");
                return Ok(ExitCode::SUCCESS);
            }
            made => made?,
        };
        // The cheapest first: it needs NumPy alone.
        let status = script(&python, &["tests/lidc/made_up_crops.py"], None)?;
        if !status.success() {
            return Ok(code(status));
        }
        let wheel = wheel(&self.python)?;
        let wheel = wheel.to_string_lossy();
        // The version stays the same while the package changes.
        install(&python, &["--force-reinstall", "--no-deps", &wheel])?;
        let mut build = cargo();
        build.args(["build", "--locked", "--quiet", "--package", "nodule-cli"]);
        let status = run(build.current_dir(root()))?;
        ensure!(status.success(), "nodule-cli does not build");
        let binaries = target().join("debug");
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(binaries).chain(std::env::split_paths(&path));
        let path = std::env::join_paths(path).context("PATH")?;
        let clock = Instant::now();
        let scripts: [&[&str]; 2] = [
            &["crates/nodule-py/tests/errors.py"],
            &["xtask/python/snippets.py", "docs/python.md"],
        ];
        for arguments in scripts {
            let status = script(&python, arguments, Some(&path))?;
            if !status.success() {
                return Ok(code(status));
            }
        }
        eprintln!(
            "==> checks and snippets: {:.0} s",
            clock.elapsed().as_secs_f64()
        );
        Ok(ExitCode::SUCCESS)
    }

    /// The Python of the snippets, with what they import; and that of maturin beside it.
    fn environments(&self) -> anyhow::Result<PathBuf> {
        environment(&self.python, BUILDING, &MATURIN)?;
        environment(&self.python, "venv-python", &PACKAGES)
    }
}

/// Runs a script with its arguments, and says so.
fn script(
    python: &Path,
    arguments: &[&str],
    path: Option<&OsString>,
) -> anyhow::Result<ExitStatus> {
    eprintln!("==> {}", arguments.join(" "));
    let mut command = Command::new(python);
    command.args(arguments).current_dir(root());
    if let Some(path) = path {
        command.env("PATH", path);
    }
    run(&mut command)
}
