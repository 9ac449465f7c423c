//! Dependency rules of docs/architecture.md: crates that must not depend on each other, no cycles between the folders
//! of a crate, no `x.rs` beside `x/`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::{Context, ensure};

use super::Source;
use crate::process::cargo;

/// Packages that must not be in the dependency tree of a crate. `nodule-` stands for every other crate of the workspace.
const FORBIDDEN: &[(&str, &[&[&str]])] = &[
    ("nodule-error", &[TENSORS, &["nodule-"]]),
    ("nodule-seed", &[TENSORS, &["nodule-"]]),
    ("nodule-config", &[TENSORS, NETWORKS, DATA, STUDIES]),
    ("nodule-synth", &[TENSORS, NETWORKS, &[EVAL], STUDIES]),
    (
        "nodule-images",
        &[TENSORS, NETWORKS, &[SYNTH, EVAL], STUDIES],
    ),
    (
        "nodule-eval",
        &[TENSORS, NETWORKS, &[SYNTH, IMAGES], STUDIES],
    ),
    ("nodule-nn", &[DATA, &[TRAIN, EXPLAIN], STUDIES]),
    ("nodule-train", &[DATA, &[EXPLAIN], STUDIES]),
    ("nodule-explain", &[DATA, &[NN, TRAIN], STUDIES]),
    (STUDY, &[TENSORS, NETWORKS, PAGES, &[BATTERY, RUN]]),
    (BATTERY, &[TENSORS, NETWORKS, PAGES, &[RUN]]),
    (RUN, &[PAGES]),
    (
        ANALYSIS,
        &[TENSORS, NETWORKS, &[BATTERY, RUN, REPORT, CLI, "maud"]],
    ),
    (REPORT, &[TENSORS, NETWORKS, &[BATTERY, RUN, CLI]]),
];

const TENSORS: &[&str] = &["candle-core", "tokenizers"];
const NETWORKS: &[&str] = &[NN, TRAIN, EXPLAIN];
const DATA: &[&str] = &[SYNTH, IMAGES, EVAL];
const STUDIES: &[&str] = &[STUDY, BATTERY, RUN, ANALYSIS, REPORT, CLI];
const PAGES: &[&str] = &[ANALYSIS, REPORT, CLI, "maud"];

const NN: &str = "nodule-nn";
const TRAIN: &str = "nodule-train";
const EXPLAIN: &str = "nodule-explain";
const SYNTH: &str = "nodule-synth";
const IMAGES: &str = "nodule-images";
const EVAL: &str = "nodule-eval";
const STUDY: &str = "nodule-study";
const BATTERY: &str = "nodule-battery";
const RUN: &str = "nodule-run";
const ANALYSIS: &str = "nodule-analysis";
const REPORT: &str = "nodule-report";
const CLI: &str = "nodule-cli";

pub(super) fn faults(root: &Path, sources: &[Source]) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for (package, groups) in FORBIDDEN {
        let tree = dependencies(root, package)?;
        for name in groups.iter().copied().flatten() {
            let is_forbidden = |found: &&String| match *name {
                "nodule-" => found.starts_with(name) && found != package,
                _ => found == name,
            };
            let found = tree.iter().filter(is_forbidden);
            faults.extend(found.map(|other| {
                format!("{package} must not depend on {other}: cargo tree -p {package} -i {other}")
            }));
        }
    }
    faults.extend(files_beside_folders(sources));
    faults.extend(find_cycles(sources));
    Ok(faults)
}

/// Returns every package in the dependency tree of `package`, without those of its tests and examples.
fn dependencies(root: &Path, package: &str) -> anyhow::Result<BTreeSet<String>> {
    let mut tree = cargo();
    tree.args(["tree", "--offline", "--edges", "normal,build"]);
    tree.args(["--prefix", "none", "--format", "{p}", "--package", package]);
    let output = tree.current_dir(root).output().context("cargo tree")?;
    ensure!(
        output.status.success(),
        "cargo tree of {package}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let names = text.lines().filter_map(|line| line.split(' ').next());
    Ok(names.map(str::to_owned).collect())
}

/// Returns files `x.rs` beside a folder `x/`.
fn files_beside_folders(sources: &[Source]) -> Vec<String> {
    let files = sources.iter().map(|source| source.path.as_path());
    let folders: BTreeSet<_> = files.filter_map(Path::parent).collect();
    let has_folder = |source: &&Source| {
        source.has_extension("rs") && folders.contains(source.path.with_extension("").as_path())
    };
    let message = |source: &Source| {
        let file = source.path.display();
        format!("{file}: is beside a folder of the same name; use its mod.rs")
    };
    let found = sources.iter().filter(has_folder);
    found.map(message).collect()
}

/// Uses between the top-level modules of one crate.
type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Returns cycles between the top-level modules of each crate.
fn find_cycles(sources: &[Source]) -> Vec<String> {
    let mut crates: BTreeMap<String, Arrows> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.has_extension("rs")) {
        let path = source.path.to_string_lossy();
        let parts: Vec<_> = path.split('/').collect();
        let ["crates", package, "src", module, ..] = parts[..] else {
            continue;
        };
        let module = module.trim_end_matches(".rs");
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let arrows = crates.entry(package.to_owned()).or_default();
        let used = used_modules(&source.text).into_iter();
        let others = used.filter(|other| other != module);
        arrows.entry(module.to_owned()).or_default().extend(others);
    }
    let found = crates.iter().filter_map(|(package, arrows)| {
        let cycle = find_cycle(arrows)?;
        Some(format!(
            "{package}: cycle between modules: {}",
            cycle.join(" -> ")
        ))
    });
    found.collect()
}

/// The modules that a file names by `crate::module`, its tests left out.
fn used_modules(text: &str) -> BTreeSet<String> {
    let code = text.split("#[cfg(test)]").next().unwrap_or(text);
    let code = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let code = code.collect::<Vec<_>>().join("\n");
    let lower = |name: &str| name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
    let names = code.match_indices("crate::").map(|(at, word)| {
        let rest = &code[at + word.len()..];
        rest.split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .unwrap_or("")
            .to_owned()
    });
    names
        .filter(|name| !name.is_empty() && lower(name))
        .collect()
}

fn find_cycle(arrows: &Arrows) -> Option<Vec<String>> {
    arrows.keys().find_map(|start| {
        let mut path = vec![start.clone()];
        back_to(arrows, start, &mut path, &mut BTreeSet::new()).then_some(path)
    })
}

fn back_to(
    arrows: &Arrows,
    start: &str,
    path: &mut Vec<String>,
    seen: &mut BTreeSet<String>,
) -> bool {
    let here = path.last().cloned().unwrap_or_default();
    for next in arrows.get(&here).into_iter().flatten() {
        if next == start {
            path.push(next.clone());
            return true;
        }
        // Functions that are re-exported at the root carry the names of no module.
        if arrows.contains_key(next) && seen.insert(next.clone()) {
            path.push(next.clone());
            if back_to(arrows, start, path, seen) {
                return true;
            }
            path.pop();
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_a_cycle_and_no_chain() {
        let arrows = |pairs: &[(&str, &str)]| {
            let mut all = Arrows::new();
            for (a, b) in pairs {
                all.entry((*a).into()).or_default().insert((*b).into());
                all.entry((*b).into()).or_default();
            }
            all
        };
        assert!(find_cycle(&arrows(&[("a", "b"), ("b", "c")])).is_none());
        let found = find_cycle(&arrows(&[("a", "b"), ("b", "c"), ("c", "b")])).unwrap();
        assert_eq!(found, ["b", "c", "b"]);
    }

    #[test]
    fn the_tree_holds_dependencies_of_dependencies_but_not_those_of_tests() {
        let tree = dependencies(&crate::process::root(), "nodule-eval").unwrap();
        let has = |name: &str| tree.contains(name);
        assert!(has("nodule-error") && has("strsim"));
        assert!(!has("proptest"));
    }
}
