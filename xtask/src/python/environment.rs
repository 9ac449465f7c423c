//! Virtual environments below the target folder, made once and kept.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::ensure;

use crate::process::{run, target};

/// The name of its Python from the environment's folder.
const PYTHON: &str = if cfg!(windows) {
    "Scripts/python.exe"
} else {
    "bin/python"
};

/// Whether that Python starts and can make environments.
pub(super) fn is_there(python: &Path) -> bool {
    let mut command = Command::new(python);
    command
        .args(["-c", "import venv, ensurepip"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// The Python of the environment called `name`, with these packages in it.
pub(super) fn environment(python: &Path, name: &str, packages: &[&str]) -> anyhow::Result<PathBuf> {
    let folder = target().join(name);
    let own = folder.join(PYTHON);
    if !own.is_file() {
        eprintln!("==> a virtual environment in {}", folder.display());
        let made = run(Command::new(python).args(["-m", "venv"]).arg(&folder))?;
        ensure!(made.success(), "{} makes no environment", python.display());
    }
    install(&own, packages)?;
    Ok(own)
}

/// Installs packages, or wheels by their paths, quietly; what is there stays.
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
