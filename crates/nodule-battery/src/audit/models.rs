//! Models and the files of their predictions, from `[[model]]` tables in a TOML file.

use std::path::{Path, PathBuf};

use nodule_error::conflict;
use nodule_study::Error;
use nodule_study::files::read_input;
use nodule_study::settings::parse_toml;
use serde::Deserialize;

use crate::Outputs;

/// One `[[model]]` table.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ModelTable {
    /// Name of the model.
    pub name: String,
    /// Files of predictions, one per seed; relative paths start at the table's file.
    #[serde(rename = "answers", alias = "predictions")]
    pub predictions: Vec<PathBuf>,
    /// Training distribution; the battery's first if missing.
    #[serde(default)]
    pub train: Option<String>,
    /// Kind of the decision values.
    #[serde(default)]
    pub outputs: Outputs,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ModelsFile {
    model: Vec<ModelTable>,
}

/// Reads the `[[model]]` tables of a file.
///
/// # Errors
/// Names the file, the field, its value and the allowed values.
///
/// ```
/// let folder = tempfile::tempdir()?;
/// let file = folder.path().join("models.toml");
/// std::fs::write(&file, "[[model]]\nname = \"resnet\"\npredictions = [\"seed-0.npz\"]\n")?;
/// let models = nodule_battery::read_models(&file)?;
/// assert_eq!(models[0].predictions, [folder.path().join("seed-0.npz")]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_models(path: &Path) -> Result<Vec<ModelTable>, Error> {
    let place = path.to_string_lossy();
    let mut models: ModelsFile = parse_toml(&read_input(path)?, &place)?;
    let folder = path.parent().unwrap_or(Path::new("."));
    for table in &mut models.model {
        if table.predictions.is_empty() {
            let field = format!("model {}.answers", table.name);
            return Err(conflict(field, "list is empty").at(place).into());
        }
        for file in &mut table.predictions {
            *file = folder.join(&*file);
        }
    }
    Ok(models.model)
}
