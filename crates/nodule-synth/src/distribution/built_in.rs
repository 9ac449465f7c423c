//! Built-in distributions, and lookup of a distribution by name or path.

use std::path::Path;

use nodule_error::invalid_value;

use super::Distribution;
use super::spurious::{PATTERN, spurious};
use crate::Error;

/// Name and text of every file of the crate's `data/distributions`, sorted by name. The build script writes the list.
const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

impl Distribution {
    /// Returns the names of the built-in distributions, sorted. [`Distribution::from_name`] accepts each of them, and
    /// `spurious-R` for any R from 0 to 1.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        BUILT_IN.iter().map(|(name, _)| *name).collect()
    }

    /// Returns the built-in distribution of that name, or `spurious-R` for a number R from 0 to 1, as in
    /// `spurious-0.9`.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        match built_in(name) {
            Some(result) => result.ok(),
            None => spurious(name),
        }
    }

    /// Returns the built-in distribution of that name, or the one in that file.
    ///
    /// # Errors
    /// As [`Distribution::read`]; and if neither exists.
    pub fn resolve(name_or_path: &str) -> Result<Self, Error> {
        Self::resolve_in(Path::new(""), name_or_path).map_err(|e| match e {
            Error::Setting(e) => e.or_at("command line").into(),
            e => e,
        })
    }

    /// As [`Distribution::resolve`], with paths relative to `folder`. The error for a name that does not exist has no
    /// place.
    ///
    /// # Errors
    /// As [`Distribution::resolve`].
    pub fn resolve_in(folder: &Path, name_or_path: &str) -> Result<Self, Error> {
        if let Some(result) = built_in(name_or_path) {
            return result;
        }
        if let Some(distribution) = spurious(name_or_path) {
            return Ok(distribution);
        }
        let path = folder.join(name_or_path);
        if !name_or_path.is_empty() && path.exists() {
            return Self::read(&path);
        }
        let names = Self::names();
        let allowed = format!("a file, or one of {}, {PATTERN}", names.join(", "));
        let error = invalid_value("distribution", name_or_path, allowed);
        Err(error.suggest_value(names).into())
    }
}

fn built_in(name: &str) -> Option<Result<Distribution, Error>> {
    let (_, text) = BUILT_IN.iter().find(|(other, _)| *other == name)?;
    let place = format!("data/distributions/{name}.toml");
    Some(Distribution::parse(text, &place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_distribution_is_valid_and_has_its_name() {
        for (name, text) in BUILT_IN {
            let distribution = Distribution::parse(text, name).unwrap();
            assert_eq!(distribution.name, *name);
            assert!(!distribution.description.is_empty(), "{name}");
            assert_eq!(Distribution::from_name(name), Some(distribution));
        }
    }

    #[test]
    fn messages_list_the_pattern_of_spurious_distributions() {
        let message = Distribution::resolve("absent").unwrap_err().to_string();
        let names = "texture-only, spurious-R (R from 0 to 1)";
        assert!(message.contains(names), "{message}");
    }

    #[test]
    fn the_list_holds_the_files_in_order() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/distributions");
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|f| f.unwrap().file_name().into_string().unwrap())
            .filter_map(|f| f.strip_suffix(".toml").map(str::to_owned))
            .collect();
        files.sort_unstable();
        let names = Distribution::names();
        assert_eq!(names, files);
        assert!(names.is_sorted() && names.contains(&"both"));
    }
}
