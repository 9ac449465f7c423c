//! Each file by itself: it says what it is for, holds one idea, and no unfinished work.

use std::path::{Path, PathBuf};

/// A Rust file longer than this holds two ideas.
const MOST_LINES: usize = 400;
/// A function longer than this does two things.
const MOST_FUNCTION_LINES: usize = 70;
/// How the front of a library opens: its README says what it is for.
const README: &str = "#![doc = include_str!(\"../README.md\")]";
/// Words that mark unfinished work.
const MARKS: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

pub(super) fn faults(root: &Path, files: &[PathBuf]) -> Vec<String> {
    let mut faults = Vec::new();
    for file in files {
        let Ok(text) = std::fs::read_to_string(root.join(file)) else {
            continue;
        };
        let name = file.display();
        if file.extension().is_some_and(|e| e == "rs") {
            faults.extend(rust(&text).into_iter().map(|f| format!("{name}: {f}")));
        }
        if text.lines().any(|line| line.ends_with(' '))
            && file.extension().is_some_and(|e| e != "md")
        {
            faults.push(format!("{name}: a line ends in a space"));
        }
    }
    faults
}

fn rust(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.starts_with("//!") && !text.starts_with(README) {
        faults.push("does not open by saying what it is for (//!)".to_owned());
    }
    let lines = text.lines().count();
    if lines > MOST_LINES {
        faults.push(format!("{lines} lines; at most {MOST_LINES}"));
    }
    faults.extend(marks(text).map(|mark| format!("holds a {mark}")));
    faults.extend(
        long_functions(text).into_iter().map(|(name, n)| {
            format!("function {name} has {n} lines; at most {MOST_FUNCTION_LINES}")
        }),
    );
    faults
}

fn marks(text: &str) -> impl Iterator<Item = &'static str> + '_ {
    MARKS.into_iter().filter(|mark| text.contains(mark))
}

/// Functions that are too long, by the formatting that `cargo fmt` gives them: one that begins at an
/// indentation ends at the next closing brace there.
fn long_functions(text: &str) -> Vec<(String, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (start, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else {
            continue;
        };
        let indent = line.len() - line.trim_start().len();
        let close = format!("{}}}", " ".repeat(indent));
        let end = lines[start..].iter().position(|line| **line == close);
        let n = end.map_or(0, |end| end + 1);
        if n > MOST_FUNCTION_LINES {
            found.push((name.to_owned(), n));
        }
    }
    found
}

fn function_name(line: &str) -> Option<&str> {
    let code = line.trim_start();
    let (before, rest) = code.split_once("fn ")?;
    let words = ["pub", "pub(crate)", "pub(super)", "const", "async"];
    let is_definition = before.split_whitespace().all(|w| words.contains(&w));
    let opens = !code.ends_with(';') && !code.ends_with('}');
    (is_definition && opens).then(|| rest.split(['(', '<']).next())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn marks_are_found() {
        assert_eq!(marks(concat!("// FIX", "ME later")).count(), 1);
        assert_eq!(marks("// nothing").count(), 0);
    }

    #[test]
    fn long_functions_are_found() {
        let body = "    x();\n".repeat(MOST_FUNCTION_LINES);
        let long = format!("//! A.\npub(crate) fn long(\n    x: u8,\n) {{\n{body}}}\n");
        assert_eq!(long_functions(&long)[0].0, "long");
        let two = format!(
            "fn a() {{\n{0}}}\n\nfn b() {{\n{0}}}\n",
            "    x();\n".repeat(60)
        );
        assert!(long_functions(&two).is_empty());
    }
}
