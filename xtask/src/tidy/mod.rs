//! `cargo xtask tidy`: conventions of this workspace that no compiler checks.

mod architecture;
mod files;
mod lists;
mod names;
mod words;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};
use clap::Args;

use crate::process::{Failed, root};

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
    pub(crate) fn run(&self) -> anyhow::Result<()> {
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
        ensure!(findings.is_empty(), Failed(1));
        Ok(())
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
    let sources = read_sources(root, &["*.rs", "*.toml", "*.md"])?;
    let mut faults = files::check_files(&sources);
    faults.extend(architecture::faults(root, &sources)?);
    faults.extend(lists::find_unknown_names(root, &sources)?);
    Ok(faults)
}

/// Returns forbidden words in all texts, and function names that are neither verbs nor accessors.
fn check_language(root: &Path) -> anyhow::Result<Vec<String>> {
    let patterns = ["*.rs", "*.toml", "*.md", "*.txt", "*.py", "*.js", "*.css"];
    let sources = read_sources(root, &patterns)?;
    let check = |source| [words::check(source), names::check(source)].concat();
    let findings = sources.iter().flat_map(|source| {
        let place = source.path.display();
        let findings = check(source).into_iter();
        findings.map(move |(line, message)| format!("{place}:{line}: {message}"))
    });
    Ok(findings.collect())
}

/// A tracked file.
struct Source {
    /// Relative to the root folder.
    path: PathBuf,
    text: String,
}

impl Source {
    fn has_extension(&self, extension: &str) -> bool {
        self.path.extension().is_some_and(|e| e == extension)
    }
}

/// Returns the tracked files that match `patterns`, without those that were moved or deleted since the last commit.
fn read_sources(root: &Path, patterns: &[&str]) -> anyhow::Result<Vec<Source>> {
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
    let source = |name: &str| {
        let text = fs::read_to_string(root.join(name)).ok()?;
        let path = name.into();
        Some(Source { path, text })
    };
    Ok(names.lines().filter_map(source).collect())
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
