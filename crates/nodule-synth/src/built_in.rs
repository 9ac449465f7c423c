//! The distributions that come with the crate, and how one is found by its name.

use std::path::Path;

use crate::distribution::{Cell, MOST_NAME, OutlineSource};
use crate::{Distribution, Error, Label, ShapeLevel, TextureLevel};
use nodule_error::invalid_value;

/// Name and text of every file of the crate's `data/distributions`, sorted by name: the build script's list.
const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/built_in.rs"));

impl Distribution {
    /// The names of the built-in ones, sorted. `spurious-R` comes on top, for any R from 0 to 1.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        BUILT_IN
            .iter()
            .map(|(name, _)| *name)
            .chain(["spurious-R (R from 0 to 1)"])
            .collect()
    }

    /// The built-in one of that name; `spurious-0.9` and the like are made on demand.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        match built_in(name) {
            Some(parsed) => parsed.ok(),
            None => spurious(name),
        }
    }

    /// The built-in one of that name, or the one in that file.
    ///
    /// # Errors
    /// As [`Distribution::read`]; and if there is neither.
    pub fn resolve(name_or_path: &str) -> Result<Self, Error> {
        if let Some(parsed) = built_in(name_or_path) {
            return parsed;
        }
        if let Some(made) = spurious(name_or_path) {
            return Ok(made);
        }
        let path = Path::new(name_or_path);
        if path.exists() {
            return Self::read(path);
        }
        let allowed = format!("a file, or one of {}", Self::names().join(", "));
        let refused = invalid_value("distribution", name_or_path, allowed);
        Err(refused
            .suggest_value(Self::names())
            .at("command line")
            .into())
    }
}

fn built_in(name: &str) -> Option<Result<Distribution, Error>> {
    let (_, text) = BUILT_IN.iter().find(|(other, _)| *other == name)?;
    let place = format!("data/distributions/{name}.toml");
    Some(Distribution::parse(text, &place))
}

/// `spurious-R`: the label is the shape's, and texture agrees with it with probability R, a plain
/// decimal number such as 0.9.
fn spurious(name: &str) -> Option<Distribution> {
    let digits = name.strip_prefix("spurious-")?;
    // What else parses as a number (`+.5`, `-0`, `1e-1`) has no place in a name.
    let plain = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if !plain || name.len() > MOST_NAME {
        return None;
    }
    let rate: f64 = digits.parse().ok()?;
    if !(0.0..=1.0).contains(&rate) {
        return None;
    }
    let cell = |label, shape, texture, probability| Cell {
        label,
        shape,
        texture,
        probability,
    };
    let (agree, differ) = (rate / 2.0, 0.5 - rate / 2.0);
    let (normal, abnormal) = (Label::Normal, Label::Abnormal);
    let (regular, irregular) = (ShapeLevel::Regular, ShapeLevel::Irregular);
    let (homogeneous, heterogeneous) = (TextureLevel::Homogeneous, TextureLevel::Heterogeneous);
    let cells = [
        cell(normal, regular, homogeneous, agree),
        cell(normal, regular, heterogeneous, differ),
        cell(abnormal, irregular, heterogeneous, agree),
        cell(abnormal, irregular, homogeneous, differ),
    ];
    Some(Distribution {
        name: name.to_owned(),
        description: format!(
            "The label is the shape's; texture agrees with it with probability {rate}."
        ),
        test_only: false,
        outlines: OutlineSource::Synthetic,
        shifts: Vec::new(),
        cells: cells.into_iter().filter(|c| c.probability > 0.0).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_built_in_one_is_sound_and_bears_its_name() {
        for (name, text) in BUILT_IN {
            let distribution = Distribution::parse(text, name).unwrap();
            assert_eq!(distribution.name, *name);
            assert!(!distribution.description.is_empty(), "{name}");
            assert_eq!(Distribution::named(name), Some(distribution));
        }
    }

    #[test]
    fn the_list_is_the_folder_in_order() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/distributions");
        let files = std::fs::read_dir(folder).unwrap();
        let files = files.map(|f| f.unwrap().file_name().into_string().unwrap());
        let mut files: Vec<_> = files
            .filter_map(|f| f.strip_suffix(".toml").map(str::to_owned))
            .collect();
        files.sort_unstable();
        let listed: Vec<_> = BUILT_IN.iter().map(|(name, _)| *name).collect();
        assert_eq!(listed, files);
        assert!(listed.is_sorted() && Distribution::names().contains(&"both"));
    }

    #[test]
    fn spurious_distributions_are_made_on_demand() {
        let ninety = Distribution::named("spurious-0.9").unwrap();
        assert_eq!(ninety.cells().len(), 4);
        let always = Distribution::named("spurious-1").unwrap();
        assert_eq!(always.cells(), Distribution::named("both").unwrap().cells());
        let long = format!("spurious-0.{}", "5".repeat(100_000));
        for wrong in [
            "spurious-",
            "spurious-1.1",
            "spurious-x",
            "spurious-nan",
            "spurious--0.1",
            "spurious--0.0",
            "spurious-+0.5",
            "spurious-.5",
            "spurious-5e-1",
            "spurious-0.5.5",
            "spurious-inf",
            &long,
        ] {
            assert_eq!(Distribution::named(wrong), None, "{wrong}");
            assert!(Distribution::resolve(wrong).is_err(), "{wrong}");
        }
    }
}
