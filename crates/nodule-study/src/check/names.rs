//! Checks of lists of names.

use std::collections::BTreeSet;
use std::fmt::Display;

use nodule_error::{InvalidInput, conflict, invalid_value, one_of};

/// Checks that a list is not empty and holds each name once.
pub(super) fn check_list(field: &str, names: &[String]) -> Result<(), InvalidInput> {
    match names.is_empty() {
        true => Err(conflict(field, "list is empty")),
        false => check_unique(field, names),
    }
}

/// Checks that a list holds each name once.
pub(crate) fn check_unique<'a, T: Ord + Display + 'a>(
    field: &str,
    names: impl IntoIterator<Item = &'a T>,
) -> Result<(), InvalidInput> {
    let mut found = BTreeSet::new();
    match names.into_iter().find(|name| !found.insert(*name)) {
        None => Ok(()),
        Some(name) => Err(conflict(field, format!("{name} is listed twice"))),
    }
}

/// Checks that a name is one of `known`.
pub(crate) fn check_known(field: &str, name: &str, known: &[String]) -> Result<(), InvalidInput> {
    match known.iter().any(|other| other == name) {
        true => Ok(()),
        false => Err(invalid_value(field, name, one_of(known)).suggest_value(known)),
    }
}
