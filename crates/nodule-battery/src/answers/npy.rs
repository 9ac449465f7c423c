//! One array of an npz file, in NumPy's format (versions 1 to 3): its type, shape and values.

use nodule_error::{InvalidInput, invalid_value};

/// More values than anyone answers with: 16 GB of them.
const MOST: u64 = 1 << 31;

/// An array as the file holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Array {
    pub(super) shape: Vec<usize>,
    pub(super) values: Values,
}

/// The kinds of values that answers may hold.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Values {
    /// Float16, float32 and float64 are not told apart: answers are measured in f32.
    Numbers(Vec<f32>),
    Integers(Vec<u64>),
    /// A text, or several: only the first matters.
    Text(String),
}

/// Parses the bytes of a `.npy` called `name`.
pub(super) fn parse(name: &str, bytes: &[u8]) -> Result<Array, InvalidInput> {
    let broken = || invalid_value(name, "damaged", "an array as numpy.savez writes it");
    let (header, data) = split(bytes).ok_or_else(broken)?;
    let descr = quoted(header, "descr").ok_or_else(|| {
        invalid_value(
            name,
            "a structured array",
            "a plain array of float32 or float64",
        )
    })?;
    let shape = shape(header).ok_or_else(broken)?;
    let mut n = 1u64;
    for length in &shape {
        n = n.saturating_mul(*length as u64);
    }
    if n > MOST {
        return Err(invalid_value(
            name,
            format!("{n} values"),
            format!("at most {MOST} values"),
        ));
    }
    let n = n as usize;
    let is_fortran = header.contains("'fortran_order': True");
    if is_fortran && shape.len() > 1 {
        let allowed = "in C order: save numpy.ascontiguousarray of it";
        return Err(invalid_value(name, "in Fortran order", allowed));
    }
    let values = values(name, descr, n, data)?.ok_or_else(broken)?;
    Ok(Array { shape, values })
}

/// Header and data.
fn split(bytes: &[u8]) -> Option<(&str, &[u8])> {
    let rest = bytes.strip_prefix(b"\x93NUMPY")?;
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

/// The text behind a key of the header.
fn quoted<'a>(header: &'a str, key: &str) -> Option<&'a str> {
    let (_, rest) = header.split_once(&format!("'{key}':"))?;
    let rest = rest.trim_start().strip_prefix('\'')?;
    Some(rest.split_once('\'')?.0)
}

fn shape(header: &str) -> Option<Vec<usize>> {
    let (_, rest) = header.split_once("'shape':")?;
    let inner = rest.split_once('(')?.1.split_once(')')?.0;
    let lengths = inner.split(',').map(str::trim).filter(|t| !t.is_empty());
    lengths.map(|text| text.parse().ok()).collect()
}

/// None where the data are too short or too long.
fn values(name: &str, descr: &str, n: usize, data: &[u8]) -> Result<Option<Values>, InvalidInput> {
    let (order, kind) = descr.split_at(descr.len().min(1));
    let is_big = order == ">";
    let found = match kind {
        "f4" => numbers(data, n, is_big, |b: [u8; 4]| f32::from_le_bytes(b)),
        "f8" => numbers(data, n, is_big, |b: [u8; 8]| f64::from_le_bytes(b) as f32),
        "i8" | "u8" => integers(data, n, is_big, |b: [u8; 8]| u64::from_le_bytes(b)),
        "i4" | "u4" => integers(data, n, is_big, |b: [u8; 4]| u32::from_le_bytes(b).into()),
        "i2" | "u2" => integers(data, n, is_big, |b: [u8; 2]| u16::from_le_bytes(b).into()),
        "i1" | "u1" | "b1" => integers(data, n, is_big, |b: [u8; 1]| b[0].into()),
        text if text.starts_with('U') => wide_text(data, is_big),
        text if text.starts_with('S') => std::str::from_utf8(data)
            .ok()
            .map(|text| Values::Text(text.trim_end_matches('\0').to_owned())),
        _ => {
            let allowed = "an array of float32 or float64";
            return Err(invalid_value(
                name,
                format!("an array of type {descr}"),
                allowed,
            ));
        }
    };
    Ok(found)
}

fn each<const N: usize, T>(
    data: &[u8],
    n: usize,
    is_big: bool,
    of: impl Fn([u8; N]) -> T,
) -> Option<Vec<T>> {
    let (parts, rest) = data.as_chunks::<N>();
    (rest.is_empty() && parts.len() == n).then(|| {
        let parts = parts.iter().map(|part| {
            let mut part = *part;
            if is_big {
                part.reverse();
            }
            of(part)
        });
        parts.collect()
    })
}

fn numbers<const N: usize>(
    data: &[u8],
    n: usize,
    is_big: bool,
    of: impl Fn([u8; N]) -> f32,
) -> Option<Values> {
    each(data, n, is_big, of).map(Values::Numbers)
}

fn integers<const N: usize>(
    data: &[u8],
    n: usize,
    is_big: bool,
    of: impl Fn([u8; N]) -> u64,
) -> Option<Values> {
    each(data, n, is_big, of).map(Values::Integers)
}

/// A text of four bytes a character.
fn wide_text(data: &[u8], is_big: bool) -> Option<Values> {
    let all = each(data, data.len() / 4, is_big, |b: [u8; 4]| {
        u32::from_le_bytes(b)
    })?;
    let characters = all.into_iter().take_while(|c| *c != 0).map(char::from_u32);
    Some(Values::Text(characters.collect::<Option<String>>()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn npy(descr: &str, order: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header =
            format!("{{'descr': '{descr}', 'fortran_order': {order}, 'shape': {shape}, }}\n");
        let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
        bytes.extend((header.len() as u16).to_le_bytes());
        bytes.extend(header.as_bytes());
        bytes.extend(data);
        bytes
    }

    #[test]
    fn numbers_of_either_size_and_order_of_bytes_are_read() {
        let one = 1.5f64.to_le_bytes();
        let array = parse("a", &npy("<f8", "False", "(1,)", &one)).unwrap();
        assert_eq!(array.values, Values::Numbers(vec![1.5]));
        let big = [1.5f32.to_be_bytes(), (-2.0f32).to_be_bytes()].concat();
        let array = parse("a", &npy(">f4", "False", "(2, 1)", &big)).unwrap();
        assert_eq!(array.shape, [2, 1]);
        assert_eq!(array.values, Values::Numbers(vec![1.5, -2.0]));
        let text: Vec<u8> = "ab\0"
            .chars()
            .flat_map(|c| (c as u32).to_le_bytes())
            .collect();
        let array = parse("a", &npy("<U3", "False", "()", &text)).unwrap();
        assert_eq!(array.values, Values::Text("ab".into()));
    }

    #[test]
    fn what_is_no_array_of_numbers_is_said() {
        let whole = npy("<f4", "False", "(2,)", &[0; 8]);
        assert!(parse("a", &whole).is_ok());
        for (bytes, words) in [
            (whole[..whole.len() - 1].to_vec(), "damaged"),
            (b"nothing".to_vec(), "damaged"),
            (npy("<f4", "False", "(9999999999,)", &[0; 8]), "at most"),
            (npy("<c8", "False", "(1,)", &[0; 8]), "<c8"),
            (npy("<f4", "True", "(2, 1)", &[0; 8]), "Fortran"),
        ] {
            let message = parse("a", &bytes).unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
    }

    #[test]
    fn damaged_bytes_are_refused_or_read_and_never_panic() {
        let whole = npy("<f4", "False", "(2, 3)", &[7; 24]);
        let mut state = 1u64;
        let mut random = |below: usize| {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            (state >> 33) as usize % below
        };
        let mut read = 0;
        for _ in 0..20_000 {
            let mut bytes = whole.clone();
            for _ in 0..=random(3) {
                let at = random(bytes.len());
                bytes[at] = b"0123456789()<>fiuUS',\x00\xff"[random(23)];
            }
            bytes.truncate(bytes.len() - random(3) * random(bytes.len() / 2));
            read += usize::from(parse("a", &bytes).is_ok());
        }
        // Damage of the values alone is none that can be seen.
        assert!(read > 1000 && read < 19_000, "{read}");
    }
}
