//! `cargo xtask supply-chain`: sources and licences of dependencies.
//!
//! `offline_faults` checks `Cargo.lock` and `cargo tree` without a network; `cargo xtask ci` calls it too. Advisories
//! need cargo-deny, and a bill of materials needs cargo-cyclonedx; without the tool, the step prints SKIPPED.

use anyhow::ensure;
use clap::Args;

use crate::process::{Failed, cargo, check, read_toml, root};

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
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let faults = offline_faults()?;
        for fault in &faults {
            eprintln!("supply chain: {fault}");
        }
        ensure!(faults.is_empty(), Failed(1));
        eprintln!("==> sources, checksums and licences are as deny.toml allows");
        run_if_installed("cargo-deny", "deny --locked check")?;
        if self.sbom {
            let arguments = "cyclonedx --format json --override-filename sbom";
            run_if_installed("cargo-cyclonedx", arguments)?;
        }
        Ok(())
    }
}

/// Runs an optional tool.
fn run_if_installed(tool: &str, arguments: &str) -> anyhow::Result<()> {
    let words: Vec<_> = arguments.split(' ').collect();
    let installed = cargo().args([words[0], "--version"]).output();
    if !installed.is_ok_and(|output| output.status.success()) {
        eprintln!("==> SKIPPED: {tool} is not installed (cargo install --locked {tool})");
        return Ok(());
    }
    eprintln!("==> cargo {arguments}");
    check(cargo().args(words).current_dir(root()))
}

/// Returns violations of `deny.toml` that can be found without a network.
pub(crate) fn offline_faults() -> anyhow::Result<Vec<String>> {
    let deny = read_toml("deny.toml")?;
    let allowed = deny["licenses"]["allow"].as_array().into_iter().flatten();
    let allowed: Vec<_> = allowed.filter_map(toml::Value::as_str).collect();
    ensure!(!allowed.is_empty(), "deny.toml allows no licence");
    let mut faults = check_sources(&read_toml("Cargo.lock")?);
    faults.extend(check_licences(&list_licences()?, &allowed));
    Ok(faults)
}

/// Returns packages from other sources than the registry, or without a checksum. Packages of the workspace have no
/// source.
fn check_sources(lock: &toml::Table) -> Vec<String> {
    let fault = |package: &toml::Value| {
        let field = |name: &str| package.get(name).and_then(toml::Value::as_str);
        let (name, source) = (field("name").unwrap_or_default(), field("source")?);
        if source != REGISTRY {
            return Some(format!(
                "Cargo.lock: {name}: source = {source}: must be {REGISTRY}"
            ));
        }
        let is_missing = field("checksum").is_none();
        is_missing.then(|| format!("Cargo.lock: {name} has no checksum"))
    };
    let packages = lock["package"].as_array().into_iter().flatten();
    packages.filter_map(fault).collect()
}

/// Returns one line per package that is built or linked: `licence|name version`.
fn list_licences() -> anyhow::Result<String> {
    let mut tree = cargo();
    tree.args(["tree", "--workspace", "--locked", "--prefix", "none"]);
    tree.args(["--edges", "normal,build", "--format", "{l}|{p}"]);
    let output = tree.current_dir(root()).output()?;
    let errors = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "cargo tree: {errors}");
    Ok(String::from_utf8(output.stdout)?)
}

fn check_licences(packages: &str, allowed: &[&str]) -> Vec<String> {
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
fn is_satisfied(expression: &str, allowed: &[&str]) -> bool {
    // `/` is the old spelling of OR; parentheses only enclose alternatives.
    let expression = expression.replace('/', " OR ").replace(['(', ')'], " ");
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let one = |name: &str| allowed.contains(&words(name).as_str());
    expression
        .split(" AND ")
        .all(|part| part.split(" OR ").any(one))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_needs_one_of_each_alternative() {
        let allowed = ["MIT", "Unicode-3.0", "Apache-2.0 WITH LLVM-exception"];
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
        let faults = check_sources(&lock.parse().unwrap());
        assert_eq!(faults.len(), 2);
        assert!(faults[0].contains("bare has no checksum"), "{faults:?}");
        assert!(faults[1].contains("fork: source = git+"), "{faults:?}");
    }

    #[test]
    fn dependencies_satisfy_deny_toml() {
        assert_eq!(offline_faults().unwrap(), Vec::<String>::new());
    }
}
