//! `cargo xtask features`: every library type-checks without features, with each alone and with all; and
//! with the oldest Rust that the manifests declare, where that is installed.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};

use crate::package::LIBRARIES;
use crate::process::{cargo, code, root, run, target};

/// A feature that `cargo xtask ci --cuda` checks instead: it needs a stand-in for nvcc.
const ELSEWHERE: &str = "cuda";

/// Checks all of it; stops at the first that fails.
pub(crate) fn features() -> anyhow::Result<ExitCode> {
    for library in LIBRARIES {
        for choice in choices(&manifest(library)?) {
            let mut check = cargo();
            check.args(["check", "--offline", "--quiet", "--package", library]);
            check.args(&choice).env("RUSTFLAGS", "-D warnings");
            // Of its own, so that the flags do not throw away what others have built.
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
    oldest_rust()
}

/// Without features, with each alone, and as it comes, which is with all but the one left out.
fn choices(manifest: &str) -> Vec<Vec<String>> {
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

/// The names in the table `[features]`, without `default` and what is checked elsewhere.
fn feature_names(manifest: &str) -> Vec<&str> {
    let (_, rest) = manifest.split_once("\n[features]\n").unwrap_or_default();
    let table = rest.split("\n[").next().unwrap_or_default();
    let lines = table.lines().filter(|line| !line.starts_with('#'));
    let names = lines.filter_map(|line| Some(line.split_once('=')?.0.trim()));
    names
        .filter(|name| !["default", ELSEWHERE].contains(name))
        .collect()
}

fn manifest(package: &str) -> anyhow::Result<String> {
    let path = root().join("crates").join(package).join("Cargo.toml");
    fs::read_to_string(&path).with_context(|| format!("{}", path.display()))
}

/// Checks all libraries with the declared `rust-version`, or says that it is not installed.
fn oldest_rust() -> anyhow::Result<ExitCode> {
    let version = declared(&root())?;
    let mut has = Command::new("rustup");
    has.args(["run", &version, "cargo", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // Whatever keeps rustup from running keeps the tool chain from being used.
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
    // The variables of the cargo that runs this name its own tool chain.
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        check.env_remove(variable);
    }
    Ok(code(run(check.current_dir(root()))?))
}

fn declared(root: &Path) -> anyhow::Result<String> {
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
    fn features_are_found_alone_and_together() {
        let manifest = "[package]\n\n[features]\ndefault = [\"npz\", \"png\"]\n# why\nnpz = []\npng = [\"dep:image\"]\ncuda = []\n\n[dev-dependencies]\nx = \"1\"\n";
        assert_eq!(feature_names(manifest), ["npz", "png"]);
        let choices: Vec<_> = choices(manifest).iter().map(|c| c.join(" ")).collect();
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
    fn every_library_of_the_folder_is_in_the_list() {
        let folders = fs::read_dir(root().join("crates")).unwrap();
        let mut found: Vec<_> = folders
            .map(|folder| folder.unwrap().path())
            .filter(|folder| folder.join("src/lib.rs").is_file())
            // A library for Python: nobody takes it from a registry of Rust's.
            .filter(|folder| !folder.ends_with("nodule-py"))
            .map(|folder| folder.file_name().unwrap().to_string_lossy().into_owned())
            .collect();
        found.sort_unstable();
        let mut listed = LIBRARIES.to_vec();
        listed.sort_unstable();
        assert_eq!(found, listed);
    }
}
