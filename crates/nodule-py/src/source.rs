//! Origin of a generator: files or a study. A pickle names them in place of their content.

use std::path::PathBuf;
use std::sync::Arc;

use nodule_battery::sets::build_generator;
use nodule_error::conflict;
use nodule_seed::hex;
use nodule_study::settings::{UserBackgrounds, resize};
use nodule_study::{Error, Registry, Resolved, load_study};
use nodule_synth::{Backgrounds, Fold, Generator, GeneratorSettings, Outlines, Split};
use pyo3::prelude::*;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::arguments::{extract_path, invalid_argument};
use crate::error::value_error;

/// Files or study that a generator is built from.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) enum Source {
    Files {
        settings: GeneratorSettings,
        /// `None` for the embedded outlines.
        outlines: Option<PathBuf>,
        backgrounds: Option<BackgroundsFile>,
    },
    Study {
        study: StudySource,
        /// Whether its generator is that of test images, or that of training and validation images.
        is_test: bool,
    },
}

/// Study of a battery.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct StudySource {
    pub(crate) study: PathBuf,
    /// `None` for the study's own size.
    pub(crate) image_size: Option<usize>,
}

/// File of backgrounds, and the part of its groups that is used.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct BackgroundsFile {
    path: PathBuf,
    part: Part,
}

/// Groups of backgrounds, as `nodule synth --part` has them.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    All,
    Training,
    Test,
}

impl Source {
    /// Builds the generator.
    ///
    /// # Errors
    /// If a file cannot be read or a setting is invalid.
    pub(crate) fn generator(&self) -> Result<Generator, Error> {
        match self {
            Self::Files {
                settings,
                outlines,
                backgrounds,
            } => {
                let outlines = match outlines {
                    None => Outlines::lidc(),
                    Some(path) => Outlines::read(path)?,
                };
                build_from_files(settings.clone(), outlines, backgrounds.as_ref())
            }
            Self::Study { study, is_test } => {
                let split = match is_test {
                    true => Split::Test,
                    false => Split::Training,
                };
                build_generator(&study.load()?, split)
            }
        }
    }
}

impl StudySource {
    /// Loads the study.
    ///
    /// # Errors
    /// If the study is invalid, or does not allow the size.
    pub(crate) fn load(&self) -> Result<Resolved, Error> {
        let registry = Registry::default();
        let resolved = load_study(&self.study.to_string_lossy(), &registry)?;
        match self.image_size {
            Some(size) => resize(&resolved, size, &registry),
            None => Ok(resolved),
        }
    }
}

impl BackgroundsFile {
    /// Returns the file of the arguments `backgrounds` and `part`; `None` without `backgrounds`.
    ///
    /// # Errors
    /// `ValueError` for a bad argument, or for a part without backgrounds.
    pub(crate) fn extract(
        backgrounds: Option<&Bound<'_, PyAny>>,
        part: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Option<Self>> {
        let part = part.map(Part::extract).transpose()?;
        match (backgrounds, part) {
            (None, None | Some(Part::All)) => Ok(None),
            (None, Some(_)) => {
                let reason = "has no effect without backgrounds; remove it";
                Err(value_error(conflict("part", reason)))
            }
            (Some(path), part) => {
                let path = extract_path("backgrounds", path, "the path of an npz file")?;
                let path = std::path::absolute(path)?;
                let part = part.unwrap_or(Part::All);
                Ok(Some(Self { path, part }))
            }
        }
    }

    fn load(&self, image_size: usize) -> Result<Arc<Backgrounds>, Error> {
        let all = UserBackgrounds::read(&self.path, None)?;
        match self.part {
            Part::All => all.load(image_size),
            Part::Training => all.split(image_size, Split::Training, &Fold::default()),
            Part::Test => all.split(image_size, Split::Test, &Fold::default()),
        }
    }
}

impl Part {
    fn extract(value: &Bound<'_, PyAny>) -> PyResult<Self> {
        match value.extract().unwrap_or_default() {
            "all" => Ok(Self::All),
            "training" => Ok(Self::Training),
            "test" => Ok(Self::Test),
            _ => Err(invalid_argument(
                "part",
                value,
                "one of all, training, test",
            )),
        }
    }
}

/// Returns the generator with these settings, outlines and backgrounds.
///
/// # Errors
/// If a setting is invalid or the backgrounds cannot be read.
pub(crate) fn build_from_files(
    settings: GeneratorSettings,
    outlines: Arc<Outlines>,
    backgrounds: Option<&BackgroundsFile>,
) -> Result<Generator, Error> {
    let size = settings.image_size;
    let generator = Generator::new(settings, outlines)?;
    match backgrounds {
        Some(file) => Ok(generator.with_backgrounds(file.load(size)?)?),
        None => Ok(generator),
    }
}

/// Returns the SHA-256 of what determines a generator's images, but for the generator's version.
pub(crate) fn hash_generator(generator: &Generator) -> Result<String, Error> {
    let settings = serde_json::to_vec(generator.settings());
    let settings = settings.map_err(|e| Error::cannot_make("a pickle", e))?;
    let mut hash = Sha256::new();
    hash.update(settings);
    hash.update(generator.outlines().digest());
    if let Some(backgrounds) = generator.backgrounds() {
        for image in (0..backgrounds.len()).filter_map(|i| backgrounds.image(i)) {
            let bytes: Vec<u8> = image.iter().flat_map(|v| v.to_le_bytes()).collect();
            hash.update(bytes);
        }
    }
    Ok(hex(hash.finalize()))
}
