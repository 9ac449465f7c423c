//! Results as JSON, for files and pickles.

use nodule_battery::Audit;
use nodule_error::{conflict, describe_parse_error, invalid_value};
use nodule_study::plan::{EVALUATION_VERSION, build_versions};
use nodule_study::records::{Gallery, Versions};
use pyo3::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::{to_py_err, value_error};

/// Name and version of the format.
const FORMAT: &str = "nodule-result-1";
const FORMAT_NAME: &str = "nodule-result-";

#[derive(Serialize, Deserialize)]
struct SavedResult {
    format: String,
    versions: Versions,
    evaluation_version: u32,
    audit: Audit,
    gallery: Gallery,
}

pub(crate) fn to_json(audit: &Audit, gallery: &Gallery) -> PyResult<String> {
    let saved = SavedResult {
        format: FORMAT.to_owned(),
        versions: build_versions(),
        evaluation_version: EVALUATION_VERSION,
        audit: audit.clone(),
        gallery: gallery.clone(),
    };
    let text = serde_json::to_string(&saved);
    text.map_err(|e| to_py_err(nodule_study::Error::cannot_make("the result", e)))
}

/// Returns the result in `text`; `place` names the file in messages.
///
/// # Errors
/// `ValueError` if the text is no result, or if another version of the generator, of the evaluation or of this package wrote it.
pub(crate) fn from_json(text: &str, place: &str) -> PyResult<(Audit, Gallery)> {
    let not_a_result = |reason: String| {
        let reason = format!("not a result of nodule: {reason}");
        value_error(conflict("result", reason).at(place))
    };
    let invalid = |e: serde_json::Error| not_a_result(describe_parse_error(&e.to_string()));
    let header: serde_json::Value = serde_json::from_str(text).map_err(invalid)?;
    let format = header["format"].as_str().unwrap_or_default();
    if !format.starts_with(FORMAT_NAME) {
        let reason = format!("must be a JSON object with \"format\": \"{FORMAT}\"");
        return Err(not_a_result(reason));
    }
    let (expected, versions) = (build_versions(), &header["versions"]);
    for (field, found, supported) in [
        ("format", &header["format"], serde_json::Value::from(FORMAT)),
        (
            "versions.nodule",
            &versions["nodule"],
            expected.nodule.into(),
        ),
        (
            "versions.generator",
            &versions["generator"],
            expected.generator.into(),
        ),
        (
            "evaluation_version",
            &header["evaluation_version"],
            EVALUATION_VERSION.into(),
        ),
    ] {
        if *found != supported {
            let allowed =
                format!("{supported}, the version of this package; audit the model again");
            return Err(value_error(invalid_value(field, found, allowed).at(place)));
        }
    }
    let SavedResult { audit, gallery, .. } = serde_json::from_value(header).map_err(invalid)?;
    Ok((audit, gallery))
}
