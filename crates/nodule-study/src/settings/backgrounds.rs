//! Real lung that a study draws its nodules over: a file of the user's own.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use nodule_error::invalid_value;
use nodule_images::read_grouped;
use nodule_synth::{Backgrounds, Fold, Split};
use serde::{Deserialize, Serialize};

use crate::Error;

/// The array of the file that holds them.
const ARRAY: &str = "backgrounds";

/// The table `[backgrounds]` of a study.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BackgroundsTable {
    /// An npz file with the arrays `backgrounds` and `group`, relative to the study file.
    pub file: PathBuf,
    /// SHA-256 that the file must have; an output folder keeps that of the file it was begun with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// Backgrounds of the user's own. They stay where they are: an output folder keeps their hash.
#[derive(Debug, Clone)]
pub struct GivenBackgrounds {
    /// SHA-256 of the file.
    pub sha256: String,
    path: PathBuf,
    /// Read when they are first wanted, and once.
    read: Arc<OnceLock<Arc<Backgrounds>>>,
}

impl GivenBackgrounds {
    /// Those of a file, read now.
    ///
    /// # Errors
    /// If it cannot be read, lacks an array, or what it holds is no background: the message names the
    /// file, the array or image, what was found and what is allowed.
    pub fn read(path: &Path) -> Result<Self, Error> {
        let (sha256, backgrounds) = read_file(path)?;
        Ok(Self {
            sha256,
            path: path.to_path_buf(),
            read: Arc::new(OnceLock::from(Arc::new(backgrounds))),
        })
    }

    /// Finds the file that `table`, of a study in `folder`, means, and completes the table, so that it says
    /// the same from any folder. It is read now unless the table says what its hash is.
    pub(super) fn find(table: &mut BackgroundsTable, folder: &Path) -> Result<Self, Error> {
        let path = folder.join(&table.file);
        let found = match &table.sha256 {
            Some(sha256) => Self {
                sha256: sha256.clone(),
                path: path.clone(),
                read: Arc::default(),
            },
            None => Self::read(&path)?,
        };
        table.file = std::path::absolute(&path).unwrap_or(path);
        table.sha256 = Some(found.sha256.clone());
        Ok(found)
    }

    /// The backgrounds, of that width and height.
    ///
    /// # Errors
    /// If they cannot be read, are of another size, or are not those that the study was begun with.
    pub fn load(&self, image_size: usize) -> Result<Arc<Backgrounds>, Error> {
        let read = match self.read.get() {
            Some(read) => Arc::clone(read),
            None => {
                let (sha256, read) = read_file(&self.path)?;
                if sha256 != self.sha256 {
                    let allowed = format!(
                        "{}, that of the backgrounds the study was begun with",
                        self.sha256
                    );
                    let refused = invalid_value("SHA-256", sha256, allowed);
                    return Err(refused.at(self.path.to_string_lossy()).into());
                }
                Arc::clone(self.read.get_or_init(|| Arc::new(read)))
            }
        };
        self.fits(&read, image_size)?;
        Ok(read)
    }

    /// Returns the backgrounds of one split.
    ///
    /// # Errors
    /// As [`GivenBackgrounds::load`]; and if all of their groups are held out, or none.
    pub fn split(
        &self,
        image_size: usize,
        split: Split,
        held_out: Fold,
    ) -> Result<Arc<Backgrounds>, Error> {
        let all = self.load(image_size)?;
        let backgrounds = all.split(split, held_out);
        backgrounds.map(Arc::new).map_err(|e| at(&self.path, e))
    }

    /// Refuses backgrounds of another size, where they have been read.
    pub(super) fn check(&self, image_size: usize) -> Result<(), Error> {
        let read = self.read.get();
        read.map_or(Ok(()), |read| self.fits(read, image_size))
    }

    /// Refuses to hold out all of their groups, or none, where they have been read.
    pub(super) fn check_fold(&self, held_out: Fold) -> Result<(), Error> {
        let Some(read) = self.read.get() else {
            return Ok(());
        };
        read.check_fold(held_out).map_err(|e| at(&self.path, e))
    }

    /// They, where they have been read.
    pub(super) fn already_read(&self) -> Option<&Arc<Backgrounds>> {
        self.read.get()
    }

    fn fits(&self, read: &Backgrounds, image_size: usize) -> Result<(), Error> {
        let size = read.image_size();
        if size == image_size {
            return Ok(());
        }
        let found = format!("{size} by {size} pixels");
        let allowed = format!("{image_size} by {image_size}, as generator.image_size says");
        let refused = invalid_value(ARRAY, found, allowed);
        Err(refused.at(self.path.to_string_lossy()).into())
    }
}

/// SHA-256 and contents of a file.
fn read_file(path: &Path) -> Result<(String, Backgrounds), Error> {
    let read = read_grouped(path, ARRAY)?;
    let groups = read.groups.iter();
    let groups = groups.map(|group| read.group_names[*group].clone());
    let made = Backgrounds::new(read.image_size, read.images, groups.collect());
    let made = made.map_err(|e| at(path, e))?;
    Ok((read.sha256, made))
}

/// What is wrong with a file's backgrounds, with the file in front.
fn at(path: &Path, error: nodule_synth::Error) -> Error {
    match error {
        nodule_synth::Error::Setting(refused) => refused.at(path.to_string_lossy()).into(),
        other => other.into(),
    }
}
