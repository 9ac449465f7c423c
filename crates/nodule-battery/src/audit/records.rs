//! The records of an audit as files: `runs/<id>/{run.json, evaluation.json, predictions.csv}`, as a run of ours
//! leaves them.

use std::path::Path;

use nodule_study::Error;
use nodule_study::files::{create_folder, write_atomic};
use serde::Serialize;

use super::Audit;

/// Writes them into `folder`.
///
/// # Errors
/// If a file cannot be written.
pub fn write_records(audit: &Audit, folder: &Path) -> Result<(), Error> {
    for (run, predictions) in audit.runs.iter().zip(&audit.predictions) {
        let own = folder.join("runs").join(&run.record.run);
        create_folder(&own)?;
        write_atomic(&own.join("run.json"), &json("run.json", &run.record)?)?;
        let evaluation = json("evaluation.json", &run.evaluation)?;
        write_atomic(&own.join("evaluation.json"), &evaluation)?;
        write_atomic(&own.join("predictions.csv"), predictions)?;
    }
    Ok(())
}

/// JSON that a person can read, with a newline at the end.
fn json(name: &str, value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|e| Error::made(name, e))?;
    text.push(b'\n');
    Ok(text)
}
