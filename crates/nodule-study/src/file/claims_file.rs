//! Files that hold claims alone: `[[hypothesis]]` tables, spelled as in a study file.

use std::path::Path;

use serde::Deserialize;

use super::parse_toml;
use crate::Error;
use crate::claims::Hypothesis;
use crate::files::read_input;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ClaimsFile {
    #[serde(rename = "hypothesis")]
    hypotheses: Vec<Hypothesis>,
}

/// Reads the claims of a file. [`check_claims`](crate::claims::check_claims) checks them.
///
/// # Errors
/// One message with the file, the field, its value and what is allowed.
pub fn read_claims(path: &Path) -> Result<Vec<Hypothesis>, Error> {
    let file: ClaimsFile = parse_toml(&read_input(path)?, &path.to_string_lossy())?;
    Ok(file.hypotheses)
}
