//! Built-in studies: the files of the crate's `data/studies`.

/// Name and text of each study, sorted by name. The build script writes the list.
const STUDIES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/studies.rs"));

/// Returns the names of the built-in studies, sorted.
///
/// ```
/// assert!(nodule_study::settings::built_in_studies().any(|name| name == "paper"));
/// ```
pub fn built_in_studies() -> impl Iterator<Item = &'static str> {
    STUDIES.iter().map(|(name, _)| *name)
}

/// Returns the text of the built-in study of that name.
pub(crate) fn find_built_in(name: &str) -> Option<&'static str> {
    STUDIES
        .iter()
        .find(|(other, _)| *other == name)
        .map(|(_, text)| *text)
}
