//! Text made harmless in what it is put into: Markdown, LaTeX, a spreadsheet. (HTML and SVG escape where
//! they are written.)

/// As one line of Markdown, in a table or out of it: no line breaks, no raw HTML, no ends of cells.
/// `names` stay code.
pub(crate) fn markdown(text: &str) -> String {
    let text = one_line(text);
    let parts: Vec<_> = text.split('`').collect();
    let part = |(i, part): (usize, &&str)| {
        // A name ends where the next one begins: one that is left open is none.
        let is_name = i % 2 == 1 && i + 1 < parts.len();
        match is_name {
            true => part.replace('|', "\\|"),
            false => plain_markdown(part),
        }
    };
    let parts: Vec<_> = parts.iter().enumerate().map(part).collect();
    parts.join("`")
}

/// Outside of code. A `<` or `&` is escaped only where it would begin a tag or an entity.
fn plain_markdown(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        let special = match c {
            '\\' | '|' => true,
            '<' => next.is_some_and(|n| n.is_ascii_alphabetic() || "/!?".contains(n)),
            '&' => next.is_some_and(|n| n.is_ascii_alphanumeric() || n == '#'),
            _ => false,
        };
        if special {
            out.push('\\');
        }
        out.push(c);
    }
    out
}

/// LaTeX's own characters made harmless; `names` set in typewriter.
pub(crate) fn latex(text: &str) -> String {
    let mut out = String::new();
    let mut in_name = false;
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
                out.push_str(if in_name { "}" } else { "\\texttt{" });
                in_name = !in_name;
            }
            _ => out.push(c),
        }
    }
    if in_name {
        out.push('}');
    }
    out
}

/// Free text as a spreadsheet may hold it: never a formula. For sentences alone: a number begins with a
/// sign.
pub(crate) fn spreadsheet(text: &str) -> String {
    match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{text}"),
        false => text.to_owned(),
    }
}

/// Line breaks, and the spaces around them, as one space.
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
    fn markdown_keeps_its_cells_and_shows_no_html() {
        assert_eq!(
            markdown("a | b\n <b>c</b> <3 & x"),
            "a \\| b \\<b>c\\</b> <3 & x"
        );
        assert_eq!(markdown("`a|<b>` &lt; \\"), "`a\\|<b>` \\&lt; \\\\");
        assert_eq!(markdown("an open `<b>"), "an open `\\<b>");
    }

    #[test]
    fn latex_escapes_what_is_its_own() {
        assert_eq!(latex("a_b\n95%"), "a\\_b 95\\%");
        assert_eq!(
            latex("on `both` −1 ± 2 | <3"),
            "on \\texttt{both} $-$1 $\\pm$ 2 | $<$3"
        );
        assert_eq!(latex("an open `name"), "an open \\texttt{name}");
    }

    #[test]
    fn a_sentence_is_no_formula() {
        for text in ["=1+1", "+1", "-1", "@a", "\tx"] {
            assert_eq!(spreadsheet(text), format!("'{text}"));
        }
        assert_eq!(spreadsheet("1 = 1"), "1 = 1");
    }
}
