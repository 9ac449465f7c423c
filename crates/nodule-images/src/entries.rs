//! Number of entries of a zip archive. The crate `zip` keeps the last of several with one name.

use std::io::{self, Read, Seek, SeekFrom};

/// First bytes of the record at the end of a zip archive.
const END_OF_ARCHIVE: &[u8] = b"PK\x05\x06";

/// Returns the number of entries that a zip archive declares, which counts repeated names; `None` if it is unknown.
pub(crate) fn count_entries(reader: &mut (impl Read + Seek)) -> io::Result<Option<usize>> {
    // The record of 22 bytes is followed by a comment of at most 65,535 bytes.
    const MAX_RECORD: u64 = 22 + 65_535;
    let length = reader.seek(SeekFrom::End(0))?;
    reader.seek(SeekFrom::Start(length.saturating_sub(MAX_RECORD)))?;
    let mut end = Vec::new();
    reader.read_to_end(&mut end)?;
    let mut starts = end.windows(END_OF_ARCHIVE.len());
    let Some(start) = starts.rposition(|window| window == END_OF_ARCHIVE) else {
        return Ok(None);
    };
    let count = end
        .get(start + 10..start + 12)
        .and_then(|bytes| bytes.try_into().ok());
    let count = count.map(u16::from_le_bytes).filter(|n| *n != u16::MAX);
    Ok(count.map(usize::from))
}
