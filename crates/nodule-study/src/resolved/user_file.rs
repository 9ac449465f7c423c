//! The user's own image files: labelled images and backgrounds, known by their SHA-256 and read when they are needed.

use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use nodule_error::{InvalidInput, conflict};
use nodule_images::{LabelledImages, read_grouped, read_images};
use nodule_synth::{Backgrounds, Fold, Split};

use crate::Error;
use crate::file::{BackgroundsTable, UserImagesTable};

/// Array of a backgrounds file.
const BACKGROUNDS: &str = "backgrounds";

/// File or folder of the user's own. It stays where it is; an output folder keeps its SHA-256.
#[derive(Debug, Clone)]
pub struct UserFile<T> {
    /// Name in tables.
    name: String,
    /// SHA-256 of the file, or of the folder's `labels.csv` and pictures.
    sha256: String,
    path: PathBuf,
    /// Label of the abnormal class; `None` if labels are 0 and 1.
    abnormal: Option<String>,
    /// Read at most once.
    content: Arc<OnceLock<Arc<T>>>,
}

/// The user's own labelled images, for training or testing.
pub type UserImages = UserFile<LabelledImages>;
/// Real lung as background of the nodules.
pub type UserBackgrounds = UserFile<Backgrounds>;

/// Content of a [`UserFile`].
pub trait UserContent: Sized {
    /// Reads the content and returns it with its name and SHA-256. `abnormal` is the label of the abnormal class; `None` if
    /// labels are 0 and 1.
    ///
    /// # Errors
    /// If the file cannot be read or its content is invalid; the message names the file and the array or image.
    fn read(path: &Path, abnormal: Option<&str>) -> Result<(Self, String, String), Error>;

    /// Returns width and height of the images in pixels.
    fn image_size(&self) -> usize;
}

impl UserContent for LabelledImages {
    fn read(path: &Path, abnormal: Option<&str>) -> Result<(Self, String, String), Error> {
        let images = read_images(path, abnormal)?;
        let (name, sha256) = (images.name.clone(), images.sha256.clone());
        Ok((images, name, sha256))
    }

    fn image_size(&self) -> usize {
        self.image_size
    }
}

impl UserContent for Backgrounds {
    fn read(path: &Path, _: Option<&str>) -> Result<(Self, String, String), Error> {
        let images = read_grouped(path, BACKGROUNDS)?;
        let groups = images
            .groups
            .iter()
            .map(|group| images.group_names[*group].clone())
            .collect();
        let backgrounds =
            Self::new(images.image_size, images.images, groups).map_err(|e| in_file(path, e))?;
        Ok((backgrounds, BACKGROUNDS.to_owned(), images.sha256))
    }

    fn image_size(&self) -> usize {
        self.image_size()
    }
}

impl<T: UserContent> UserFile<T> {
    /// Reads a file or folder. `abnormal` is the label of the abnormal class; `None` if labels are 0 and 1.
    ///
    /// # Errors
    /// If the file cannot be read or its content is invalid.
    pub fn read(path: &Path, abnormal: Option<&str>) -> Result<Self, Error> {
        let (content, name, sha256) = T::read(path, abnormal)?;
        Ok(Self {
            name,
            sha256,
            path: path.to_path_buf(),
            abnormal: abnormal.map(str::to_owned),
            content: Arc::new(OnceLock::from(Arc::new(content))),
        })
    }

    /// Returns the file at `path`. It is read now unless its SHA-256 is known.
    fn find(path: &Path, sha256: Option<&String>, abnormal: Option<&str>) -> Result<Self, Error> {
        match sha256 {
            None => Self::read(path, abnormal),
            Some(sha256) => Ok(Self {
                name: String::new(),
                sha256: sha256.clone(),
                path: path.to_path_buf(),
                abnormal: abnormal.map(str::to_owned),
                content: Arc::default(),
            }),
        }
    }

    /// Loads the content, whose images must have that width and height.
    ///
    /// # Errors
    /// If the file cannot be read, has images of another size, or changed since the study was started.
    pub fn load(&self, image_size: usize) -> Result<Arc<T>, Error> {
        let content = match self.content.get() {
            Some(content) => content,
            None => {
                let (content, _, sha256) = T::read(&self.path, self.abnormal.as_deref())?;
                if sha256 != self.sha256 {
                    let reason = format!(
                        "is {sha256}, but the study was started with {}; restore that file",
                        self.sha256
                    );
                    return Err(conflict("SHA-256", reason).at(self.place()).into());
                }
                self.content.get_or_init(|| Arc::new(content))
            }
        };
        self.check_size(image_size)?;
        Ok(Arc::clone(content))
    }

    /// Checks the size of the images, if they have been read.
    ///
    /// # Errors
    /// If width and height differ from `image_size`.
    pub(crate) fn check_size(&self, image_size: usize) -> Result<(), InvalidInput> {
        match self.content.get().map(|content| content.image_size()) {
            Some(size) if size != image_size => {
                let reason = format!(
                    "{size} by {size} pixels, but generator.image_size = {image_size}; change one of them"
                );
                Err(conflict("images", reason).at(self.place()))
            }
            _ => Ok(()),
        }
    }

    /// Returns the content, if it has been read.
    pub(crate) fn content(&self) -> Option<&Arc<T>> {
        self.content.get()
    }

    /// Returns the name in tables.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the SHA-256 in hexadecimal.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// Returns the label of the abnormal class; `None` if labels are 0 and 1.
    #[must_use]
    pub fn abnormal(&self) -> Option<&str> {
        self.abnormal.as_deref()
    }

    /// Returns the path, for messages.
    #[must_use]
    pub fn place(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}

impl UserImages {
    /// Finds the images of `table`, a table of a study in `folder`, and completes the table so that it is valid in any
    /// folder.
    ///
    /// # Errors
    /// If the images cannot be read.
    pub(crate) fn from_table(table: &mut UserImagesTable, folder: &Path) -> Result<Self, Error> {
        let path = folder.join(&table.images);
        let mut images = Self::find(&path, table.sha256.as_ref(), table.abnormal.as_deref())?;
        images.name = table.name.clone().unwrap_or_else(|| {
            let stem = path.file_stem().unwrap_or_default();
            stem.to_string_lossy().into_owned()
        });
        table.images = std::path::absolute(&path).unwrap_or(path);
        table.name = Some(images.name.clone());
        table.sha256 = Some(images.sha256.clone());
        Ok(images)
    }

    /// Returns the number of images, if they have been read.
    pub(crate) fn count(&self) -> Option<usize> {
        self.content().map(|images| images.labels.len())
    }
}

impl UserBackgrounds {
    /// Finds the backgrounds of `table`, a table of a study in `folder`, and completes the table so that it is valid in any
    /// folder.
    ///
    /// # Errors
    /// If the backgrounds cannot be read.
    pub(crate) fn from_table(table: &mut BackgroundsTable, folder: &Path) -> Result<Self, Error> {
        let path = folder.join(&table.file);
        let backgrounds = Self::find(&path, table.sha256.as_ref(), None)?;
        table.file = std::path::absolute(&path).unwrap_or(path);
        table.sha256 = Some(backgrounds.sha256.clone());
        Ok(backgrounds)
    }

    /// Loads the backgrounds of one split.
    ///
    /// # Errors
    /// As [`UserFile::load`]; and if the fold holds all groups, or none.
    pub fn split(
        &self,
        image_size: usize,
        split: Split,
        fold: &Fold,
    ) -> Result<Arc<Backgrounds>, Error> {
        self.load(image_size)?
            .split(split, fold)
            .map(Arc::new)
            .map_err(|e| in_file(&self.path, e))
    }

    /// Checks that the fold holds some of the groups and not all, if the backgrounds have been read.
    pub(crate) fn check_fold(&self, fold: &Fold) -> Result<(), Error> {
        match self.content() {
            None => Ok(()),
            Some(backgrounds) => backgrounds
                .check_fold(fold)
                .map_err(|e| in_file(&self.path, e)),
        }
    }
}

/// Returns an error about a file's content with the file in front.
fn in_file(path: &Path, error: nodule_synth::Error) -> Error {
    match error {
        nodule_synth::Error::Setting(error) => error.at(path.to_string_lossy()).into(),
        other => other.into(),
    }
}
