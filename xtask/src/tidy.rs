//! The habits of this workspace that no compiler checks, as a check.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, ensure};

/// A Rust file longer than this holds two ideas.
const MOST_LINES: usize = 400;
/// Words that mark unfinished work.
const MARKS: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

/// What is not as the workspace keeps it; empty where all is well.
pub(crate) fn tidy(root: &Path) -> anyhow::Result<Vec<String>> {
    let mut faults = Vec::new();
    for file in tracked_files(root)? {
        let path = root.join(&file);
        let name = file.display();
        let Ok(text) = std::fs::read_to_string(&path) else {
            continue;
        };
        if file.extension().is_some_and(|e| e == "rs") {
            if !text.starts_with("//!") {
                faults.push(format!(
                    "{name}: does not open by saying what it is for (//!)"
                ));
            }
            let lines = text.lines().count();
            if lines > MOST_LINES {
                faults.push(format!("{name}: {lines} lines; at most {MOST_LINES}"));
            }
            faults.extend(marks(&text).map(|mark| format!("{name}: holds a {mark}")));
        }
        if text.lines().any(|line| line.ends_with(' '))
            && file.extension().is_some_and(|e| e != "md")
        {
            faults.push(format!("{name}: a line ends in a space"));
        }
    }
    faults.extend(arrows(root)?);
    Ok(faults)
}

fn tracked_files(root: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let output = Command::new("git")
        .args(["ls-files", "*.rs", "*.toml", "*.md"])
        .current_dir(root)
        .output();
    let output = output.context("git cannot be started")?;
    ensure!(
        output.status.success(),
        "git ls-files failed: is this a checkout?"
    );
    Ok(String::from_utf8(output.stdout)?
        .lines()
        .map(PathBuf::from)
        .collect())
}

fn marks(text: &str) -> impl Iterator<Item = &'static str> + '_ {
    MARKS.into_iter().filter(|mark| text.contains(mark))
}

/// Who may not know whom: the arrows of docs/architecture.md, held against the manifests.
fn arrows(root: &Path) -> anyhow::Result<Vec<String>> {
    let forbidden: [(&str, &[&str]); 6] = [
        (
            "nodule-synth",
            &[
                "candle",
                "nodule-nn",
                "nodule-train",
                "nodule-eval",
                "nodule-study",
            ],
        ),
        (
            "nodule-nn",
            &[
                "nodule-synth",
                "nodule-train",
                "nodule-eval",
                "nodule-study",
            ],
        ),
        (
            "nodule-train",
            &["nodule-synth", "nodule-eval", "nodule-study"],
        ),
        (
            "nodule-eval",
            &["candle", "nodule-nn", "nodule-train", "nodule-study"],
        ),
        (
            "nodule-explain",
            &[
                "nodule-synth",
                "nodule-train",
                "nodule-eval",
                "nodule-study",
            ],
        ),
        ("nodule-study", &["nodule-cli"]),
    ];
    let mut faults = Vec::new();
    for (package, others) in forbidden {
        let path = root.join("crates").join(package).join("Cargo.toml");
        let text = std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
        let depends = |other: &str| text.lines().any(|line| line.starts_with(other));
        let known = others.iter().filter(|other| depends(other));
        faults.extend(known.map(|other| format!("{package} must not depend on {other}")));
    }
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_workspace_is_tidy() {
        let faults = tidy(&crate::process::root()).unwrap();
        assert!(faults.is_empty(), "{}", faults.join("\n"));
    }

    #[test]
    fn marks_are_found() {
        assert_eq!(marks(concat!("// FIX", "ME later")).count(), 1);
        assert_eq!(marks("// nothing").count(), 0);
    }
}
