//! Names of functions and closures: verbs or accessors, no bare participles and no `of_x`.

use super::Source;

/// Irregular participles; regular ones end in "ed".
const PARTICIPLES: &str = "asked begun bound built chosen done drawn fallen found given gone got held kept known left \
    lost made meant met said seen shown spent taken thrown told understood written worn";

/// Words that end in "ed" and are verbs or nouns, and accessors that read as predicates of their type.
const ALLOWED: [&str; 9] = [
    "bed", "embed", "exceed", "feed", "need", "proceed", "seed", "speed", "succeed",
];

/// Words before `fn`, after the visibility.
const QUALIFIERS: [&str; 3] = ["const", "async", "unsafe"];

/// Returns line and message of each function or closure with a name that is neither a verb nor an accessor.
pub(super) fn check(source: &Source) -> Vec<(usize, String)> {
    let message = |name: &str| format!("`{name}`: name a function by a verb or a noun");
    let names = source.has_extension("rs").then(|| check_text(&source.text));
    let names = names.into_iter().flatten();
    names.map(|(line, name)| (line, message(name))).collect()
}

fn check_text(text: &str) -> Vec<(usize, &str)> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| !line.trim_start().starts_with("//"))
        .filter_map(|(i, line)| Some((i + 1, defined_name(line)?)))
        .filter(|(_, name)| !is_allowed(name))
        .collect()
}

/// Returns the name that a line defines as a function (`fn NAME`) or as a closure (`let NAME = |`).
fn defined_name(line: &str) -> Option<&str> {
    let code = line.trim_start();
    if let Some((before, rest)) = code.split_once("fn ") {
        let is_qualifier = |word: &str| word.starts_with("pub") || QUALIFIERS.contains(&word);
        let is_definition = before.split_whitespace().all(is_qualifier);
        return is_definition.then(|| rest.split(['(', '<']).next())?;
    }
    let (name, value) = code.strip_prefix("let ")?.split_once(" = ")?;
    let is_closure = value.starts_with('|') || value.starts_with("move |");
    is_closure.then(|| name.trim_start_matches("mut "))
}

fn is_allowed(name: &str) -> bool {
    let is_participle = PARTICIPLES.split_whitespace().any(|word| word == name)
        || (name.ends_with("ed") && !name.contains('_') && !ALLOWED.contains(&name));
    !is_participle && name != "of" && !name.starts_with("of_")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn participles_and_of_are_found() {
        let text = "pub(crate) fn seen(x: u8) {}\nfn of_run<T>() {}\nlet told = |x| x;\nlet mut of = move |x| x;\nfn measured() {}\n";
        let names: Vec<_> = check_text(text).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["seen", "of_run", "told", "of", "measured"]);
    }

    #[test]
    fn verbs_nouns_and_values_are_allowed() {
        let text = "fn measure() {}\nfn is_done() {}\nfn seed() {}\nlet made = 3;\n// fn made()\nfn officer() {}\n";
        assert!(check_text(text).is_empty());
    }
}
