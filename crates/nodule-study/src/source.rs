//! Where a table's numbers come from: the lines of the CSV file beside the page, by RFC 7111.

use std::collections::BTreeMap;

/// The CSV file behind a table, and which of its lines are behind a cell.
pub(crate) struct Source {
    /// File name without its ending.
    pub(crate) file: &'static str,
    /// Columns of the file and what a line must hold in them; without any, only the file is linked.
    pub(crate) keys: Vec<(&'static str, Key)>,
    /// The table's first column of numbers.
    pub(crate) first: usize,
}

/// What a line of the file must hold in a column.
pub(crate) enum Key {
    /// This.
    Is(String),
    /// The text of the row in this column of the table.
    Column(usize),
    /// Part of it, where it lists several things.
    Part(usize, usize),
    /// The heading of the cell's own column.
    Heading,
}

/// A CSV file, read for its lines.
pub(crate) struct Lines {
    header: Vec<String>,
    records: Vec<csv::StringRecord>,
}

impl Lines {
    /// Nothing for what is no CSV.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        let mut reader = csv::Reader::from_reader(bytes);
        let header = reader.headers().ok()?.iter().map(str::to_owned).collect();
        let records = reader.records().collect::<Result<_, _>>().ok()?;
        Some(Self { header, records })
    }

    /// Line numbers, the header being line 1, by what the lines hold in those columns.
    fn by(&self, columns: &[&str]) -> Option<BTreeMap<Vec<&str>, Vec<usize>>> {
        let place = |column: &&str| self.header.iter().position(|name| name == column);
        let places = columns.iter().map(place).collect::<Option<Vec<_>>>()?;
        let mut lines = BTreeMap::<_, Vec<usize>>::new();
        for (i, record) in self.records.iter().enumerate() {
            let key: Option<Vec<&str>> = places.iter().map(|p| record.get(*p)).collect();
            lines.entry(key?).or_default().push(i + 2);
        }
        Some(lines)
    }
}

impl Source {
    /// The link of every cell, none where a cell has no lines of its own.
    pub(crate) fn links(
        &self,
        header: &[String],
        rows: &[Vec<String>],
        lines: &Lines,
    ) -> Vec<Vec<Option<String>>> {
        let columns: Vec<_> = self.keys.iter().map(|(column, _)| *column).collect();
        let index = match columns.is_empty() {
            true => None,
            false => lines.by(&columns),
        };
        let cell = |row: &[String], column: usize| {
            let index = index.as_ref().filter(|_| column >= self.first)?;
            let wanted = self.keys.iter().map(|(_, key)| match key {
                Key::Is(text) => Some(text.as_str()),
                Key::Column(i) => row.get(*i).map(String::as_str),
                Key::Part(i, part) => row.get(*i)?.split(", ").nth(*part),
                Key::Heading => header.get(column).map(String::as_str),
            });
            let found = index.get(&wanted.collect::<Option<Vec<_>>>()?)?;
            Some(format!("../tables/{}.csv#row={}", self.file, spans(found)))
        };
        rows.iter()
            .map(|row| (0..row.len()).map(|i| cell(row, i)).collect())
            .collect()
    }
}

/// Line numbers as RFC 7111 lists them: neighbours as a span.
fn spans(lines: &[usize]) -> String {
    let mut spans: Vec<(usize, usize)> = Vec::new();
    for &line in lines {
        match spans.last_mut() {
            Some((_, end)) if *end + 1 == line => *end = line,
            _ => spans.push((line, line)),
        }
    }
    let span = |(start, end): (usize, usize)| match start == end {
        true => start.to_string(),
        false => format!("{start}-{end}"),
    };
    spans.into_iter().map(span).collect::<Vec<_>>().join(";")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_linked_to_the_lines_that_hold_its_keys() {
        let csv = b"run,loss,test,x\na,ce,t1,1\nb,ce,t1,2\nc,ce,t2,3\nd,con,t1,4\ne,ce,t1,5\n";
        let lines = Lines::of(csv).unwrap();
        let source = Source {
            file: "results",
            keys: vec![("test", Key::Part(0, 1)), ("loss", Key::Heading)],
            first: 1,
        };
        let texts = |all: &[&str]| all.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        let links = source.links(
            &texts(&["what", "ce", "con", "none"]),
            &[texts(&["on, t1", "1", "4", "–"])],
            &lines,
        );
        let expected = [None, Some("#row=2-3;6"), Some("#row=5"), None];
        for (link, expected) in links[0].iter().zip(expected) {
            let expected = expected.map(|end| format!("../tables/results.csv{end}"));
            assert_eq!(*link, expected);
        }
    }

    #[test]
    fn a_column_that_is_not_there_links_nothing() {
        let lines = Lines::of(b"run,x\na,1\n").unwrap();
        let source = Source {
            file: "results",
            keys: vec![("loss", Key::Column(0))],
            first: 1,
        };
        let row = vec!["ce".to_owned(), "1".to_owned()];
        assert_eq!(source.links(&[], &[row], &lines), [[None, None]]);
    }
}
