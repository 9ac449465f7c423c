//! The habits of this workspace that no compiler checks, as a check.

mod architecture;
mod files;
mod lists;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// What is not as the workspace keeps it; empty where all is well.
pub(crate) fn tidy(root: &Path) -> anyhow::Result<Vec<String>> {
    let tracked = tracked_files(root)?;
    let mut faults = files::faults(root, &tracked);
    faults.extend(architecture::faults(root, &tracked)?);
    faults.extend(lists::faults(root, &tracked)?);
    Ok(faults)
}

fn tracked_files(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["ls-files", "*.rs", "*.toml", "*.md"])
        .current_dir(root)
        .output();
    let output = output.context("git cannot be started")?;
    ensure!(
        output.status.success(),
        "git ls-files failed: is this a checkout?"
    );
    let names = String::from_utf8(output.stdout)?;
    let files = names.lines().map(PathBuf::from);
    // What was moved and is not committed yet is still listed.
    Ok(files.filter(|file| root.join(file).is_file()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_is_tidy() {
        let faults = tidy(&crate::process::root()).unwrap();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
