//! One table, four spellings: Markdown, LaTeX, HTML and (for the raw ones) CSV elsewhere.

use maud::{Markup, html};

use crate::Error;
use crate::csv_text::csv_bytes;
use crate::prose::prose;
use crate::source::{Lines, Source};

/// A table of text for people. Numbers carry their spread and n, or the caption says them.
pub(crate) struct Table {
    /// File name without its ending.
    pub(crate) name: String,
    pub(crate) caption: String,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    /// Where its numbers are, one by one.
    pub(crate) source: Source,
}

impl Table {
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<_> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule = format!("|{}\n", "---|".repeat(self.header.len()));
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("{}\n\n{}{rule}{rows}", self.caption, line(&self.header))
    }

    /// For the package booktabs.
    pub(crate) fn latex(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<_> = cells.iter().map(|cell| escaped(cell)).collect();
            format!("{} \\\\\n", cells.join(" & "))
        };
        let columns: String = (0..self.header.len()).map(|i| self.column(i)).collect();
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!(
            "% {}\n\\begin{{tabular}}{{{columns}}}\n\\toprule\n{}\\midrule\n{rows}\\bottomrule\n\\end{{tabular}}\n",
            self.caption,
            line(&self.header),
        )
    }

    /// LaTeX's word for a column: sentences wrap.
    fn column(&self, index: usize) -> &'static str {
        const SENTENCE: usize = 40;
        let mut cells = self.rows.iter().filter_map(|row| row.get(index));
        if cells.any(|cell| cell.chars().count() > SENTENCE) {
            "p{4cm}"
        } else {
            "l"
        }
    }

    /// With each number linked to its lines of the source, where `lines` holds that file.
    pub(crate) fn html(&self, lines: Option<&Lines>) -> Markup {
        let links = lines.map(|lines| self.source.links(&self.header, &self.rows, lines));
        let link = |row: usize, column: usize| links.as_ref()?.get(row)?.get(column)?.as_ref();
        html! {
            figure class={ "table " (self.name) } {
                figcaption {
                    (prose(&self.caption)) " Source: "
                    a href={ "../tables/" (self.source.file) ".csv" } { (self.source.file) ".csv" } "."
                }
                div.scroll {
                    table {
                        thead { tr { @for cell in &self.header { th { (cell) } } } }
                        tbody {
                            @for (i, row) in self.rows.iter().enumerate() {
                                tr {
                                    @for (j, cell) in row.iter().enumerate() {
                                        td {
                                            @if let Some(link) = link(i, j) { a href=(link) { (cell) } }
                                            @else { (prose(cell)) }
                                        }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }

    /// As it stands: texts and rounded numbers. The numbers behind them are in the source.
    pub(crate) fn csv(&self) -> Result<Vec<u8>, Error> {
        let header: Vec<&str> = self.header.iter().map(String::as_str).collect();
        csv_bytes(&self.name, &header, self.rows.iter())
    }
}

/// LaTeX's own characters made harmless; `names` set in typewriter.
fn escaped(text: &str) -> String {
    let mut out = String::new();
    let mut in_name = false;
    for c in text.chars() {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table {
            name: "t".into(),
            caption: "What it shows.".into(),
            header: vec!["a_b".into(), "95%".into()],
            rows: vec![vec!["on `both`".into(), "−1 ± 2 | <3".into()]],
            source: Source {
                file: "results",
                keys: Vec::new(),
                first: 1,
            },
        }
    }

    #[test]
    fn latex_escapes_what_is_its_own() {
        let text = table().latex();
        assert!(text.contains("a\\_b & 95\\% \\\\"), "{text}");
        assert!(
            text.contains("on \\texttt{both} & $-$1 $\\pm$ 2 | $<$3"),
            "{text}"
        );
        assert!(text.contains("\\begin{tabular}{ll}"), "{text}");
        assert_eq!(escaped("an open `name"), "an open \\texttt{name}");
    }

    #[test]
    fn sentences_wrap_in_latex() {
        let mut long = table();
        long.rows[0][0] = "word ".repeat(20);
        assert!(long.latex().contains("{p{4cm}l}"), "{}", long.latex());
    }

    #[test]
    fn markdown_keeps_its_columns() {
        let expected =
            "What it shows.\n\n| a_b | 95% |\n|---|---|\n| on `both` | −1 ± 2 \\| <3 |\n";
        assert_eq!(table().markdown(), expected);
    }
}
