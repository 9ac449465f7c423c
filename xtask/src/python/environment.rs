//! Virtual environments below the target folder, created once and reused.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::ensure;

use crate::process::{run, target};

/// Path of Python in an environment.
const PYTHON: &str = if cfg!(windows) {
    "Scripts/python.exe"
} else {
    "bin/python"
};

/// Returns whether that Python starts and can create environments.
pub(super) fn has_venv(python: &Path) -> bool {
    let mut command = Command::new(python);
    command
        .args(["-c", "import venv, ensurepip"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Creates the environment `name` if needed, installs the packages, and returns its Python.
pub(super) fn create_environment(
    python: &Path,
    name: &str,
    packages: &[&str],
) -> anyhow::Result<PathBuf> {
    let folder = target().join(name);
    let own = folder.join(PYTHON);
    if !own.is_file() {
        eprintln!("==> virtual environment in {}", folder.display());
        let status = run(Command::new(python).args(["-m", "venv"]).arg(&folder))?;
        ensure!(
            status.success(),
            "{} cannot create an environment",
            python.display()
        );
    }
    install(&own, packages)?;
    Ok(own)
}

/// Installs packages, or wheels by path; installed packages stay.
pub(super) fn install(python: &Path, packages: &[&str]) -> anyhow::Result<()> {
    let arguments = [
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
    ];
    let status = run(Command::new(python).args(arguments).args(packages))?;
    ensure!(
        status.success(),
        "pip cannot install {}",
        packages.join(", ")
    );
    Ok(())
}
