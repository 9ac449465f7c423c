//! What a setting must be, or it is refused with the file it stands in.

use std::fmt::Display;

use nodule_error::{invalid_value, one_of};

use crate::Error;

/// Refuses `value` of `field` in `place` unless it `holds`.
pub(super) fn require(
    place: &str,
    holds: bool,
    field: &str,
    value: impl Display,
    allowed: &str,
) -> Result<(), Error> {
    if holds {
        return Ok(());
    }
    Err(invalid_value(field, value.to_string(), allowed)
        .at(place)
        .into())
}

/// Refuses a name that is not one of `all`.
pub(super) fn known(place: &str, field: &str, value: &str, all: &[String]) -> Result<(), Error> {
    if all.iter().any(|other| other == value) {
        return Ok(());
    }
    let refused = invalid_value(field, value, one_of(all)).suggest_value(all);
    Err(refused.at(place).into())
}
