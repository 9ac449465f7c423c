//! Records of an audit as files in the layout of a study: `runs/<id>/{run.json, evaluation.json, predictions.csv}`.

use std::path::Path;

use nodule_study::Error;
use nodule_study::files::{create_folder, write_atomic};

use super::Audit;
use crate::files::to_json;

/// Writes the records of all models into `folder`.
///
/// # Errors
/// If a file cannot be written.
pub fn write_records(audit: &Audit, folder: &Path) -> Result<(), Error> {
    for (run, predictions) in audit.runs.iter().zip(&audit.predictions) {
        let run_folder = folder.join("runs").join(&run.record.run);
        create_folder(&run_folder)?;
        let record = to_json("run.json", &run.record)?;
        write_atomic(&run_folder.join("run.json"), &record)?;
        let evaluation = to_json("evaluation.json", &run.evaluation)?;
        write_atomic(&run_folder.join("evaluation.json"), &evaluation)?;
        write_atomic(&run_folder.join("predictions.csv"), predictions.as_bytes())?;
    }
    Ok(())
}
