//! An entry of a study's `test` list: a distribution by name or file, or images of one's own.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nodule_error::refused;
use nodule_images::{LabelledImages, read_images};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::limits::test_name;
use crate::Error;

/// What a network is tested on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TestSet {
    /// A distribution: a built-in name, or a file relative to the study file.
    Drawn(String),
    /// Images of one's own, `{ images = "my.npz" }`.
    Given(GivenTable),
}

/// The table of a test set of one's own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivenTable {
    /// An npz file or a folder of PNG, relative to the study file.
    pub images: PathBuf,
    /// What tables call it; without it the name of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// SHA-256 that the images must have; an output folder keeps that of the images it was begun with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Images of one's own that a study tests on. They stay where they are: an output folder keeps their hash.
#[derive(Debug, Clone)]
pub struct GivenImages {
    /// What tables call them.
    pub name: String,
    /// SHA-256 of the file, or of the folder's `labels.csv` and pictures.
    pub sha256: String,
    path: PathBuf,
    read: Option<Arc<LabelledImages>>,
}

impl TestSet {
    /// A distribution's name as the study spells it; none of images of one's own.
    #[must_use]
    pub fn drawn(&self) -> Option<&String> {
        match self {
            Self::Drawn(name) => Some(name),
            Self::Given(_) => None,
        }
    }
}

impl GivenImages {
    /// Finds the images that `table`, of a study in `folder`, means, and completes it, so that it says the
    /// same from any folder. They are read now unless the table says what their hash is.
    pub(super) fn find(table: &mut GivenTable, folder: &Path) -> Result<Self, Error> {
        let path = folder.join(&table.images);
        let (sha256, read) = match &table.sha256 {
            Some(sha256) => (sha256.clone(), None),
            None => {
                let read = read_images(&path)?;
                (read.sha256.clone(), Some(read))
            }
        };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = table.name.clone().unwrap_or_else(|| stem.into_owned());
        test_name(&name)?;
        table.images = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
        table.name = Some(name.clone());
        table.sha256 = Some(sha256.clone());
        Ok(Self {
            name,
            sha256,
            path,
            read: read.map(Arc::new),
        })
    }

    /// The images, of that width and height.
    ///
    /// # Errors
    /// If they cannot be read, are of another size, or are not those that the study was begun with.
    pub fn load(&self, image_size: usize) -> Result<Arc<LabelledImages>, Error> {
        let images = match &self.read {
            Some(read) => Arc::clone(read),
            None => Arc::new(read_images(&self.path)?),
        };
        let place = self.path.to_string_lossy();
        if images.sha256 != self.sha256 {
            let allowed = format!(
                "{}, that of the images the study was begun with",
                self.sha256
            );
            return Err(refused("SHA-256", &images.sha256, allowed).at(place).into());
        }
        self.fits(&images, image_size)?;
        Ok(images)
    }

    /// Refuses images of another size, where they have been read.
    pub(super) fn check(&self, image_size: usize) -> Result<(), Error> {
        let mut read = self.read.iter();
        read.try_for_each(|images| self.fits(images, image_size))
    }

    /// How many there are, where they have been read.
    pub(crate) fn count(&self) -> Option<usize> {
        self.read.as_ref().map(|images| images.labels.len())
    }

    fn fits(&self, images: &LabelledImages, image_size: usize) -> Result<(), Error> {
        let size = images.image_size;
        if size == image_size {
            return Ok(());
        }
        let found = format!("{size} by {size} pixels");
        let allowed = format!("{image_size} by {image_size}, as generator.image_size says");
        Err(refused("images", found, allowed)
            .at(self.path.to_string_lossy())
            .into())
    }
}

impl From<&str> for TestSet {
    fn from(name: &str) -> Self {
        Self::Drawn(name.to_owned())
    }
}

impl Serialize for TestSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Drawn(name) => serializer.serialize_str(name),
            Self::Given(table) => table.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for TestSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Entry)
    }
}

struct Entry;

impl<'de> Visitor<'de> for Entry {
    type Value = TestSet;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name or the file of a distribution, or { images = \"my.npz\" }")
    }

    fn visit_str<E>(self, name: &str) -> Result<TestSet, E> {
        Ok(TestSet::Drawn(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TestSet, A::Error> {
        GivenTable::deserialize(MapAccessDeserializer::new(map)).map(TestSet::Given)
    }
}
