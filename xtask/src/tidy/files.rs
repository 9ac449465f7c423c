//! Checks of single files: a purpose in the first line, the size of files and functions, no unfinished work.

use super::Source;

/// Upper limit on the lines of a Rust file.
const MAX_LINES: usize = 400;
/// Upper limit on the lines of a function.
const MAX_FUNCTION_LINES: usize = 70;
/// First line of a library, whose README states its purpose.
const README: &str = "#![doc = include_str!(\"../README.md\")]";
/// Words that mark unfinished work.
const MARKS: [&str; 3] = [
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
];

/// Returns every violation in `sources`.
pub(super) fn check_files(sources: &[Source]) -> Vec<String> {
    let mut faults = Vec::new();
    for source in sources {
        let (name, text) = (source.path.display(), &source.text);
        if source.has_extension("rs") {
            let found = check_rust(text).into_iter();
            faults.extend(found.map(|fault| format!("{name}: {fault}")));
        }
        if text.lines().any(|line| line.ends_with(' ')) && !source.has_extension("md") {
            faults.push(format!("{name}: a line ends in a space"));
        }
    }
    faults
}

fn check_rust(text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    if !text.starts_with("//!") && !text.starts_with(README) {
        faults.push("has no //! line that states its purpose".to_owned());
    }
    let lines = text.lines().count();
    if lines > MAX_LINES {
        faults.push(format!("{lines} lines; at most {MAX_LINES}"));
    }
    faults.extend(find_marks(text).map(|mark| format!("contains {mark}")));
    let long = long_functions(text).into_iter();
    faults.extend(
        long.map(|(name, n)| {
            format!("function {name} has {n} lines; at most {MAX_FUNCTION_LINES}")
        }),
    );
    faults
}

fn find_marks(text: &str) -> impl Iterator<Item = &'static str> + '_ {
    MARKS.into_iter().filter(|mark| text.contains(mark))
}

/// Returns functions that are too long. In formatted code a function ends at the next closing brace of its indentation.
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
        if n > MAX_FUNCTION_LINES {
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
    fn finds_marks() {
        assert_eq!(find_marks(concat!("// FIX", "ME later")).count(), 1);
        assert_eq!(find_marks("// nothing").count(), 0);
    }

    #[test]
    fn finds_long_functions() {
        let body = "    x();\n".repeat(MAX_FUNCTION_LINES);
        let long = format!("//! A.\npub(crate) fn long(\n    x: u8,\n) {{\n{body}}}\n");
        assert_eq!(long_functions(&long)[0].0, "long");
        let two = format!(
            "fn a() {{\n{0}}}\n\nfn b() {{\n{0}}}\n",
            "    x();\n".repeat(60)
        );
        assert!(long_functions(&two).is_empty());
    }
}
