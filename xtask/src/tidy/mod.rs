//! `cargo xtask tidy`: conventions of this workspace that no compiler checks.

mod architecture;
mod files;
mod lists;
mod names;
mod words;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, ensure};
use clap::Args;

use crate::process::root;

/// Check conventions that no compiler checks: structure, file sizes, names and language.
#[derive(Debug, Args)]
pub(crate) struct Tidy {
    /// Check words and function names only
    #[arg(long)]
    language: bool,
    /// Only files below these folders [default: all tracked files]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
}

impl Tidy {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let mut findings = match self.language {
            true => check_language(&root())?,
            false => tidy(&root())?,
        };
        findings.retain(|finding| {
            let is_below = |path: &PathBuf| finding.starts_with(&*path.to_string_lossy());
            self.paths.is_empty() || self.paths.iter().any(is_below)
        });
        for finding in &findings {
            println!("{finding}");
        }
        eprintln!("{} findings", findings.len());
        Ok(match findings.is_empty() {
            true => ExitCode::SUCCESS,
            false => ExitCode::FAILURE,
        })
    }
}

/// Returns every violation that fails `cargo xtask ci`.
pub(crate) fn tidy(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut findings = check_language(root)?;
    findings.extend(check_structure(root)?);
    Ok(findings)
}

/// Returns violations of structure: dependencies, cycles, file sizes, names that documents mention.
fn check_structure(root: &Path) -> anyhow::Result<Vec<String>> {
    let tracked = tracked_files(root, &["*.rs", "*.toml", "*.md"])?;
    let mut faults = files::check_files(root, &tracked);
    faults.extend(architecture::faults(root, &tracked)?);
    faults.extend(lists::find_unknown_names(root, &tracked)?);
    Ok(faults)
}

/// Returns forbidden words in all texts, and function names that are neither verbs nor accessors.
fn check_language(root: &Path) -> anyhow::Result<Vec<String>> {
    let tracked = tracked_files(
        root,
        &["*.rs", "*.toml", "*.md", "*.txt", "*.py", "*.js", "*.css"],
    )?;
    let mut findings = words::find_words(root, &tracked);
    findings.extend(names::find_names(root, &tracked));
    Ok(findings)
}

/// Returns the tracked files that match `patterns`, relative to `root`.
fn tracked_files(root: &Path, patterns: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .arg("ls-files")
        .args(patterns)
        .current_dir(root)
        .output()
        .context("cannot start git")?;
    ensure!(
        output.status.success(),
        "git ls-files failed: run this in a git checkout"
    );
    let names = String::from_utf8(output.stdout)?;
    // Skip files that were moved or deleted since the last commit.
    let is_present = |file: &PathBuf| root.join(file).is_file();
    Ok(names
        .lines()
        .map(PathBuf::from)
        .filter(is_present)
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_is_tidy() {
        let faults = tidy(&root()).unwrap();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }
}
