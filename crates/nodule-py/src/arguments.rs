//! Extraction of arguments. A bad one is an error with one line: argument, value, what is allowed.

use std::path::PathBuf;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyByteArray, PyBytes, PySequence, PyString};

/// Maximum length of a value in a message; the type stands for longer ones.
const MAX_LENGTH: usize = 80;

/// Returns the `ValueError` for an argument.
pub(crate) fn invalid_argument(field: &str, value: &Bound<'_, PyAny>, allowed: &str) -> PyErr {
    PyValueError::new_err(match short_text(value) {
        Some(text) => format!("{field} = {text}: must be {allowed}"),
        None => format!("{field} is of type {}: must be {allowed}", type_name(value)),
    })
}

/// Returns the text of a value if it is short and on one line.
pub(crate) fn short_text(value: &Bound<'_, PyAny>) -> Option<String> {
    let text = value.str().ok()?.to_string_lossy().into_owned();
    let is_short = text.chars().count() <= MAX_LENGTH && !text.contains(char::is_control);
    is_short.then_some(text)
}

/// Returns the name of a value's type.
fn type_name(value: &Bound<'_, PyAny>) -> String {
    let name = value.get_type().name();
    name.map_or_else(|_| "object".to_owned(), |name| name.to_string())
}

/// Returns whether a value is a Boolean of Python or NumPy, which would count as 0 or 1.
pub(crate) fn is_bool(value: &Bound<'_, PyAny>) -> bool {
    value.extract::<bool>().is_ok()
}

/// Returns a whole number, at least `least`.
///
/// # Errors
/// `ValueError` with the field.
pub(crate) fn extract_count(
    field: &str,
    value: &Bound<'_, PyAny>,
    least: usize,
) -> PyResult<usize> {
    let is_bool = is_bool(value);
    let count = value.extract::<usize>().ok();
    // A larger number fits into no array.
    let count = count.filter(|n| !is_bool && (least..1 << 53).contains(n));
    count.ok_or_else(|| invalid_argument(field, value, &format!("a whole number, {least} or more")))
}

/// Returns a seed.
///
/// # Errors
/// `ValueError` with the field.
pub(crate) fn extract_seed(field: &str, value: &Bound<'_, PyAny>) -> PyResult<u64> {
    let is_bool = is_bool(value);
    let seed = value.extract::<u64>().ok().filter(|_| !is_bool);
    let allowed = "a whole number from 0 to 18446744073709551615";
    seed.ok_or_else(|| invalid_argument(field, value, allowed))
}

/// Returns a path; `allowed` says of what.
///
/// # Errors
/// `ValueError` with the field.
pub(crate) fn extract_path(
    field: &str,
    value: &Bound<'_, PyAny>,
    allowed: &str,
) -> PyResult<PathBuf> {
    let path = value.extract::<PathBuf>().ok();
    // No operating system has a path with a null character.
    let path = path.filter(|path| !path.to_string_lossy().contains('\0'));
    path.ok_or_else(|| invalid_argument(field, value, allowed))
}

/// Returns the elements of an array `[n]`, a tensor or a sequence, and whether it is one; a number is a single element.
/// `None` for text, bytes, masked arrays (their mask would be lost) and anything that is neither number nor sequence.
pub(crate) fn extract_elements<'py>(
    value: &Bound<'py, PyAny>,
) -> Option<(Vec<Bound<'py, PyAny>>, bool)> {
    let masked = value
        .py()
        .import("numpy.ma")
        .ok()?
        .getattr("MaskedArray")
        .ok()?;
    let is_text = value.is_instance_of::<PyString>()
        || value.is_instance_of::<PyBytes>()
        || value.is_instance_of::<PyByteArray>();
    if is_text || value.is_instance(&masked).unwrap_or(true) || type_name(value) == "memoryview" {
        return None;
    }
    let value = value
        .call_method0("tolist")
        .unwrap_or_else(|_| value.clone());
    if value.cast::<PySequence>().is_err() {
        return Some((vec![value], false));
    }
    let elements = value.try_iter().ok()?.collect::<PyResult<Vec<_>>>().ok()?;
    Some((elements, true))
}
