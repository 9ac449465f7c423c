//! What can go wrong in an evaluation, in words for the person who asked for it.

use nodule_error::InvalidInput;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A name that is not one of the known ones.
    #[error(transparent)]
    Name(#[from] InvalidInput),
    /// Inputs that do not fit together, or an argument outside what is allowed.
    #[error("{what}: {found}, but {needed}")]
    Input {
        /// Which input.
        what: &'static str,
        /// What was given.
        found: String,
        /// What is needed.
        needed: String,
    },
    /// A number that is not finite.
    #[error("{what}[{index}] = {value}: must be a finite number")]
    NotFinite {
        /// Which input.
        what: &'static str,
        /// Where in it, counted along its rows.
        index: usize,
        /// The value.
        value: f64,
    },
}

/// An input that is not what is needed.
pub(crate) fn input(what: &'static str, found: impl ToString, needed: impl ToString) -> Error {
    Error::Input {
        what,
        found: found.to_string(),
        needed: needed.to_string(),
    }
}

/// Refuses the first value that is not finite.
pub(crate) fn all_finite<'a, T: Copy + Into<f64> + 'a>(
    what: &'static str,
    values: impl IntoIterator<Item = &'a T>,
) -> Result<(), Error> {
    let mut values = values.into_iter().map(|v| (*v).into()).enumerate();
    match values.find(|(_, value): &(usize, f64)| !value.is_finite()) {
        Some((index, value)) => Err(Error::NotFinite { what, index, value }),
        None => Ok(()),
    }
}

/// Refuses no values at all, and the first one that is not finite.
pub(crate) fn finite<'a, T: Copy + Into<f64> + 'a>(
    what: &'static str,
    values: impl IntoIterator<Item = &'a T>,
) -> Result<(), Error> {
    let mut values = values.into_iter().peekable();
    if values.peek().is_none() {
        return Err(input(what, "none", "at least one is needed"));
    }
    all_finite(what, values)
}

/// Refuses two lengths that differ.
pub(crate) fn same_length(what: &'static str, found: usize, needed: usize) -> Result<(), Error> {
    if found == needed {
        return Ok(());
    }
    let found = format!("{found} of them");
    Err(input(what, found, format!("{needed} are needed")))
}

/// Refuses labels that are neither 0 nor 1.
pub(crate) fn binary(what: &'static str, labels: &[u8]) -> Result<(), Error> {
    match labels.iter().position(|label| *label > 1) {
        Some(index) => {
            let found = format!("{} at {index}", labels[index]);
            Err(input(what, found, "each must be 0 or 1"))
        }
        None => Ok(()),
    }
}
