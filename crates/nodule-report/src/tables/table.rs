//! One table, four spellings: Markdown, LaTeX, HTML and CSV.

use maud::{Markup, html};

use super::escape::{latex, markdown, one_line, spreadsheet};
use super::links::Links;
use super::prose::prose;
use super::source::Source;
use crate::Error;

/// A table of text for people. Numbers carry their standard deviation or interval, and n, or the caption
/// says them.
pub(crate) struct Table {
    /// File name without its ending.
    pub(crate) name: String,
    pub(crate) caption: String,
    pub(crate) header: Vec<String>,
    pub(crate) rows: Vec<Vec<String>>,
    /// Where its numbers are, one by one.
    pub(crate) source: Source,
}

/// Characters, by what 9 pt of a common font take: of a column of 8.5 cm, of a page of 17.5 cm, of a cell that
/// wraps, and the room between two cells.
const COLUMN: usize = 52;
const PAGE: usize = 110;
const WRAPPED: usize = 25;
const BETWEEN: usize = 2;

impl Table {
    /// For reading, and for code hosts.
    pub(crate) fn markdown(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<_> = cells.iter().map(|cell| markdown(cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let rule = format!("|{}\n", "---|".repeat(self.header.len()));
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!("{}\n\n{}{rule}{rows}", self.caption, line(&self.header))
    }

    /// For the package booktabs.
    pub(crate) fn latex(&self) -> String {
        let line = |cells: &[String]| {
            let cells: Vec<_> = cells.iter().map(|cell| latex(cell)).collect();
            format!("{} \\\\\n", cells.join(" & "))
        };
        let columns: String = (0..self.header.len()).map(|i| self.column(i)).collect();
        let rows: String = self.rows.iter().map(|row| line(row)).collect();
        format!(
            "% {}\n% {}\n\\begin{{tabular}}{{{columns}}}\n\\toprule\n{}\\midrule\n{rows}\\bottomrule\n\\end{{tabular}}\n",
            one_line(&self.caption),
            self.width(),
            line(&self.header),
        )
    }

    /// Where in a paper there is room for it, by the characters of its longest cells.
    fn width(&self) -> &'static str {
        let of_column = |i: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(i));
            let longest = cells
                .chain(self.header.get(i))
                .map(|cell| cell.chars().count());
            match self.column(i) {
                "l" => longest.max().unwrap_or(0),
                _ => WRAPPED,
            }
        };
        let all: usize = (0..self.header.len()).map(|i| of_column(i) + BETWEEN).sum();
        if all <= COLUMN {
            "Narrow: fits a column of a page with two."
        } else if all <= PAGE {
            "Wide: needs the width of a page (table* where there are two columns)."
        } else {
            "Very wide: needs the width of a page and \\resizebox{\\textwidth}{!}{...}, or to be turned (sidewaystable)."
        }
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

    /// With each number linked to its lines of the source, where there are links, and a link to the table
    /// itself.
    pub(crate) fn html(&self, links: Option<&Links>, address: &Markup) -> Markup {
        let link = |row: usize, column: usize| links?.get(row)?.get(column)?.as_ref();
        html! {
            figure class={ "table " (self.name) } {
                figcaption {
                    (prose(&self.caption)) " "
                    @if links.is_some() {
                        "Source: "
                        a href={ "../tables/" (self.source.file) ".csv" } { (self.source.file) ".csv" } ". "
                    }
                    (address)
                }
                div.scroll tabindex="0" role="group" aria-label={ "Table " (self.name) } {
                    table {
                        thead { tr { @for cell in &self.header { th scope="col" { (cell) } } } }
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

    /// As it stands, for spreadsheets: texts and rounded numbers, which have no ASCII signs. The numbers
    /// behind them are in the source.
    ///
    /// # Errors
    /// If it cannot be written.
    pub(crate) fn csv(&self) -> Result<Vec<u8>, Error> {
        let failed = |e: String| Error::made(format!("{}.summary.csv", self.name), e);
        let mut out = csv::Writer::from_writer(Vec::new());
        for row in [&self.header].into_iter().chain(&self.rows) {
            let cells = row.iter().map(|cell| spreadsheet(cell));
            let written = out.write_record(cells.collect::<Vec<_>>());
            written.map_err(|e| failed(e.to_string()))?;
        }
        out.into_inner().map_err(|e| failed(e.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Table {
        Table {
            name: "t".into(),
            caption: "What it\nshows.".into(),
            header: vec!["a_b".into(), "95%".into()],
            rows: vec![vec!["on `both`".into(), "−1 ± 2 | <3".into()]],
            source: Source::whole("results", 1),
        }
    }

    /// A claim with everything in it that means something to somebody.
    fn claimed() -> Table {
        Table {
            rows: vec![vec!["H1".into(), "=1+1 | <b>\nbold</b> & 5%".into()]],
            ..table()
        }
    }

    #[test]
    fn latex_escapes_what_is_its_own() {
        let text = table().latex();
        assert!(
            text.starts_with(
                "% What it shows.\n% Narrow: fits a column of a page with two.\n\\begin"
            ),
            "{text}"
        );
        assert!(text.contains("a\\_b & 95\\% \\\\"), "{text}");
        assert!(
            text.contains("on \\texttt{both} & $-$1 $\\pm$ 2 | $<$3"),
            "{text}"
        );
        assert!(text.contains("\\begin{tabular}{ll}"), "{text}");
        let text = claimed().latex();
        assert!(
            text.contains("H1 & =1+1 | $<$b$>$ bold$<$/b$>$ \\& 5\\% \\\\\n"),
            "{text}"
        );
    }

    #[test]
    fn a_table_for_papers_says_how_wide_it_is() {
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
        let text = claimed().markdown();
        assert!(
            text.ends_with("| H1 | =1+1 \\| \\<b> bold\\</b> & 5% |\n"),
            "{text}"
        );
    }

    #[test]
    fn a_spreadsheet_reads_text_and_the_page_shows_no_tag() {
        let text = String::from_utf8(claimed().csv().unwrap()).unwrap();
        assert_eq!(text, "a_b,95%\nH1,\"'=1+1 | <b>\nbold</b> & 5%\"\n");
        let page = claimed().html(Some(&Links::new()), &html! {}).into_string();
        assert!(
            page.contains("=1+1 | &lt;b&gt;") && !page.contains("<b>"),
            "{page}"
        );
    }
}
