//! Tables as CSV, in memory: files are written whole.

use serde::Serialize;

use crate::Error;

/// A CSV file's text; `name` names it in messages.
pub(crate) fn csv_bytes(
    name: &str,
    header: &[&str],
    rows: impl Iterator<Item = impl Serialize>,
) -> Result<Vec<u8>, Error> {
    let failed = |e: String| Error::Record {
        path: format!("{name}.csv").into(),
        reason: e,
    };
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
