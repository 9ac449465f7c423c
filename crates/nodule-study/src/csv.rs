//! Tables as CSV, in memory: files are written whole. A column's header and its value stand on one line.

use serde::Serialize;

use crate::Error;

/// One field.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// A name or a sentence.
    Text(String),
    /// A count.
    Whole(usize),
    /// A measured number.
    Number(f64),
    /// A measured number of single precision.
    Single(f32),
    /// A number that is not defined, or that there is not: an empty field.
    None(()),
}

/// A column of rows `R`: its header, and what a row has there.
#[derive(Debug, Clone, Copy)]
pub struct Column<R> {
    name: &'static str,
    value: Value<R>,
}

/// How a row's cell is found.
#[derive(Debug, Clone, Copy)]
enum Value<R> {
    Of(fn(&R) -> Cell),
    Nth(usize, fn(&R, usize) -> Cell),
}

/// A CSV file, made.
#[derive(Debug, Clone)]
pub struct CsvFile {
    name: &'static str,
    header: Vec<&'static str>,
    bytes: Vec<u8>,
}

impl<R> Column<R> {
    /// The column of that header.
    pub const fn new(name: &'static str, value: fn(&R) -> Cell) -> Self {
        let value = Value::Of(value);
        Self { name, value }
    }

    /// The column of that header: one of several alike, of which it has the `index`, as that of one
    /// metric.
    pub const fn nth(name: &'static str, index: usize, value: fn(&R, usize) -> Cell) -> Self {
        let value = Value::Nth(index, value);
        Self { name, value }
    }

    fn cell(&self, row: &R) -> Cell {
        match self.value {
            Value::Of(value) => value(row),
            Value::Nth(index, value) => value(row, index),
        }
    }
}

impl CsvFile {
    /// A file called `name` (without its ending): one line a row, under `columns`.
    ///
    /// # Errors
    /// [`Error::Made`] if a row cannot be written.
    pub fn new<R>(
        name: &'static str,
        columns: &[Column<R>],
        rows: impl IntoIterator<Item = R>,
    ) -> Result<Self, Error> {
        let header: Vec<_> = columns.iter().map(|column| column.name).collect();
        let cells = rows.into_iter().map(|row| {
            let cells = columns.iter().map(|column| column.cell(&row));
            cells.collect::<Vec<_>>()
        });
        let bytes = csv_bytes(name, &header, cells)?;
        Ok(Self {
            name,
            header,
            bytes,
        })
    }

    /// Its name, without its ending.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Its header.
    #[must_use]
    pub fn header(&self) -> &[&'static str] {
        &self.header
    }

    /// Its text.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its lines after the header, field by field.
    ///
    /// # Errors
    /// Never: it was written as CSV.
    pub fn records(&self) -> Result<Vec<csv::StringRecord>, Error> {
        let mut reader = csv::Reader::from_reader(self.bytes.as_slice());
        let records = reader.records().collect::<Result<_, _>>();
        records.map_err(|e| Error::made(format!("{}.csv", self.name), e))
    }
}

/// A CSV file's text; `name` names it in messages.
pub(crate) fn csv_bytes(
    name: &str,
    header: &[&str],
    rows: impl Iterator<Item = impl Serialize>,
) -> Result<Vec<u8>, Error> {
    let failed = |e: String| Error::made(format!("{name}.csv"), e);
    let mut out = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    out.write_record(header)
        .map_err(|e| failed(e.to_string()))?;
    for row in rows {
        out.serialize(row).map_err(|e| failed(e.to_string()))?;
    }
    out.into_inner().map_err(|e| failed(e.to_string()))
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<&String> for Cell {
    fn from(text: &String) -> Self {
        Self::Text(text.clone())
    }
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<usize> for Cell {
    fn from(count: usize) -> Self {
        Self::Whole(count)
    }
}

impl From<u8> for Cell {
    fn from(count: u8) -> Self {
        Self::Whole(usize::from(count))
    }
}

impl From<f64> for Cell {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<f32> for Cell {
    fn from(number: f32) -> Self {
        Self::Single(number)
    }
}

impl<T: Into<Cell>> From<Option<T>> for Cell {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::None(()), Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_and_values_come_from_one_line() {
        let columns = [
            Column::new("name", |row: &(&str, Option<f64>)| row.0.into()),
            Column::new("value", |row| row.1.into()),
        ];
        let rows = [("a", Some(1.0)), ("b, c", None)];
        let file = CsvFile::new("t", &columns, rows).unwrap();
        assert_eq!(file.bytes(), b"name,value\na,1.0\n\"b, c\",\n");
        assert_eq!(file.header(), ["name", "value"]);
        assert_eq!(&file.records().unwrap()[1][0], "b, c");
    }
}
