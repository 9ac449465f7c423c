//! `cargo xtask features`: type checks of every library without features, with each feature and with all, and with the
//! oldest supported Rust if it is installed.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};

use crate::package::LIBRARIES;
use crate::process::{cargo, code, root, run, target};

/// Feature that `cargo xtask ci --cuda` checks instead.
const EXCLUDED: &str = "cuda";

/// Runs all checks; stops at the first failure.
pub(crate) fn check_features() -> anyhow::Result<ExitCode> {
    for library in LIBRARIES {
        for choice in feature_choices(&read_manifest(library)?) {
            let mut check = cargo();
            check.args(["check", "--offline", "--quiet", "--package", library]);
            check.args(&choice).env("RUSTFLAGS", "-D warnings");
            // A separate folder, because other flags would invalidate the usual build.
            check.arg("--target-dir").arg(target().join("features"));
            let clock = Instant::now();
            let checked = run(check.current_dir(root()))?;
            let seconds = clock.elapsed().as_secs_f64();
            eprintln!("==> {library} {}: {seconds:.0} s", choice.join(" "));
            if !checked.success() {
                return Ok(code(checked));
            }
        }
    }
    check_oldest_rust()
}

/// Returns the arguments for no features, each feature alone, and all features but `EXCLUDED`.
fn feature_choices(manifest: &str) -> Vec<Vec<String>> {
    let features = feature_names(manifest);
    let mut choices = vec![vec!["--no-default-features".to_owned()]];
    choices.extend(features.iter().map(|feature| {
        let words = ["--no-default-features", "--features", feature];
        words.map(str::to_owned).to_vec()
    }));
    if !features.is_empty() {
        choices.push(vec!["--features".to_owned(), features.join(",")]);
    }
    choices
}

/// Returns the names in the table `[features]` without `default` and `EXCLUDED`.
fn feature_names(manifest: &str) -> Vec<&str> {
    let (_, rest) = manifest.split_once("\n[features]\n").unwrap_or_default();
    let table = rest.split("\n[").next().unwrap_or_default();
    table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .filter_map(|line| Some(line.split_once('=')?.0.trim()))
        .filter(|name| !["default", EXCLUDED].contains(name))
        .collect()
}

fn read_manifest(package: &str) -> anyhow::Result<String> {
    let path = root().join("crates").join(package).join("Cargo.toml");
    fs::read_to_string(&path).with_context(|| format!("{}", path.display()))
}

/// Type-checks all libraries with the declared `rust-version`; prints SKIPPED if it is not installed.
fn check_oldest_rust() -> anyhow::Result<ExitCode> {
    let version = rust_version(&root())?;
    let mut has = Command::new("rustup");
    has.args(["run", &version, "cargo", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // A missing rustup counts as a missing tool chain.
    if !has.status().is_ok_and(|status| status.success()) {
        eprintln!(
            "==> SKIPPED: Rust {version} is not installed: rustup toolchain install {version}"
        );
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("==> Rust {version}");
    let mut check = Command::new("rustup");
    check.args(["run", &version, "cargo", "check", "--offline"]);
    check.arg("--target-dir").arg(target().join("oldest-rust"));
    for library in LIBRARIES {
        check.args(["--package", library]);
    }
    // These variables of the calling cargo select its own tool chain.
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        check.env_remove(variable);
    }
    Ok(code(run(check.current_dir(root()))?))
}

fn rust_version(root: &Path) -> anyhow::Result<String> {
    let text = fs::read_to_string(root.join("Cargo.toml")).context("Cargo.toml")?;
    let line = text.lines().find_map(|l| l.strip_prefix("rust-version = "));
    let version = line.unwrap_or_default().trim_matches('"').to_owned();
    ensure!(!version.is_empty(), "Cargo.toml declares no rust-version");
    Ok(version)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_are_none_each_and_all() {
        let manifest = "[package]\n\n[features]\ndefault = [\"npz\", \"png\"]\n# why\nnpz = []\npng = [\"dep:image\"]\ncuda = []\n\n[dev-dependencies]\nx = \"1\"\n";
        assert_eq!(feature_names(manifest), ["npz", "png"]);
        let choices: Vec<_> = feature_choices(manifest)
            .iter()
            .map(|c| c.join(" "))
            .collect();
        assert_eq!(
            choices,
            [
                "--no-default-features",
                "--no-default-features --features npz",
                "--no-default-features --features png",
                "--features npz,png"
            ]
        );
        assert!(feature_names("[package]\n").is_empty());
    }

    #[test]
    fn libraries_lists_every_library_crate() {
        let folders = fs::read_dir(root().join("crates")).unwrap();
        let mut found: Vec<_> = folders
            .map(|folder| folder.unwrap().path())
            .filter(|folder| folder.join("src/lib.rs").is_file())
            // The Python package is not published as a crate.
            .filter(|folder| !folder.ends_with("nodule-py"))
            .map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        found.sort_unstable();
        let mut listed = LIBRARIES.to_vec();
        listed.sort_unstable();
        assert_eq!(found, listed);
    }
}
