//! The link of every number of a table to the lines it comes from.

use std::collections::BTreeMap;

use nodule_study::csv::CsvFile;

use super::Table;
use crate::Error;

/// Lines that a link lists.
const MOST_LINES: usize = 200;

/// The link of every cell of a table, row by row; none where a cell has no lines of its own.
pub(crate) type Links = Vec<Vec<Option<String>>>;

/// Line numbers, the header being line 1, by what the lines hold in some columns.
type Lines<'a> = BTreeMap<Vec<&'a str>, Vec<usize>>;

/// The links of each of `tables` into `files`. A file is read once, and once more for every set of columns
/// that lines are sought by.
///
/// # Errors
/// If a table names a file or a column that is not there.
pub(crate) fn links<'a>(
    tables: impl IntoIterator<Item = &'a Table>,
    files: &[CsvFile],
) -> Result<Vec<Links>, Error> {
    let tables: Vec<_> = tables.into_iter().collect();
    let mut records = BTreeMap::new();
    for table in &tables {
        let name = table.source.file;
        if !records.contains_key(name) {
            let file = files.iter().find(|file| file.name() == name);
            let file = file.ok_or_else(|| broken(table, &format!("there is no {name}.csv")))?;
            records.insert(name, (file, file.records()?));
        }
    }
    let mut indexes = BTreeMap::new();
    let of_table = |table: &Table| {
        let (file, records) = &records[table.source.file];
        let columns = table.source.columns();
        let key = (file.name(), columns.clone());
        if !indexes.contains_key(&key) {
            let places = places(table, file, &columns)?;
            indexes.insert(key.clone(), lines(records, &places));
        }
        Ok(of_cells(table, &indexes[&key]))
    };
    tables.into_iter().map(of_table).collect()
}

/// Where the columns stand in the file.
fn places(table: &Table, file: &CsvFile, columns: &[&str]) -> Result<Vec<usize>, Error> {
    let place = |column: &&str| {
        let found = file.header().iter().position(|name| name == column);
        found.ok_or_else(|| {
            let reason = format!("{}.csv has no column {column}", file.name());
            broken(table, &reason)
        })
    };
    columns.iter().map(place).collect()
}

fn broken(table: &Table, reason: &str) -> Error {
    let what = format!("the links of the table {}", table.name);
    Error::made(what, reason)
}

fn lines<'a>(records: &'a [csv::StringRecord], places: &[usize]) -> Lines<'a> {
    let mut lines = Lines::new();
    if places.is_empty() {
        return lines;
    }
    for (i, record) in records.iter().enumerate() {
        let key = places.iter().map(|p| record.get(*p).unwrap_or_default());
        lines.entry(key.collect()).or_default().push(i + 2);
    }
    lines
}

fn of_cells(table: &Table, lines: &Lines) -> Links {
    let link = |row: &[String], column: usize| {
        let wanted = table.source.wanted(&table.header, row, column)?;
        let lines = lines.get(&wanted)?;
        let file = table.source.file;
        Some(match lines.len() > MOST_LINES {
            // A list of thousands of lines leads nowhere faster than the file does.
            true => format!("../tables/{file}.csv"),
            false => format!("../tables/{file}.csv#row={}", spans(lines)),
        })
    };
    let row = |row: &Vec<String>| (0..row.len()).map(|i| link(row, i)).collect();
    table.rows.iter().map(row).collect()
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
    use nodule_study::csv::Column;

    use super::super::source::{Key, Source};
    use super::*;

    type Row = [&'static str; 4];

    fn file() -> CsvFile {
        let columns = [
            Column::new("run", |row: &Row| row[0].into()),
            Column::new("loss", |row| row[1].into()),
            Column::new("test", |row| row[2].into()),
            Column::new("x", |row| row[3].into()),
        ];
        let rows = [
            ["a", "ce", "t1", "1"],
            ["b", "ce", "t1", "2"],
            ["c", "ce", "t2", "3"],
            ["d", "con", "t1", "4"],
            ["e", "ce", "t1", "5"],
        ];
        CsvFile::new("results", &columns, rows).unwrap()
    }

    fn table(file: &'static str, keys: Vec<(&'static str, Key)>) -> Table {
        let texts = |all: &[&str]| all.iter().map(|t| (*t).to_owned()).collect::<Vec<_>>();
        Table {
            name: "t".into(),
            caption: String::new(),
            header: texts(&["what", "ce", "con", "none"]),
            rows: vec![texts(&["on, t1", "1", "4", "–"])],
            source: Source {
                file,
                keys,
                first: 1,
            },
        }
    }

    #[test]
    fn a_cell_is_linked_to_the_lines_that_hold_its_keys() {
        let keys = vec![("test", Key::Part(0, 1)), ("loss", Key::Heading)];
        let links = links(&[table("results", keys)], &[file()]).unwrap();
        let expected = [None, Some("#row=2-3;6"), Some("#row=5"), None];
        for (link, expected) in links[0][0].iter().zip(expected) {
            let expected = expected.map(|end| format!("../tables/results.csv{end}"));
            assert_eq!(*link, expected);
        }
    }

    #[test]
    fn a_file_or_a_column_that_is_not_there_is_an_error() {
        let refused = |table: Table| links(&[table], &[file()]).unwrap_err().to_string();
        let message = refused(table("results", vec![("losses", Key::Heading)]));
        assert!(
            message.contains("results.csv has no column losses"),
            "{message}"
        );
        let message = refused(table("result", Vec::new()));
        assert!(message.contains("no result.csv"), "{message}");
    }

    #[test]
    fn a_file_that_is_linked_as_a_whole_has_no_lines() {
        let links = links(&[table("results", Vec::new())], &[file()]).unwrap();
        assert!(links[0][0].iter().all(Option::is_none));
    }
}
