//! Entries of the lists `train` and `test`, and the table `[backgrounds]`.

use std::fmt;
use std::path::PathBuf;

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Entry of `train` or `test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ImageSet {
    /// Distribution: a built-in name, or a file relative to the study file.
    Distribution(String),
    /// The user's own images, as `{ images = "my.npz" }`.
    UserImages(UserImagesTable),
}

/// Table of the user's own images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UserImagesTable {
    /// An npz file or a folder of PNG, relative to the study file.
    pub images: PathBuf,
    /// Name in tables. `None`: the name of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Label of the abnormal class. `None`: labels are 0 (normal) and 1 (abnormal).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub abnormal: Option<String>,
    /// SHA-256 that the images must have. An output folder keeps that of its first run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Table `[backgrounds]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackgroundsTable {
    /// An npz file with the arrays `backgrounds` and `group`, relative to the study file.
    pub file: PathBuf,
    /// SHA-256 that the file must have. An output folder keeps that of its first run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

impl ImageSet {
    /// Returns the name or path of a distribution, as the file has it; `None` for images.
    #[must_use]
    pub fn distribution(&self) -> Option<&String> {
        match self {
            Self::Distribution(name) => Some(name),
            Self::UserImages(_) => None,
        }
    }

    /// Returns the name in the study: that of the distribution as the file has it, or that of the images.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Distribution(name) => name,
            Self::UserImages(table) => table.name.as_deref().unwrap_or_default(),
        }
    }
}

impl From<&str> for ImageSet {
    fn from(name: &str) -> Self {
        Self::Distribution(name.to_owned())
    }
}

impl Serialize for ImageSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Distribution(name) => serializer.serialize_str(name),
            Self::UserImages(table) => table.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ImageSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ImageSetVisitor)
    }
}

struct ImageSetVisitor;

impl<'de> Visitor<'de> for ImageSetVisitor {
    type Value = ImageSet;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the name or the file of a distribution, or { images = \"my.npz\" }")
    }

    fn visit_str<E>(self, name: &str) -> Result<ImageSet, E> {
        Ok(ImageSet::Distribution(name.to_owned()))
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<ImageSet, A::Error> {
        UserImagesTable::deserialize(MapAccessDeserializer::new(map)).map(ImageSet::UserImages)
    }
}
