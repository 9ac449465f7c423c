//! `cargo xtask supply-chain`: sources and licences of dependencies.
//!
//! `offline_faults` checks `Cargo.lock` and `cargo tree` without a network; `cargo xtask ci` calls it too. Advisories
//! need cargo-deny, and a bill of materials needs cargo-cyclonedx; without the tool, the step prints SKIPPED.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::{Context, ensure};
use clap::Args;

use crate::process::{cargo, code, root, run};

/// The only allowed source of crates.
const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// Check the sources and licences of dependencies.
#[derive(Debug, Args)]
pub(crate) struct SupplyChain {
    /// Also write a bill of materials (`CycloneDX`) beside each Cargo.toml
    #[arg(long)]
    sbom: bool,
}

impl SupplyChain {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let faults = offline_faults(&root())?;
        for fault in &faults {
            eprintln!("supply chain: {fault}");
        }
        if !faults.is_empty() {
            return Ok(ExitCode::FAILURE);
        }
        eprintln!("==> sources, checksums and licences are as deny.toml allows");
        let deny = ["deny", "--locked", "check"];
        let sbom = [
            "cyclonedx",
            "--format",
            "json",
            "--override-filename",
            "sbom",
        ];
        let steps = [
            (true, "cargo-deny", deny.as_slice()),
            (self.sbom, "cargo-cyclonedx", &sbom),
        ];
        for (is_enabled, tool, arguments) in steps {
            if is_enabled && let Some(failed) = run_if_installed(tool, arguments)? {
                return Ok(failed);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// Runs an optional tool. Returns its exit code if it fails.
fn run_if_installed(tool: &str, arguments: &[&str]) -> anyhow::Result<Option<ExitCode>> {
    let installed = cargo().args([arguments[0], "--version"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        eprintln!("==> SKIPPED: {tool} is not installed (cargo install --locked {tool})");
        return Ok(None);
    }
    eprintln!("==> cargo {}", arguments.join(" "));
    let status = run(cargo().args(arguments).current_dir(root()))?;
    Ok((!status.success()).then(|| code(status)))
}

/// Returns violations of `deny.toml` that can be found without a network.
pub(crate) fn offline_faults(root: &Path) -> anyhow::Result<Vec<String>> {
    let read = |name: &str| fs::read_to_string(root.join(name)).with_context(|| name.to_owned());
    let allowed = allowed_licences(&read("deny.toml")?);
    ensure!(!allowed.is_empty(), "deny.toml allows no licence");
    let mut faults = check_sources(&read("Cargo.lock")?);
    faults.extend(check_licences(&list_licences(root)?, &allowed));
    Ok(faults)
}

/// Returns packages from other sources than the registry, or without a checksum. Packages of the workspace have no
/// source.
fn check_sources(lock: &str) -> Vec<String> {
    let packages = lock.split("[[package]]").skip(1);
    let fault = |package: &str| {
        let field = |name: &str| {
            let line = package.lines().find_map(|line| line.strip_prefix(name));
            line.map(|value| value.trim_matches([' ', '=', '"']))
        };
        let (name, source) = (field("name ").unwrap_or_default(), field("source ")?);
        if source != REGISTRY {
            return Some(format!(
                "Cargo.lock: {name}: source = {source}: must be {REGISTRY}"
            ));
        }
        let is_missing = field("checksum ").is_none();
        is_missing.then(|| format!("Cargo.lock: {name} has no checksum"))
    };
    packages.filter_map(fault).collect()
}

/// Returns one line per package that is built or linked: `licence|name version`.
fn list_licences(root: &Path) -> anyhow::Result<String> {
    let arguments = [
        "tree",
        "--workspace",
        "--locked",
        "--prefix",
        "none",
        "--edges",
        "normal,build",
        "--format",
        "{l}|{p}",
    ];
    let output = cargo().args(arguments).current_dir(root).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo tree: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}

/// Returns the list `allow` of the table `[licenses]`.
fn allowed_licences(deny: &str) -> Vec<String> {
    let table = deny.split("[licenses]").nth(1).unwrap_or_default();
    let list = table.split_once("allow = [").map_or("", |(_, rest)| rest);
    let list = list.split(']').next().unwrap_or_default();
    let names = list.split('"').skip(1).step_by(2);
    names.map(str::to_owned).collect()
}

fn check_licences(packages: &str, allowed: &[String]) -> Vec<String> {
    let mut faults: Vec<_> = packages
        .lines()
        .filter_map(|line| line.split_once('|'))
        .filter(|(licence, _)| !is_satisfied(licence, allowed))
        .map(|(licence, package)| {
            format!("{package}: licence `{licence}` is not allowed by deny.toml")
        })
        .collect();
    faults.sort();
    faults.dedup();
    faults
}

/// Returns whether an SPDX expression is satisfied: one of the licences joined by OR, all of those joined by AND.
fn is_satisfied(expression: &str, allowed: &[String]) -> bool {
    // `/` is the old spelling of OR; parentheses only enclose alternatives.
    let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let one = |name: &str| allowed.contains(&words(name));
    expression
        .split(" AND ")
        .all(|part| part.split(" OR ").any(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_needs_one_of_each_alternative() {
        let allowed = ["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"].map(str::to_owned);
        for met in [
            "MIT",
            "GPL-3.0 OR MIT",
            "Unlicense/MIT",
            "(MIT OR Apache-2.0) AND Unicode-3.0",
            "Apache-2.0 WITH LLVM-exception OR Apache-2.0",
        ] {
            assert!(is_satisfied(met, &allowed), "{met}");
        }
        for unmet in ["", "GPL-3.0", "MIT AND GPL-3.0", "Apache-2.0"] {
            assert!(!is_satisfied(unmet, &allowed), "{unmet}");
        }
    }

    #[test]
    fn names_other_sources_and_missing_checksums() {
        let lock = format!(
            "[[package]]\nname = \"ours\"\n\n[[package]]\nname = \"good\"\nsource = \"{REGISTRY}\"\nchecksum = \"1\"\n\n[[package]]\nname = \"bare\"\nsource = \"{REGISTRY}\"\n\n[[package]]\nname = \"fork\"\nsource = \"git+https://example.org\"\n"
        );
        let faults = check_sources(&lock);
        assert_eq!(faults.len(), 2);
        assert!(faults[0].contains("bare has no checksum"), "{faults:?}");
        assert!(faults[1].contains("fork: source = git+"), "{faults:?}");
    }

    #[test]
    fn dependencies_satisfy_deny_toml() {
        assert_eq!(offline_faults(&root()).unwrap(), Vec::<String>::new());
    }
}
