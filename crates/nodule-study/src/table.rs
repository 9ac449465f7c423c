//! One table, four spellings: Markdown, LaTeX, HTML and (for the raw ones) CSV elsewhere.

use maud::{Markup, html};

use crate::report::prose;

/// A table of text for people. Numbers carry their spread and n, or the caption says them.
pub(crate) struct Table {
    /// File name without its ending.
    pub(crate) name: String,
    pub(crate) caption: String,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
}

impl Table {
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
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
        let columns = "l".repeat(self.header.len());
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!(
            "% {}\n\\begin{{tabular}}{{{columns}}}\n\\toprule\n{}\\midrule\n{rows}\\bottomrule\n\\end{{tabular}}\n",
            self.caption,
            line(&self.header),
        )
    }

    pub(crate) fn html(&self) -> Markup {
        html! {
            figure.table {
                figcaption { (self.caption) }
                div.scroll {
                    table {
                        thead { tr { @for cell in &self.header { th { (cell) } } } }
                        tbody { @for row in &self.rows { tr { @for cell in row { td { (prose(cell)) } } } } }
                    }
                }
            }
        }
    }
}

fn escaped(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => out.extend(['\\', c]),
            '±' => out.push_str("$\\pm$"),
            '−' => out.push_str("$-$"),
            _ => out.push(c),
        }
    }
    out
}
