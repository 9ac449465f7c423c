//! The studies that come with the program: the files of `data/studies`.

/// Name and text of each, by name.
const STUDIES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/studies.rs"));

/// Their names, in the order of the alphabet.
pub fn built_in_studies() -> impl Iterator<Item = &'static str> {
    STUDIES.iter().map(|(name, _)| *name)
}

/// The text of that one.
pub(crate) fn built_in_study(name: &str) -> Option<&'static str> {
    let found = STUDIES.iter().find(|(other, _)| *other == name);
    found.map(|(_, text)| *text)
}
