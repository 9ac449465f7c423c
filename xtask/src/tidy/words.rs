//! Forbidden words and phrases in code, comments, documents and messages.
//!
//! The list holds private idiom: phrases without an actor ("is asked") and riddles in place of a summary.

use super::Source;

/// Words and phrases that are replaced by who does what: the user, the caller, the run, the report.
const FORBIDDEN: &str = "nobody, whoever, anybody, somebody, is asked, are asked, is told, are told, is said, are said, \
    in words, by which, tell apart, tells apart, told apart, goes by, others', a person, that there is";

/// Beginnings of a doc comment that make it a riddle: it begins with a noun or with "Returns".
const RIDDLES: [&str; 4] = ["What ", "Who ", "Whose ", "Whom "];

/// Files that are left out: history, results, and this list.
const EXCLUDED: [&str; 2] = ["CHANGELOG.md", "xtask/src/tidy/words.rs"];

/// Returns line and message of each forbidden phrase.
pub(super) fn check(source: &Source) -> Vec<(usize, String)> {
    let is_excluded = source.path.to_string_lossy().starts_with("docs/results")
        || EXCLUDED.iter().any(|name| source.path.ends_with(name));
    match is_excluded {
        true => Vec::new(),
        false => check_text(&source.text, source.has_extension("rs")),
    }
}

fn check_text(text: &str, is_rust: bool) -> Vec<(usize, String)> {
    let mut findings = Vec::new();
    let mut was_doc = false;
    for (i, line) in text.lines().enumerate() {
        let lower = line.to_lowercase();
        let found = FORBIDDEN
            .split(", ")
            .filter(|phrase| contains_phrase(&lower, phrase));
        findings.extend(found.map(|phrase| (i + 1, format!("\"{phrase}\": say who does what"))));
        let doc = is_rust.then(|| doc_comment(line)).flatten();
        if let (Some(doc), false) = (doc, was_doc) {
            findings.extend(check_summary(doc).map(|message| (i + 1, message)));
        }
        was_doc = doc.is_some();
    }
    findings
}

/// Checks the first line of a doc comment.
fn check_summary(line: &str) -> Option<String> {
    if let Some(word) = RIDDLES.into_iter().find(|word| line.starts_with(word)) {
        let word = word.trim_end();
        return Some(format!(
            "doc comment begins with \"{word}\": begin with a noun or \"Returns\""
        ));
    }
    line.ends_with('?')
        .then(|| "doc comment is a question: state the purpose".to_owned())
}

fn doc_comment(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let rest = line.strip_prefix("///");
    let rest = rest.or_else(|| line.strip_prefix("//!"))?;
    Some(rest.trim())
}

/// Returns whether `phrase` occurs in `text` with no letter, digit or underscore around it.
fn contains_phrase(text: &str, phrase: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    text.match_indices(phrase).any(|(at, _)| {
        let before = text[..at].chars().next_back();
        let after = text[at + phrase.len()..].chars().next();
        !before.is_some_and(is_word) && !after.is_some_and(is_word)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn phrases_are_found_as_whole_words() {
        let text = "//! Cache of outputs.\nlet is_asked = personal;\n// The Set Is Asked about.\n";
        let findings = check_text(text, true);
        let expected = "\"is asked\": say who does what".to_owned();
        assert_eq!(findings, [(3, expected)]);
        assert!(contains_phrase("for a person.", "a person"));
        assert!(!contains_phrase("a personal note", "a person"));
    }

    #[test]
    fn summaries_that_are_riddles_are_found() {
        let text = "//! What is kept.\n\n/// Returns the\n/// What of it.\nfn f() {}\n/// Is it?\nfn g() {}\n";
        let findings = check_text(text, true).into_iter();
        let lines: Vec<_> = findings.map(|(line, _)| line).collect();
        assert_eq!(lines, [1, 6]);
        assert!(check_text("What is it?\n", false).is_empty());
    }
}
