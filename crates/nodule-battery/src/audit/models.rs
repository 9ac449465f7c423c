//! Which models are there, and which files have their answers? From a table in a file.

use std::path::{Path, PathBuf};

use nodule_error::invalid_value;
use nodule_study::Error;
use nodule_study::files::read_input;
use nodule_study::settings::parse_toml;
use serde::Deserialize;

/// One model of a table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelTable {
    /// Its name.
    pub name: String,
    /// A file of answers a seed; in a file, relative to it.
    pub answers: Vec<PathBuf>,
    /// The training distribution; the battery's first where it says none.
    #[serde(default)]
    pub train: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Models {
    model: Vec<ModelTable>,
}

/// The `[[model]]` tables of the file at `path`.
///
/// # Errors
/// One message that names the file, the field, its value and what is allowed.
pub fn models_of(path: &Path) -> Result<Vec<ModelTable>, Error> {
    let place = path.to_string_lossy();
    let models: Models = parse_toml(&read_input(path)?, &place)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    let tables = models.model.into_iter().map(|mut table| {
        if table.answers.is_empty() {
            let field = format!("model {}.answers", table.name);
            let refused = invalid_value(field, "[]", "at least one file");
            return Err(refused.at(place.clone()).into());
        }
        for answers in &mut table.answers {
            *answers = folder.join(&*answers);
        }
        Ok(table)
    });
    tables.collect()
}
