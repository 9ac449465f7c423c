//! A table in four formats: Markdown, LaTeX, HTML and CSV.

use maud::{Markup, html};

use super::escape::{latex, markdown, one_line, spreadsheet};
use super::prose::prose;
use crate::Error;
use crate::text::list;

/// A table of text. Each number has its standard deviation or interval and n, or the caption states them.
pub(crate) struct Table {
    /// File name without extension.
    pub(crate) name: String,
    /// The first sentence is the title; names in backticks are set as code.
    pub(crate) caption: String,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    pub(crate) source: Source,
}

/// The CSV file behind a table.
pub(crate) struct Source {
    /// File name without extension.
    pub(crate) file: &'static str,
    /// Columns of the file that identify the rows behind a number; empty if several rows are combined.
    pub(crate) keys: &'static [&'static str],
}

impl Source {
    pub(super) fn new(file: &'static str, keys: &'static [&'static str]) -> Self {
        Self { file, keys }
    }

    /// Returns a source whose rows are not identified one by one.
    pub(super) fn whole(file: &'static str) -> Self {
        Self { file, keys: &[] }
    }
}

/// Widths in characters of 9 pt text: a column of 8.5 cm, a page of 17.5 cm, a cell that wraps, the gap between cells.
const COLUMN: usize = 52;
const PAGE: usize = 110;
const WRAPPED: usize = 25;
const GAP: usize = 2;
/// Cells with more characters wrap.
const LONGEST_LINE: usize = 40;

impl Table {
    /// Returns the first sentence of the caption.
    pub(crate) fn title(&self) -> &str {
        self.caption
            .split_once(". ")
            .map_or(&self.caption, |(title, _)| title)
    }

    pub(crate) fn markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<_> = cells.iter().map(|cell| markdown(cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule = format!("|{}\n", "---|".repeat(self.header.len()));
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("{}\n\n{}{rule}{rows}", self.caption, line(&self.header))
    }

    /// Returns a LaTeX table for the package booktabs, with caption and width as comments.
    pub(crate) fn latex(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<_> = cells.iter().map(|cell| latex(cell)).collect();
            format!("{} \\\\\n", cells.join(" & "))
        };
        let columns = (0..self.header.len()).map(|i| if self.wraps(i) { "p{4cm}" } else { "l" });
        let columns: String = columns.collect();
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!(
            "% {}\n% {}\n\\begin{{tabular}}{{{columns}}}\n\\toprule\n{}\\midrule\n{rows}\\bottomrule\n\\end{{tabular}}\n",
            one_line(&self.caption),
            self.width_note(),
            line(&self.header),
        )
    }

    /// Returns where the table fits on a printed page, by its longest cells.
    fn width_note(&self) -> &'static str {
        let width = |i: usize| match self.wraps(i) {
            true => WRAPPED,
            false => self.widths(i).max().unwrap_or(0),
        };
        let total: usize = (0..self.header.len()).map(|i| width(i) + GAP).sum();
        if total <= COLUMN {
            "Narrow: fits a column of a page with two."
        } else if total <= PAGE {
            "Wide: needs the width of a page (table* where there are two columns)."
        } else {
            "Very wide: needs the width of a page and \\resizebox{\\textwidth}{!}{...}, or to be turned (sidewaystable)."
        }
    }

    fn wraps(&self, column: usize) -> bool {
        self.widths(column).skip(1).any(|n| n > LONGEST_LINE)
    }

    /// Returns the number of characters of each cell of a column, the heading first.
    fn widths(&self, column: usize) -> impl Iterator<Item = usize> {
        let rows = [&self.header].into_iter().chain(&self.rows);
        let cells = rows.filter_map(move |row| row.get(column));
        cells.map(|cell| cell.chars().count())
    }

    /// Returns the table for the page; `link` is the link to the table itself. Names and links the CSV file if
    /// `has_files`.
    pub(crate) fn html(&self, has_files: bool, link: &Markup) -> Markup {
        html! {
            figure class={ "table " (self.name) } {
                figcaption {
                    (prose(&self.caption)) " "
                    @if has_files { (self.source_note()) " " }
                    (link)
                }
                div.scroll tabindex="0" role="group" aria-label={ "Table " (self.name) } {
                    table {
                        thead { tr { @for cell in &self.header { th scope="col" { (cell) } } } }
                        tbody {
                            @for row in &self.rows {
                                tr { @for cell in row { td { (prose(cell)) } } }
                            }
                        }
                    }
                }
            }
        }
    }

    /// Returns a sentence with the CSV file and the columns that identify the rows behind a number.
    fn source_note(&self) -> Markup {
        let Source { file, keys } = self.source;
        html! {
            "Data: " a href={ "../tables/" (file) ".csv" } { (file) ".csv" }
            @if !keys.is_empty() { ", rows with the same " (list(keys)) }
            "."
        }
    }

    /// Returns the table as CSV: formatted text and rounded numbers. The exact numbers are in the source.
    pub(crate) fn csv(&self) -> Result<Vec<u8>, Error> {
        let failure =
            |reason: String| Error::cannot_make(format!("{}.summary.csv", self.name), reason);
        let mut out = csv::Writer::from_writer(Vec::new());
        for row in [&self.header].into_iter().chain(&self.rows) {
            let cells: Vec<_> = row.iter().map(|cell| spreadsheet(cell)).collect();
            out.write_record(cells)
                .map_err(|e| failure(e.to_string()))?;
        }
        out.into_inner().map_err(|e| failure(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table {
            name: "t".into(),
            caption: "A title. What it\nshows.".into(),
            header: vec!["a_b".into(), "95%".into()],
            rows: vec![vec!["on `both`".into(), "−1 ± 2 | <3".into()]],
            source: Source::new("results", &["train", "test", "loss"]),
        }
    }

    /// A table with special characters of every format.
    fn special() -> Table {
        Table {
            rows: vec![vec!["H1".into(), "=1+1 | <b>\nbold</b> & 5%".into()]],
            ..table()
        }
    }

    #[test]
    fn latex_escapes_special_characters() {
        let text = table().latex();
        assert!(
            text.starts_with(
                "% A title. What it shows.\n% Narrow: fits a column of a page with two.\n\\begin"
            ),
            "{text}"
        );
        assert!(text.contains("a\\_b & 95\\% \\\\"), "{text}");
        assert!(
            text.contains("on \\texttt{both} & $-$1 $\\pm$ 2 | $<$3"),
            "{text}"
        );
        assert!(text.contains("\\begin{tabular}{ll}"), "{text}");
        let text = special().latex();
        assert!(
            text.contains("H1 & =1+1 | $<$b$>$ bold$<$/b$>$ \\& 5\\% \\\\\n"),
            "{text}"
        );
    }

    #[test]
    fn a_latex_table_states_its_width() {
        let mut wide = table();
        wide.header = (0..9).map(|i| format!("a heading {i}")).collect();
        assert!(wide.latex().contains("\n% Very wide: "), "{}", wide.latex());
        wide.header.truncate(6);
        assert!(wide.latex().contains("\n% Wide: "), "{}", wide.latex());
    }

    #[test]
    fn sentences_wrap_in_latex() {
        let mut long = table();
        long.rows[0][0] = "word ".repeat(20);
        assert!(long.latex().contains("{p{4cm}l}"), "{}", long.latex());
    }

    #[test]
    fn markdown_keeps_its_columns() {
        let expected = "| a_b | 95% |\n|---|---|\n| on `both` | −1 ± 2 \\| <3 |\n";
        assert!(table().markdown().ends_with(expected));
        let text = special().markdown();
        assert!(
            text.ends_with("| H1 | =1+1 \\| \\<b> bold\\</b> & 5% |\n"),
            "{text}"
        );
    }

    #[test]
    fn a_spreadsheet_runs_no_formula_and_the_page_shows_no_tag() {
        let text = String::from_utf8(special().csv().unwrap()).unwrap();
        assert_eq!(text, "a_b,95%\nH1,\"'=1+1 | <b>\nbold</b> & 5%\"\n");
        let page = special().html(true, &html! {}).into_string();
        assert!(
            page.contains("=1+1 | &lt;b&gt;") && !page.contains("<b>"),
            "{page}"
        );
    }

    #[test]
    fn the_caption_names_the_file_and_the_rows_behind_a_number() {
        let note = "href=\"../tables/results.csv\">results.csv</a>, rows with the same train, test and loss.";
        let page = table().html(true, &html! {}).into_string();
        assert!(page.contains(note), "{page}");
        assert!(
            !table()
                .html(false, &html! {})
                .into_string()
                .contains("results.csv")
        );
        assert_eq!(table().title(), "A title");
    }
}
