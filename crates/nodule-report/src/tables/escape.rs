//! Escaping of free text for Markdown, LaTeX and spreadsheets. (HTML and SVG are escaped where they are written.)

/// Returns text as one line of Markdown without raw HTML or ends of table cells; `names` in backticks stay code.
pub(crate) fn markdown(text: &str) -> String {
    let text = one_line(text);
    let last = text.matches('`').count();
    let parts = text.split('`').enumerate().map(|(i, part)| {
        // A backtick that is not closed begins no code.
        let is_code = i % 2 == 1 && i < last;
        match is_code {
            true => part.replace('|', "\\|"),
            false => escape_markdown(part),
        }
    });
    parts.collect::<Vec<_>>().join("`")
}

/// Escapes text outside of code; `<` and `&` only where they would begin a tag or an entity.
fn escape_markdown(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        let is_special = match c {
            '\\' | '|' => true,
            '<' => next.is_some_and(|n| n.is_ascii_alphabetic() || "/!?".contains(n)),
            '&' => next.is_some_and(|n| n.is_ascii_alphanumeric() || n == '#'),
            _ => false,
        };
        if is_special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// Returns text with the special characters of LaTeX escaped; `names` in backticks are set in typewriter.
pub(crate) fn latex(text: &str) -> String {
    let mut out = String::new();
    let mut in_code = false;
    for c in one_line(text).chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            '\\' => out.push_str("\\textbackslash{}"),
            '^' => out.push_str("\\textasciicircum{}"),
            '~' => out.push_str("\\textasciitilde{}"),
            '<' => out.push_str("$<$"),
            '>' => out.push_str("$>$"),
            '±' => out.push_str("$\\pm$"),
            '−' => out.push_str("$-$"),
            '–' => out.push_str("--"),
            '`' => {
                out.push_str(if in_code { "}" } else { "\\texttt{" });
                in_code = !in_code;
            }
            _ => out.push(c),
        }
    }
    if in_code {
        out.push('}');
    }
    out
}

/// Returns free text that a spreadsheet does not run as a formula. Not for numbers, which may begin with a sign.
pub(crate) fn spreadsheet(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// Replaces line breaks, and the spaces around them, by one space.
pub(crate) fn one_line(text: &str) -> String {
    match text.contains(['\n', '\r']) {
        true => text.split_whitespace().collect::<Vec<_>>().join(" "),
        false => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_has_no_raw_html_or_ends_of_cells() {
        assert_eq!(
            markdown("a | b\n <b>c</b> <3 & x"),
            "a \\| b \\<b>c\\</b> <3 & x"
        );
        assert_eq!(markdown("`a|<b>` &lt; \\"), "`a\\|<b>` \\&lt; \\\\");
        assert_eq!(markdown("an open `<b>"), "an open `\\<b>");
    }

    #[test]
    fn latex_escapes_special_characters() {
        assert_eq!(latex("a_b\n95%"), "a\\_b 95\\%");
        assert_eq!(
            latex("on `both` −1 ± 2 | <3"),
            "on \\texttt{both} $-$1 $\\pm$ 2 | $<$3"
        );
        assert_eq!(latex("an open `name"), "an open \\texttt{name}");
    }

    #[test]
    fn a_sentence_is_not_a_formula() {
        for text in ["=1+1", "+1", "-1", "@a", "\tx"] {
            assert_eq!(spreadsheet(text), format!("'{text}"));
        }
        assert_eq!(spreadsheet("1 = 1"), "1 = 1");
    }
}
