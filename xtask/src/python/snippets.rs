//! `cargo xtask python`: tests of the scripts of `data/lidc` and of the Python package, and the snippets of
//! docs/python.md.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context, ensure};
use clap::Args;

use super::environment::{create_environment, has_venv, install};
use super::wheel::{BUILD_ENVIRONMENT, MATURIN, build_wheel};
use crate::process::{cargo, check, root, run, target};

/// Packages that the snippets import.
const PACKAGES: [&str; 3] = ["numpy", "pandas", "scikit-learn"];

/// Test the scripts of data/lidc and the Python package, and run the snippets of docs/python.md (those with `PyTorch` only if it is installed).
#[derive(Debug, Args)]
pub(crate) struct Python {
    /// Python with venv, 3.10 or later
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,
    /// Print SKIPPED if pip cannot install the requirements
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
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        if !has_venv(&self.python) {
            let python = self.python.display();
            eprintln!("==> SKIPPED: {python} does not start or has no venv");
            return Ok(());
        }
        let python = match self.create_environments() {
            Err(error) if self.may_skip => {
                eprintln!("==> SKIPPED: {error:#}");
                return Ok(());
            }
            python => python?,
        };
        // The cheapest script first: it needs only NumPy.
        run_script(&python, &["tests/lidc/made_up_crops.py"], None)?;
        run_script(&python, &["-m", "doctest", "xtask/bench/compare.py"], None)?;
        let wheel = build_wheel(&self.python)?;
        // Force the installation, since the version does not change with the package.
        let options = ["--force-reinstall", "--no-deps"];
        install(&python, &[options[0], options[1], &wheel.to_string_lossy()])?;
        let mut build = cargo();
        build.args(["build", "--locked", "--quiet", "--package", "nodule-cli"]);
        let status = run(build.current_dir(root()))?;
        ensure!(status.success(), "cannot build nodule-cli");
        let binaries = target().join("debug");
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(binaries).chain(std::env::split_paths(&inherited));
        let path = std::env::join_paths(folders).context("PATH")?;
        let clock = Instant::now();
        let scripts: [&[&str]; 5] = [
            &["crates/nodule-py/tests/arguments.py"],
            &["crates/nodule-py/tests/files.py"],
            &["crates/nodule-py/tests/errors.py"],
            &["crates/nodule-py/tests/processes.py"],
            &["xtask/python/snippets.py", "docs/python.md"],
        ];
        for arguments in scripts {
            run_script(&python, arguments, Some(&path))?;
        }
        eprintln!(
            "==> checks and snippets: {:.0} s",
            clock.elapsed().as_secs_f64()
        );
        Ok(())
    }

    /// Creates the environments of maturin and of the snippets. Returns the Python of the latter.
    fn create_environments(&self) -> anyhow::Result<PathBuf> {
        create_environment(&self.python, BUILD_ENVIRONMENT, &MATURIN)?;
        create_environment(&self.python, "venv-python", &PACKAGES)
    }
}

/// Prints and runs a script.
fn run_script(python: &Path, arguments: &[&str], path: Option<&OsString>) -> anyhow::Result<()> {
    eprintln!("==> {}", arguments.join(" "));
    let mut command = Command::new(python);
    command.args(arguments).current_dir(root());
    if let Some(path) = path {
        command.env("PATH", path);
    }
    check(&mut command)
}
