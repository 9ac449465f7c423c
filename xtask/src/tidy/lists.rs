//! What documents and help texts name must exist: the lists themselves are made from folders and sources,
//! so a name that is gone is the way in which words drift from them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;

/// A flag, and where the names that may follow it are spelled: TOML files of a folder, or sources that
/// hold the name in quotation marks.
const NAMED: [(&str, &[&str]); 7] = [
    ("--profile ", &["crates/nodule-study/data/studies"]),
    ("--study ", &["crates/nodule-study/data/studies"]),
    (
        "--distribution ",
        &["crates/nodule-synth/data/distributions"],
    ),
    ("--loss ", &["crates/nodule-config/src"]),
    (
        "--method ",
        &["crates/nodule-config/src", "crates/nodule-run/src/inspect"],
    ),
    ("--read-out ", &["crates/nodule-eval/src/read_out"]),
    ("--train ", &["crates/nodule-synth/data/distributions"]),
];

pub(super) fn faults(root: &Path, files: &[PathBuf]) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for (flag, folders) in NAMED {
        let known = known(root, folders)?;
        for file in files.iter().filter(|file| is_read_by_people(file)) {
            let text = std::fs::read_to_string(root.join(file)).unwrap_or_default();
            let unknown = names_after(&text, flag).into_iter();
            let unknown = unknown.filter(|name| !known.contains(name));
            faults
                .extend(unknown.map(|name| {
                    format!("{}: {flag}{name}: there is no such name", file.display())
                }));
        }
    }
    Ok(faults)
}

/// Documents, and the help texts of the programs.
fn is_read_by_people(file: &Path) -> bool {
    let document = file.extension().is_some_and(|e| e == "md");
    document
        || file.starts_with("crates/nodule-cli/src")
        || file.starts_with("xtask/src/reproduce.rs")
}

/// Plain names after a flag; what is a file, a stand-in in capitals or a family is left out.
fn names_after(text: &str, flag: &str) -> BTreeSet<String> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-+.".contains(c);
    let names = text.split(flag).skip(1).filter_map(|rest| {
        let end = rest.find(|c: char| !plain(c)).unwrap_or(rest.len());
        let (name, rest) = rest.split_at(end);
        (!rest.starts_with('/')).then(|| name.trim_end_matches('.').to_owned())
    });
    let is_name = |name: &String| {
        !name.is_empty()
            && !name.ends_with(".toml")
            && !name.starts_with("spurious-")
            && name != "my-study"
    };
    names.filter(is_name).collect()
}

fn known(root: &Path, folders: &[&str]) -> anyhow::Result<BTreeSet<String>> {
    let mut names = BTreeSet::new();
    for folder in folders {
        let entries = std::fs::read_dir(root.join(folder)).with_context(|| (*folder).to_owned())?;
        for entry in entries {
            let path = entry?.path();
            match path.extension().and_then(|e| e.to_str()) {
                Some("toml") => {
                    names.extend(path.file_stem().map(|s| s.to_string_lossy().into_owned()));
                }
                Some("rs") => {
                    let text = std::fs::read_to_string(&path)?;
                    names.extend(text.split('"').skip(1).step_by(2).map(str::to_owned));
                }
                _ => {}
            }
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_and_files_are_none() {
        let text = "nodule study run --study quick\nx --study my.toml --study a/b.toml --study FILE|NAME, `--study paper`.";
        let found: Vec<_> = names_after(text, "--study ").into_iter().collect();
        assert_eq!(found, ["paper", "quick"]);
    }
}
