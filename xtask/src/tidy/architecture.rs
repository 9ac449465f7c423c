//! The arrows of docs/architecture.md, held against manifests and sources: which crate may not know
//! which, no circles between the folders of a crate, no `x.rs` beside `x/`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;

/// Who may not know whom, by the beginning of the other's name.
const FORBIDDEN: [(&str, &[&str]); 13] = [
    ("nodule-error", &["candle", "nodule-"]),
    ("nodule-seed", &["candle", "nodule-"]),
    (
        "nodule-synth",
        &[
            "candle",
            "nodule-nn",
            "nodule-train",
            "nodule-eval",
            "nodule-explain",
            STUDY,
            BATTERY,
            RUN,
            ANALYSIS,
            REPORT,
        ],
    ),
    (
        "nodule-images",
        &[
            "candle",
            "nodule-synth",
            "nodule-nn",
            "nodule-train",
            "nodule-eval",
            "nodule-explain",
            STUDY,
            BATTERY,
            RUN,
            ANALYSIS,
            REPORT,
        ],
    ),
    (
        "nodule-nn",
        &[
            "nodule-synth",
            "nodule-train",
            "nodule-eval",
            STUDY,
            BATTERY,
            RUN,
            ANALYSIS,
            REPORT,
        ],
    ),
    (
        "nodule-train",
        &[
            "nodule-synth",
            "nodule-eval",
            STUDY,
            BATTERY,
            RUN,
            ANALYSIS,
            REPORT,
        ],
    ),
    (
        "nodule-eval",
        &[
            "candle",
            "nodule-nn",
            "nodule-train",
            STUDY,
            BATTERY,
            RUN,
            ANALYSIS,
            REPORT,
        ],
    ),
    (
        "nodule-explain",
        &[
            "nodule-synth",
            "nodule-train",
            "nodule-eval",
            STUDY,
            BATTERY,
            RUN,
            ANALYSIS,
            REPORT,
        ],
    ),
    (
        STUDY,
        &[
            "candle",
            BATTERY,
            RUN,
            ANALYSIS,
            REPORT,
            "nodule-cli",
            "maud",
            "png",
            "image",
        ],
    ),
    // It measures answers, whoever gave them: no tensor, no page.
    (
        BATTERY,
        &[
            "candle",
            "nodule-nn",
            "nodule-train",
            RUN,
            ANALYSIS,
            REPORT,
            "nodule-cli",
            "maud",
            "png",
            "image",
        ],
    ),
    // A report may be made in an example: only what the crate itself uses counts.
    (
        RUN,
        &[ANALYSIS, REPORT, "nodule-cli", "maud", "png", "image"],
    ),
    // Numbers alone: no page, no figure, no tensor.
    (
        ANALYSIS,
        &[
            "candle",
            "nodule-nn",
            "nodule-train",
            "nodule-explain",
            BATTERY,
            RUN,
            REPORT,
            "nodule-cli",
            "maud",
            "png",
            "image",
        ],
    ),
    (
        REPORT,
        &[
            "candle",
            "nodule-nn",
            "nodule-train",
            "nodule-explain",
            BATTERY,
            RUN,
            "nodule-cli",
        ],
    ),
];
const STUDY: &str = "nodule-study";
const BATTERY: &str = "nodule-battery";
const RUN: &str = "nodule-run";
const ANALYSIS: &str = "nodule-analysis";
const REPORT: &str = "nodule-report";

pub(super) fn faults(root: &Path, files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for (package, others) in FORBIDDEN {
        let manifest = root.join("crates").join(package).join("Cargo.toml");
        let text = std::fs::read_to_string(&manifest)
            .with_context(|| format!("{}", manifest.display()))?;
        let known = dependencies(&text).into_iter();
        let known = known.filter(|name| others.iter().any(|other| name.starts_with(other)));
        faults.extend(known.map(|other| format!("{package} must not depend on {other}")));
    }
    faults.extend(twins(files));
    faults.extend(circles(root, files));
    Ok(faults)
}

/// The crates under `[dependencies]`, without those that only tests and examples use.
fn dependencies(manifest: &str) -> Vec<&str> {
    let (_, rest) = manifest.split_once("[dependencies]").unwrap_or(("", ""));
    let section = rest.split("\n[").next().unwrap_or("");
    let lines = section.lines().filter(|line| !line.starts_with('#'));
    lines
        .filter_map(|line| line.split(['.', ' ', '=']).next())
        .filter(|name| !name.is_empty())
        .collect()
}

/// `x.rs` beside `x/`: two places for one thing.
fn twins(files: &[PathBuf]) -> Vec<String> {
    let folders: BTreeSet<_> = files.iter().filter_map(|file| file.parent()).collect();
    let twin = |file: &&PathBuf| {
        file.extension().is_some_and(|e| e == "rs")
            && folders.contains(file.with_extension("").as_path())
    };
    let found = files.iter().filter(twin);
    found
        .map(|file| format!("{}: stands beside a folder of its name", file.display()))
        .collect()
}

/// What uses what between the top-level modules of one crate.
type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Circles between the top-level modules of each crate.
fn circles(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let mut crates: BTreeMap<String, Arrows> = BTreeMap::new();
    for file in files
        .iter()
        .filter(|f| f.extension().is_some_and(|e| e == "rs"))
    {
        let parts: Vec<_> = file.iter().map(|p| p.to_string_lossy()).collect();
        let ["crates", package, "src", module, ..] =
            parts.iter().map(AsRef::as_ref).collect::<Vec<_>>()[..]
        else {
            continue;
        };
        let module = module.trim_end_matches(".rs");
        if ["lib", "main"].contains(&module) {
            continue;
        }
        let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
        let arrows = crates.entry(package.to_owned()).or_default();
        let used = used_modules(&text)
            .into_iter()
            .filter(|other| other != module);
        arrows.entry(module.to_owned()).or_default().extend(used);
    }
    let found = crates.iter().filter_map(|(package, arrows)| {
        let circle = circle(arrows)?;
        Some(format!("{package}: a circle: {}", circle.join(" -> ")))
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

fn circle(arrows: &Arrows) -> Option<Vec<String>> {
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
    fn a_circle_is_found_and_a_chain_is_none() {
        let arrows = |pairs: &[(&str, &str)]| {
            let mut all = Arrows::new();
            for (a, b) in pairs {
                all.entry((*a).into()).or_default().insert((*b).into());
                all.entry((*b).into()).or_default();
            }
            all
        };
        assert!(circle(&arrows(&[("a", "b"), ("b", "c")])).is_none());
        let found = circle(&arrows(&[("a", "b"), ("b", "c"), ("c", "b")])).unwrap();
        assert_eq!(found, ["b", "c", "b"]);
    }

    #[test]
    fn only_what_the_crate_itself_uses_counts() {
        let manifest = "[package]\nname = \"x\"\n[dependencies]\ncandle-core.workspace = true\n# why\nserde = \"1\"\n\n[dev-dependencies]\nmaud = \"1\"\n";
        assert_eq!(dependencies(manifest), ["candle-core", "serde"]);
    }
}
