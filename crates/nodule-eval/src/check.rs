//! Input checks that several modules share.

use nodule_error::{conflict, invalid_value};

use crate::Error;

/// Returns an error for the first value that is not finite. `name` names the input; the index counts along its rows.
pub(crate) fn check_finite<'a, T: Copy + Into<f64> + 'a>(
    name: &str,
    values: impl IntoIterator<Item = &'a T>,
) -> Result<(), Error> {
    let mut values = values.into_iter().map(|v| (*v).into()).enumerate();
    match values.find(|(_, value): &(usize, f64)| !value.is_finite()) {
        Some((index, value)) => {
            let field = format!("{name}[{index}]");
            Err(invalid_value(field, value, "a finite number").into())
        }
        None => Ok(()),
    }
}

/// Returns an error if there are no values or one is not finite.
pub(crate) fn check_finite_non_empty<'a, T: Copy + Into<f64> + 'a>(
    name: &str,
    values: impl IntoIterator<Item = &'a T>,
) -> Result<(), Error> {
    let mut values = values.into_iter().peekable();
    if values.peek().is_none() {
        return Err(conflict(name, "at least one value is needed, found none").into());
    }
    check_finite(name, values)
}

/// Returns an error if a length is not the expected one.
pub(crate) fn check_length(name: &str, found: usize, expected: usize) -> Result<(), Error> {
    if found == expected {
        return Ok(());
    }
    Err(conflict(name, format!("expected {expected}, found {found}")).into())
}

/// Returns an error for the first label that is neither 0 nor 1.
pub(crate) fn check_binary(name: &str, labels: &[u8]) -> Result<(), Error> {
    match labels.iter().position(|label| *label > 1) {
        Some(index) => {
            let field = format!("{name}[{index}]");
            Err(invalid_value(field, labels[index], "0 or 1").into())
        }
        None => Ok(()),
    }
}
