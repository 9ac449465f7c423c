//! Names of columns and arrays: unknown ones are errors, so that none is ignored because of a misspelling.

use nodule_error::{InvalidInput, invalid_value, one_of};

/// Names that other programs use for the label.
const LABEL: &[&str] = &[
    "class",
    "target",
    "diagnosis",
    "malignant",
    "malignancy",
    "y",
];

/// Names that other programs use for a known one.
const SYNONYMS: [(&str, &[&str]); 6] = [
    (
        "group",
        &[
            "patient",
            "patient_id",
            "patientid",
            "patient id",
            "subject",
            "subject_id",
            "case",
            "case_id",
            "participant",
        ],
    ),
    ("label", LABEL),
    ("labels", LABEL),
    (
        "file",
        &[
            "filename",
            "file_name",
            "path",
            "image",
            "image_path",
            "name",
        ],
    ),
    ("images", &["x", "data", "crops", "arr_0"]),
    ("mask", &["segmentation", "mask_file", "mask_path"]),
];

/// Checks that the name of a column or an array (`kind`) is one of `known`.
pub(crate) fn check_name(kind: &str, name: &str, known: &[&str]) -> Result<(), InvalidInput> {
    if known.contains(&name) {
        return Ok(());
    }
    let plain = name.trim().to_lowercase();
    let synonym = SYNONYMS
        .iter()
        .find(|(name, others)| known.contains(name) && others.contains(&plain.as_str()));
    let field = format!("unknown {kind}");
    Err(match synonym {
        Some((meant, _)) => {
            let allowed = format!("{}; did you mean {meant}?", one_of(known));
            invalid_value(field, name, allowed)
        }
        None => invalid_value(field, name, one_of(known)).suggest_value(known),
    })
}
