//! What can go wrong in an evaluation, in words for the person who asked for it.

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A name that is not one of the known ones.
    #[error("{field} = {value}: must be one of {allowed}")]
    Name {
        /// What was being named.
        field: &'static str,
        /// The unknown name.
        value: String,
        /// The known ones.
        allowed: String,
    },
    /// Inputs that do not fit together.
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
        /// Where in it.
        index: usize,
        /// The value.
        value: f64,
    },
}

/// Refuses an empty slice and the first value that is not finite.
pub(crate) fn finite(what: &'static str, values: &[f32]) -> Result<(), Error> {
    if values.is_empty() {
        return Err(Error::Input {
            what,
            found: "none".into(),
            needed: "at least one is needed".into(),
        });
    }
    match values.iter().position(|v| !v.is_finite()) {
        Some(index) => {
            let value = f64::from(values[index]);
            Err(Error::NotFinite { what, index, value })
        }
        None => Ok(()),
    }
}

/// Refuses two lengths that differ.
pub(crate) fn same_length(what: &'static str, found: usize, needed: usize) -> Result<(), Error> {
    if found == needed {
        return Ok(());
    }
    Err(Error::Input {
        what,
        found: format!("{found} of them"),
        needed: format!("{needed} are needed"),
    })
}
