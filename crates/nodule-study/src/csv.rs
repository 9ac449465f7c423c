//! CSV tables in memory. Each column states its header and its value together.

use serde::Serialize;

use crate::Error;

/// One field of a table.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Cell {
    /// Text.
    Text(String),
    /// Count.
    Whole(usize),
    /// Number in double precision.
    Number(f64),
    /// Number in single precision.
    Single(f32),
    /// Undefined or missing number: an empty field.
    None(()),
}

/// Column of a table whose rows have the type `R`.
#[derive(Debug, Clone, Copy)]
pub struct Column<R> {
    header: &'static str,
    value: Value<R>,
}

#[derive(Debug, Clone, Copy)]
enum Value<R> {
    Single(fn(&R) -> Cell),
    Indexed(usize, fn(&R, usize) -> Cell),
}

/// Finished CSV file in memory.
#[derive(Debug, Clone)]
pub struct CsvFile {
    name: &'static str,
    header: Vec<&'static str>,
    bytes: Vec<u8>,
}

impl<R> Column<R> {
    /// Returns a column with that header.
    pub const fn new(header: &'static str, value: fn(&R) -> Cell) -> Self {
        let value = Value::Single(value);
        Self { header, value }
    }

    /// Returns column `index` of several that share one function, such as one column per metric.
    pub const fn nth(header: &'static str, index: usize, value: fn(&R, usize) -> Cell) -> Self {
        let value = Value::Indexed(index, value);
        Self { header, value }
    }

    fn cell(&self, row: &R) -> Cell {
        match self.value {
            Value::Single(value) => value(row),
            Value::Indexed(index, value) => value(row, index),
        }
    }
}

impl CsvFile {
    /// Writes `rows` under `columns`. `name` is the file's name without its extension.
    ///
    /// ```
    /// use nodule_study::csv::{Column, CsvFile};
    ///
    /// let columns = [
    ///     Column::new("run", |row: &(&str, Option<f64>)| row.0.into()),
    ///     Column::new("auroc", |row| row.1.into()),
    /// ];
    /// let file = CsvFile::new("results", &columns, [("a", Some(0.75)), ("b", None)])?;
    /// assert_eq!(file.bytes(), b"run,auroc\na,0.75\nb,\n");
    /// # Ok::<(), nodule_study::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Made`] if a row cannot be written.
    pub fn new<R>(
        name: &'static str,
        columns: &[Column<R>],
        rows: impl IntoIterator<Item = R>,
    ) -> Result<Self, Error> {
        let header: Vec<_> = columns.iter().map(|column| column.header).collect();
        let cells = rows.into_iter().map(|row| {
            columns
                .iter()
                .map(|column| column.cell(&row))
                .collect::<Vec<_>>()
        });
        let bytes = csv_bytes(name, &header, cells)?;
        Ok(Self {
            name,
            header,
            bytes,
        })
    }

    /// The file's name without its extension.
    #[must_use]
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// The headers.
    #[must_use]
    pub fn header(&self) -> &[&'static str] {
        &self.header
    }

    /// The file's content.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Parses the rows after the header.
    ///
    /// # Errors
    /// Never, since the file was written as CSV.
    pub fn records(&self) -> Result<Vec<csv::StringRecord>, Error> {
        csv::Reader::from_reader(self.bytes.as_slice())
            .records()
            .collect::<Result<_, _>>()
            .map_err(|e| Error::cannot_make(format!("{}.csv", self.name), e))
    }
}

/// Returns the content of a CSV file; `name` names it in messages.
pub(crate) fn csv_bytes(
    name: &str,
    header: &[impl AsRef<[u8]>],
    rows: impl Iterator<Item = impl Serialize>,
) -> Result<Vec<u8>, Error> {
    let error = |e: String| Error::cannot_make(format!("{name}.csv"), e);
    let mut writer = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    writer
        .write_record(header)
        .map_err(|e| error(e.to_string()))?;
    for row in rows {
        writer.serialize(row).map_err(|e| error(e.to_string()))?;
    }
    writer.into_inner().map_err(|e| error(e.to_string()))
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
    fn rows_follow_the_columns_and_undefined_numbers_are_empty() {
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
