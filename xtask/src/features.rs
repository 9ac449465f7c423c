//! `cargo xtask features`: type checks of every library without features, with each feature and with all, and with the
//! oldest supported Rust if it is installed.

use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::Context;

use crate::package::LIBRARIES;
use crate::process::{self, cargo, read_toml, root, target};

/// Feature that `cargo xtask ci --cuda` checks instead.
const EXCLUDED: &str = "cuda";

/// Runs all checks; stops at the first failure.
pub(crate) fn check_features() -> anyhow::Result<()> {
    for library in LIBRARIES {
        for choice in feature_choices(&read_toml(&format!("crates/{library}/Cargo.toml"))?) {
            let mut check = cargo();
            check.args(["check", "--offline", "--quiet", "--package", library]);
            check.args(&choice).env("RUSTFLAGS", "-D warnings");
            // A separate folder, because other flags would invalidate the usual build.
            check.arg("--target-dir").arg(target().join("features"));
            let clock = Instant::now();
            process::check(check.current_dir(root()))?;
            let seconds = clock.elapsed().as_secs_f64();
            eprintln!("==> {library} {}: {seconds:.0} s", choice.join(" "));
        }
    }
    check_oldest_rust()
}

/// Returns the arguments for no features, each feature alone, and all features but `EXCLUDED`.
fn feature_choices(manifest: &toml::Table) -> Vec<Vec<String>> {
    let table = manifest.get("features").and_then(toml::Value::as_table);
    let features: Vec<_> = table
        .into_iter()
        .flat_map(toml::Table::keys)
        .filter(|name| !["default", EXCLUDED].contains(&name.as_str()))
        .cloned()
        .collect();
    let none = "--no-default-features".to_owned();
    let mut choices = vec![vec![none.clone()]];
    for feature in &features {
        choices.push(vec![none.clone(), "--features".to_owned(), feature.clone()]);
    }
    if !features.is_empty() {
        choices.push(vec!["--features".to_owned(), features.join(",")]);
    }
    choices
}

/// Type-checks all libraries with the declared `rust-version`; prints SKIPPED if it is not installed.
fn check_oldest_rust() -> anyhow::Result<()> {
    let manifest = read_toml("Cargo.toml")?;
    let version = manifest["workspace"]["package"]["rust-version"].as_str();
    let version = version.context("Cargo.toml declares no rust-version")?;
    let mut has = Command::new("rustup");
    has.args(["run", version, "cargo", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    // A missing rustup counts as a missing tool chain.
    if !has.status().is_ok_and(|status| status.success()) {
        let command = format!("rustup toolchain install {version}");
        eprintln!("==> SKIPPED: Rust {version} is not installed: {command}");
        return Ok(());
    }
    eprintln!("==> Rust {version}");
    let mut check = Command::new("rustup");
    check.args(["run", version, "cargo", "check", "--offline"]);
    check.arg("--target-dir").arg(target().join("oldest-rust"));
    for library in LIBRARIES {
        check.args(["--package", library]);
    }
    // These variables of the calling cargo select its own tool chain.
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        check.env_remove(variable);
    }
    process::check(&mut check)
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn choices_are_none_each_and_all() {
        let manifest =
            "[features]\ndefault = [\"npz\", \"png\"]\nnpz = []\npng = [\"dep:image\"]\ncuda = []";
        let choices = |manifest: &str| -> Vec<_> {
            let choices = feature_choices(&manifest.parse().unwrap());
            choices.iter().map(|words| words.join(" ")).collect()
        };
        let none = "--no-default-features";
        let each = ["npz", "png"].map(|name| format!("{none} --features {name}"));
        let [npz, png] = each.each_ref().map(String::as_str);
        assert_eq!(choices(manifest), [none, npz, png, "--features npz,png"]);
        assert_eq!(choices(""), [none]);
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
