//! Calls of other programs, and paths of the workspace.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};

use anyhow::{Context, ensure};

/// Root folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_path_buf()
}

/// Target folder of cargo.
pub(crate) fn target() -> PathBuf {
    root().join(std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into()))
}

/// Reads a TOML file of the workspace, such as a manifest.
pub(crate) fn read_toml(file: &str) -> anyhow::Result<toml::Table> {
    let text = fs::read_to_string(root().join(file)).with_context(|| file.to_owned())?;
    text.parse().with_context(|| file.to_owned())
}

/// Returns a command for the cargo that called this program.
pub(crate) fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command and waits for it.
pub(crate) fn run(command: &mut Command) -> anyhow::Result<ExitStatus> {
    command
        .status()
        .with_context(|| format!("cannot start {}", command.get_program().display()))
}

/// Error: a program or a check failed and reported why itself; the task ends with this exit code.
#[derive(Debug, thiserror::Error)]
#[error("exit code {0}")]
pub(crate) struct Failed(pub(crate) u8);

/// Runs a command that must succeed: [`Failed`] with its exit code, 1 if a signal ended it.
pub(crate) fn check(command: &mut Command) -> anyhow::Result<()> {
    let status = run(command)?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    ensure!(status.success(), Failed(code.unwrap_or(1)));
    Ok(())
}

/// Replaces this process by a command, which then receives its signals and determines its exit code. Waits for the
/// command on systems that cannot replace a process.
pub(crate) fn exec(command: &mut Command) -> anyhow::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt;
        let error = command.exec();
        Err(error).with_context(|| format!("cannot start {}", command.get_program().display()))
    }
    #[cfg(not(unix))]
    check(command)
}
