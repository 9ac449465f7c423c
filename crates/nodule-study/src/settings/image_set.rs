//! An entry of a study's `train` or `test` list: a distribution by name or file, or images of one's own.

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use nodule_error::invalid_value;
use nodule_images::{LabelledImages, read_images};
use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::limits::images_name;
use crate::Error;

/// What a network is trained or tested on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSet {
    /// A distribution: a built-in name, or a file relative to the study file.
    Drawn(String),
    /// Images of one's own, `{ images = "my.npz" }`.
    Given(GivenTable),
}

/// The table of images of one's own.
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

/// Images of one's own that a study trains or tests on. They stay where they are: an output folder keeps
/// their hash.
#[derive(Debug, Clone)]
pub struct GivenImages {
    /// What tables call them.
    pub name: String,
    /// SHA-256 of the file, or of the folder's `labels.csv` and pictures.
    pub sha256: String,
    path: PathBuf,
    /// Read when they are first wanted, and once.
    read: Arc<OnceLock<Arc<LabelledImages>>>,
}

impl ImageSet {
    /// A distribution's name as the study spells it; none of images of one's own.
    #[must_use]
    pub fn drawn(&self) -> Option<&String> {
        match self {
            Self::Drawn(name) => Some(name),
            Self::Given(_) => None,
        }
    }

    /// The name that the study gives it: a distribution's as it is spelt there, or that of images, which is
    /// their file's where the table does not say.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Drawn(name) => name,
            Self::Given(table) => table.name.as_deref().unwrap_or_default(),
        }
    }
}

impl GivenImages {
    /// Those of a file or folder, read now and called by its name.
    ///
    /// # Errors
    /// If they cannot be read, or are not what [`read_images`] takes.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let read = read_images(path)?;
        Ok(Self {
            name: read.name.clone(),
            sha256: read.sha256.clone(),
            path: path.to_path_buf(),
            read: Arc::new(OnceLock::from(Arc::new(read))),
        })
    }

    /// Finds the images that `table`, of that list of a study in `folder`, means, and completes it, so that it
    /// says the same from any folder. They are read now unless the table says what their hash is.
    pub(super) fn find(table: &mut GivenTable, list: &str, folder: &Path) -> Result<Self, Error> {
        let path = folder.join(&table.images);
        let mut found = match &table.sha256 {
            Some(sha256) => Self {
                name: String::new(),
                sha256: sha256.clone(),
                path: path.clone(),
                read: Arc::default(),
            },
            None => Self::read(&path)?,
        };
        let stem = path.file_stem().unwrap_or_default().to_string_lossy();
        let name = table.name.clone().unwrap_or_else(|| stem.into_owned());
        images_name(list, &name)?;
        table.images = std::path::absolute(&path).unwrap_or_else(|_| path.clone());
        table.name = Some(name.clone());
        table.sha256 = Some(found.sha256.clone());
        found.name = name;
        Ok(found)
    }

    /// The images, of that width and height.
    ///
    /// # Errors
    /// If they cannot be read, are of another size, or are not those that the study was begun with.
    pub fn load(&self, image_size: usize) -> Result<Arc<LabelledImages>, Error> {
        let images = match self.read.get() {
            Some(read) => Arc::clone(read),
            None => {
                let read = read_images(&self.path)?;
                if read.sha256 != self.sha256 {
                    let allowed = format!(
                        "{}, that of the images the study was begun with",
                        self.sha256
                    );
                    let refused = invalid_value("SHA-256", &read.sha256, allowed);
                    return Err(refused.at(self.path.to_string_lossy()).into());
                }
                Arc::clone(self.read.get_or_init(|| Arc::new(read)))
            }
        };
        self.fits(&images, image_size)?;
        Ok(images)
    }

    /// Refuses images of another size, where they have been read.
    pub(super) fn check(&self, image_size: usize) -> Result<(), Error> {
        let read = self.read.get();
        read.map_or(Ok(()), |read| self.fits(read, image_size))
    }

    /// Where they are, for messages.
    #[must_use]
    pub fn place(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }

    /// They, where they have been read.
    pub(super) fn already_read(&self) -> Option<&Arc<LabelledImages>> {
        self.read.get()
    }

    /// How many there are, where they have been read.
    pub(crate) fn count(&self) -> Option<usize> {
        self.read.get().map(|images| images.labels.len())
    }

    fn fits(&self, images: &LabelledImages, image_size: usize) -> Result<(), Error> {
        let size = images.image_size;
        if size == image_size {
            return Ok(());
        }
        let found = format!("{size} by {size} pixels");
        let allowed = format!("{image_size} by {image_size}, as generator.image_size says");
        Err(invalid_value("images", found, allowed)
            .at(self.path.to_string_lossy())
            .into())
    }
}

impl From<&str> for ImageSet {
    fn from(name: &str) -> Self {
        Self::Drawn(name.to_owned())
    }
}

impl Serialize for ImageSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Drawn(name) => serializer.serialize_str(name),
            Self::Given(table) => table.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ImageSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Entry)
    }
}

struct Entry;

impl<'de> Visitor<'de> for Entry {
    type Value = ImageSet;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name or the file of a distribution, or { images = \"my.npz\" }")
    }

    fn visit_str<E>(self, name: &str) -> Result<ImageSet, E> {
        Ok(ImageSet::Drawn(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ImageSet, A::Error> {
        GivenTable::deserialize(MapAccessDeserializer::new(map)).map(ImageSet::Given)
    }
}
