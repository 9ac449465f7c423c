//! Names in documents and help texts: studies, distributions, losses and methods after an option must exist.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;

use super::Source;

/// Options with the folders that define their values: by TOML files, or by sources with the name in quotation marks.
const OPTIONS: [(&str, &[&str]); 7] = [
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

/// Returns every name after an option that does not exist.
pub(super) fn find_unknown_names(root: &Path, sources: &[Source]) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for (flag, folders) in OPTIONS {
        let known = read_names(root, folders)?;
        for source in sources.iter().filter(|source| is_documentation(source)) {
            let (place, names) = (source.path.display(), names_after(&source.text, flag));
            let unknown = names.difference(&known);
            faults.extend(unknown.map(|name| format!("{place}: {flag}{name}: unknown name")));
        }
    }
    Ok(faults)
}

/// Returns whether a file is a document or contains help texts.
fn is_documentation(source: &Source) -> bool {
    let help = ["crates/nodule-cli/src", "xtask/src/reproduce.rs"];
    source.has_extension("md") || help.iter().any(|path| source.path.starts_with(path))
}

/// Returns the names after an option, without files, placeholders in capitals and families of names.
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

fn read_names(root: &Path, folders: &[&str]) -> anyhow::Result<BTreeSet<String>> {
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
                    if text.contains("serialize_all = \"kebab-case\"") {
                        names.extend(variants(&text).map(to_kebab_case));
                    }
                }
                _ => {}
            }
        }
    }
    Ok(names)
}

/// Returns identifiers that stand alone on a line before a comma, as variants of an enum do.
fn variants(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.trim().strip_suffix(','))
        .filter(|name| {
            name.chars().all(char::is_alphanumeric) && name.starts_with(char::is_uppercase)
        })
}

fn to_kebab_case(name: &str) -> String {
    let mut kebab = String::new();
    for (i, c) in name.char_indices() {
        if c.is_uppercase() && i > 0 {
            kebab.push('-');
        }
        kebab.extend(c.to_lowercase());
    }
    kebab
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_names_and_skips_files() {
        let text = "nodule study run --study quick\nx --study my.toml --study a/b.toml --study FILE|NAME, `--study paper`.";
        let found: Vec<_> = names_after(text, "--study ").into_iter().collect();
        assert_eq!(found, ["paper", "quick"]);
    }

    #[test]
    fn variants_have_names_in_kebab_case() {
        let text = "enum Method {\n    Gradient,\n    GradientXInput,\n    x: u8,\n}\n";
        let names: Vec<_> = variants(text).map(to_kebab_case).collect();
        assert_eq!(names, ["gradient", "gradient-x-input"]);
    }
}
