//! Reader of NumPy arrays in npz files.
//!
//! It reads npy versions 1 to 3, both byte orders, floats, integers, booleans and text. It is written by hand because
//! available crates either lack text (ndarray-npy) or multiply the header's lengths unchecked (npyz); here a damaged
//! or hostile file gives an error, and no allocation exceeds the data that the file contains.

use std::collections::BTreeSet;
use std::io::{self, Read, Seek};

use nodule_error::{InvalidInput, conflict};
use zip::ZipArchive;
use zip::result::ZipError;

use crate::entries::count_entries;

/// First bytes of an npy file.
const MAGIC: &[u8] = b"\x93NUMPY";

/// An npz file whose arrays are read by name.
///
/// ```
/// use std::io::Cursor;
///
/// use nodule_images::npz::{Npz, Values};
///
/// # let mut file = ndarray_npy::NpzWriter::new(Cursor::new(Vec::new()));
/// # file.add_array("labels", &ndarray::arr1(&[0u8, 1])).unwrap();
/// # let bytes = file.finish().unwrap().into_inner();
/// // `bytes` is a file that `numpy.savez` wrote with an array `labels`.
/// let mut npz = Npz::new(Cursor::new(bytes), 1 << 20)?;
/// let labels = npz.array("labels")?.unwrap();
/// assert_eq!(labels.shape, [2]);
/// assert_eq!(labels.values, Values::U8(vec![0, 1]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Npz<R> {
    archive: ZipArchive<R>,
    /// Bytes that may still be unpacked.
    remaining: u64,
    /// Whether several arrays have one name.
    has_repeated_name: bool,
}

/// An array of an npz file.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Array {
    /// Length of each dimension; empty for a scalar.
    pub shape: Vec<usize>,
    /// Values in the order of the file.
    pub values: Values,
    /// Whether the first index varies fastest (Fortran order) instead of the last (C order).
    pub is_fortran: bool,
}

/// Values of an [`Array`].
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Values {
    /// float32.
    F32(Vec<f32>),
    /// float64.
    F64(Vec<f64>),
    /// uint8.
    U8(Vec<u8>),
    /// bool.
    Bool(Vec<bool>),
    /// int8, int16, int32, int64, uint16 and uint32.
    I64(Vec<i64>),
    /// uint64.
    U64(Vec<u64>),
    /// Text, without trailing NUL characters.
    Text(Vec<String>),
}

impl<R: Read + Seek> Npz<R> {
    /// Opens an npz file of which at most `max_bytes` are unpacked in total.
    ///
    /// # Errors
    /// If the file cannot be read or is not a zip archive.
    pub fn new(mut reader: R, max_bytes: u64) -> io::Result<Self> {
        let entries = count_entries(&mut reader)?;
        let mut npz = Self {
            archive: ZipArchive::new(reader)?,
            remaining: max_bytes,
            has_repeated_name: false,
        };
        let names = npz.names();
        let distinct: BTreeSet<_> = names.iter().collect();
        npz.has_repeated_name =
            entries.is_some_and(|n| n > names.len()) || distinct.len() < names.len();
        Ok(npz)
    }

    /// Returns the names of all arrays, in the order of the file.
    ///
    /// ```
    /// use std::io::Cursor;
    ///
    /// use nodule_images::npz::Npz;
    ///
    /// # let mut file = ndarray_npy::NpzWriter::new(Cursor::new(Vec::new()));
    /// # file.add_array("group", &ndarray::arr1(&[7i64, 12]))?;
    /// # let bytes = file.finish()?.into_inner();
    /// let npz = Npz::new(Cursor::new(bytes), 1 << 20)?;
    /// assert_eq!(npz.names(), ["group"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.archive
            .file_names()
            .map(|name| name.trim_end_matches(".npy").to_owned())
            .collect()
    }

    /// Returns the array of that name, or `None` if the file has none.
    ///
    /// # Errors
    /// If the array is damaged, has an unsupported type, or exceeds the size limit; if several arrays of the file have
    /// one name.
    ///
    /// ```
    /// use std::io::Cursor;
    ///
    /// use nodule_images::npz::Npz;
    ///
    /// # let mut file = ndarray_npy::NpzWriter::new(Cursor::new(Vec::new()));
    /// # file.add_array("group", &ndarray::arr1(&[7i64, 12]))?;
    /// # let bytes = file.finish()?.into_inner();
    /// let mut npz = Npz::new(Cursor::new(bytes), 1 << 20)?;
    /// assert!(npz.array("group")?.is_some());
    /// assert!(npz.array("labels")?.is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn array(&mut self, name: &str) -> Result<Option<Array>, InvalidInput> {
        if self.has_repeated_name {
            let reason = "several have one name; save each array once with numpy.savez";
            return Err(conflict("arrays", reason));
        }
        let error = |reason: String| conflict(format!("array {name}"), reason);
        let entry = match self.archive.by_name(&format!("{name}.npy")) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(None),
            Err(e) => return Err(error(e.to_string())),
        };
        let mut bytes = Vec::new();
        entry
            .take(self.remaining.saturating_add(1))
            .read_to_end(&mut bytes)
            .map_err(|e| error(e.to_string()))?;
        self.remaining = self
            .remaining
            .checked_sub(bytes.len() as u64)
            .ok_or_else(|| error("is too large to unpack".to_owned()))?;
        parse(&bytes).map(Some).map_err(error)
    }
}

impl Array {
    /// Returns the type and shape of the array for messages, as in `float32 [2, 3]`.
    ///
    /// ```
    /// use std::io::Cursor;
    ///
    /// use nodule_images::npz::Npz;
    ///
    /// # let mut file = ndarray_npy::NpzWriter::new(Cursor::new(Vec::new()));
    /// # file.add_array("group", &ndarray::arr1(&[7i64, 12]))?;
    /// # let bytes = file.finish()?.into_inner();
    /// let mut npz = Npz::new(Cursor::new(bytes), 1 << 20)?;
    /// let group = npz.array("group")?.unwrap();
    /// assert_eq!(group.describe(), "integers [2]");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn describe(&self) -> String {
        let kind = match &self.values {
            Values::F32(_) => "float32",
            Values::F64(_) => "float64",
            Values::U8(_) => "uint8",
            Values::Bool(_) => "bool",
            Values::I64(_) => "integers",
            Values::U64(_) => "uint64",
            Values::Text(_) => "text",
        };
        format!("{kind} {:?}", self.shape)
    }
}

/// Parses the bytes of an npy file.
fn parse(bytes: &[u8]) -> Result<Array, String> {
    let damage_message = || "is cut short or damaged; save it with numpy.savez".to_owned();
    let (header, data) = split_header(bytes).ok_or_else(damage_message)?;
    let dtype = quoted_value(header, "descr")
        .ok_or("is a structured array; save plain arrays of numbers")?;
    let shape = parse_shape(header).ok_or_else(damage_message)?;
    let values = parse_values(dtype, data)
        .ok_or_else(|| match dtype.ends_with('O') {
            true => {
                format!("holds Python objects ({dtype}); save numbers, or text by .astype(str)")
            }
            false => format!("has the unsupported type {dtype}; use float32 or float64"),
        })?
        .ok_or_else(damage_message)?;
    let expected = shape
        .iter()
        .try_fold(1usize, |n, length| n.checked_mul(*length));
    if Some(values.len()) != expected {
        return Err(damage_message());
    }
    Ok(Array {
        shape,
        values,
        is_fortran: header.contains("'fortran_order': True"),
    })
}

/// Splits the bytes into the header's text and the data.
fn split_header(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (length, rest) = match rest.first()? {
        1 => {
            let length = rest.get(2..4)?.try_into().ok()?;
            (usize::from(u16::from_le_bytes(length)), rest.get(4..)?)
        }
        2 | 3 => {
            let length = rest.get(2..6)?.try_into().ok()?;
            (u32::from_le_bytes(length) as usize, rest.get(6..)?)
        }
        _ => return None,
    };
    let header = std::str::from_utf8(rest.get(..length)?).ok()?;
    Some((header, rest.get(length..)?))
}

/// Returns the quoted value of a key in the header.
fn quoted_value<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(&format!("'{key}':"))?;
    let rest = rest.trim_start().strip_prefix('\'')?;
    Some(rest.split_once('\'')?.0)
}

fn parse_shape(header: &str) -> Option<Vec<usize>> {
    let (_, rest) = header.split_once("'shape':")?;
    let inner = rest.split_once('(')?.1.split_once(')')?.0;
    inner
        .split(',')
        .map(str::trim)
        .filter(|text| !text.is_empty())
        .map(|text| text.parse().ok())
        .collect()
}

/// Returns the values in the data: outer `None` for an unsupported type, inner `None` for damaged data.
fn parse_values(dtype: &str, data: &[u8]) -> Option<Option<Values>> {
    let (order, kind) = dtype.split_at_checked(1)?;
    let is_big = order == ">";
    let values = match kind {
        "f4" => decode(data, is_big, f32::from_le_bytes).map(Values::F32),
        "f8" => decode(data, is_big, f64::from_le_bytes).map(Values::F64),
        "u1" => Some(Values::U8(data.to_vec())),
        "b1" => Some(Values::Bool(data.iter().map(|b| *b != 0).collect())),
        "i1" => decode(data, is_big, |b| i8::from_le_bytes(b).into()).map(Values::I64),
        "i2" => decode(data, is_big, |b| i16::from_le_bytes(b).into()).map(Values::I64),
        "i4" => decode(data, is_big, |b| i32::from_le_bytes(b).into()).map(Values::I64),
        "i8" => decode(data, is_big, i64::from_le_bytes).map(Values::I64),
        "u2" => decode(data, is_big, |b| u16::from_le_bytes(b).into()).map(Values::I64),
        "u4" => decode(data, is_big, |b| u32::from_le_bytes(b).into()).map(Values::I64),
        "u8" => decode(data, is_big, u64::from_le_bytes).map(Values::U64),
        text if text.starts_with('U') => decode(data, is_big, u32::from_le_bytes)
            .and_then(|codes| codes.into_iter().map(char::from_u32).collect())
            .and_then(|characters: Vec<char>| {
                let texts = split_texts(&characters, &text[1..])?;
                Some(Values::Text(texts.map(String::from_iter).collect()))
            }),
        text if text.starts_with('S') => {
            let characters: Vec<char> = data.iter().copied().map(char::from).collect();
            let bytes = |text: &[char]| text.iter().map(|c| *c as u8).collect();
            split_texts(&characters, &text[1..]).and_then(|texts| {
                let texts = texts.map(|text| String::from_utf8(bytes(text)).ok());
                texts.collect::<Option<_>>().map(Values::Text)
            })
        }
        _ => return None,
    };
    Some(values)
}

/// Returns texts of `width` characters each, without the NUL characters at their ends; `None` if the data end within
/// a text.
fn split_texts<'a>(
    characters: &'a [char],
    width: &str,
) -> Option<impl Iterator<Item = &'a [char]>> {
    let width = width.parse().ok().filter(|width| *width > 0)?;
    let texts = characters.chunks_exact(width);
    texts.remainder().is_empty().then(|| {
        texts.map(|text| {
            let end = text
                .iter()
                .rposition(|c| *c != '\0')
                .map_or(0, |last| last + 1);
            &text[..end]
        })
    })
}

/// Decodes values of `N` bytes each; `None` if the data end within a value.
fn decode<const N: usize, T>(
    data: &[u8],
    is_big: bool,
    from_le_bytes: impl Fn([u8; N]) -> T,
) -> Option<Vec<T>> {
    let (chunks, rest) = data.as_chunks::<N>();
    rest.is_empty().then(|| {
        chunks
            .iter()
            .map(|chunk| {
                let mut chunk = *chunk;
                if is_big {
                    chunk.reverse();
                }
                from_le_bytes(chunk)
            })
            .collect()
    })
}

impl Values {
    /// Returns the number of values.
    fn len(&self) -> usize {
        match self {
            Self::F32(values) => values.len(),
            Self::F64(values) => values.len(),
            Self::U8(values) => values.len(),
            Self::Bool(values) => values.len(),
            Self::I64(values) => values.len(),
            Self::U64(values) => values.len(),
            Self::Text(values) => values.len(),
        }
    }
}

#[cfg(test)]
mod tests;
