//! One set of a battery: its purpose, its name, and the latents of its images.

use std::fmt;
use std::ops::Range;

use nodule_study::Error;
use nodule_synth::{DataSet, Generator, Latents, Mode, Sample};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// Purpose of a set. Its `Display` text is the set's name in files.
///
/// ```
/// use nodule_battery::SetKind;
/// use nodule_synth::Mode;
///
/// assert_eq!(SetKind::Low(Mode::Shape).to_string(), "low-shape");
/// assert!(!SetKind::Maps.needs_scores());
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetKind {
    /// Training images of a distribution and a seed, on which classifiers of the embedding are fitted.
    Training(String, usize),
    /// Validation images of a distribution and a seed, whose score SD is the unit of all effects.
    Validation(String, usize),
    /// Test set of a distribution.
    Test(String),
    /// Low images of a mode's counterfactual pairs.
    Low(Mode),
    /// High images of a mode's counterfactual pairs, in the same order.
    High(Mode),
    /// Shape-texture plane, point by point.
    Plane,
    /// Images whose saliency maps are scored.
    Maps,
    /// Images whose embeddings are decoded.
    Representation,
}

/// A set of images, before they are rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Set {
    /// Purpose of the set.
    pub kind: SetKind,
    /// Latents, label and factor levels of each image.
    pub samples: Vec<Sample>,
}

impl fmt::Display for SetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Training(name, seed) => write!(f, "training-{name}-{seed}"),
            Self::Validation(name, seed) => write!(f, "validation-{name}-{seed}"),
            Self::Test(name) => write!(f, "test-{name}"),
            Self::Low(mode) => write!(f, "low-{mode}"),
            Self::High(mode) => write!(f, "high-{mode}"),
            Self::Plane => write!(f, "landscape"),
            Self::Maps => write!(f, "maps"),
            Self::Representation => write!(f, "representation"),
        }
    }
}

impl SetKind {
    /// Returns whether predictions must give decision scores for the set, if they give any.
    #[must_use]
    pub fn needs_scores(&self) -> bool {
        !matches!(self, Self::Training(..) | Self::Maps | Self::Representation)
    }

    /// Returns whether predictions must give embeddings for the set, if they give any.
    #[must_use]
    pub fn needs_embeddings(&self) -> bool {
        !matches!(self, Self::Maps)
    }
}

impl Set {
    pub(super) fn new(kind: SetKind, samples: Vec<Sample>) -> Self {
        Self { kind, samples }
    }

    /// Name of the set and of its file.
    #[must_use]
    pub fn name(&self) -> String {
        self.kind.to_string()
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.samples.len()
    }

    /// Returns whether the set has no images.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.samples.is_empty()
    }

    /// Returns a unique number for each image: a hash of set, index and latents. Predictions that repeat the ids prove
    /// that the order of the images was kept.
    ///
    /// ```
    /// use std::collections::BTreeSet;
    ///
    /// use nodule_battery::{Battery, SetKind};
    /// use nodule_study::{Registry, load_study};
    ///
    /// let smoke = load_study("smoke", &Registry::default())?;
    /// let battery = Battery::new(smoke, &["both".to_owned()], 1)?;
    /// let plane = battery.set(&SetKind::Plane).unwrap();
    /// assert_eq!(plane.ids().into_iter().collect::<BTreeSet<_>>().len(), plane.len());
    /// # Ok::<(), nodule_study::Error>(())
    /// ```
    #[must_use]
    pub fn ids(&self) -> Vec<u64> {
        let name = self.name();
        let id = |(i, sample): (usize, &Sample)| {
            // Latents are plain numbers, which always serialise.
            let latents = serde_json::to_string(&sample.latents).unwrap_or_default();
            let digest = Sha256::digest(format!("{name} {i} {latents}").as_bytes());
            digest[..8]
                .iter()
                .fold(0, |id, byte| id << 8 | u64::from(*byte))
        };
        self.samples.par_iter().enumerate().map(id).collect()
    }

    /// Returns the labels: 0 normal, 1 abnormal.
    #[must_use]
    pub fn labels(&self) -> Vec<u8> {
        self.samples.iter().map(|s| s.label.into()).collect()
    }

    /// Returns the labels, latents and levels as a data set without images.
    pub(crate) fn data_without_images(&self, image_size: usize) -> DataSet {
        DataSet {
            image_size,
            images: Vec::new(),
            masks: Vec::new(),
            labels: self.samples.iter().map(|s| s.label).collect(),
            latents: self.samples.iter().map(|s| s.latents.clone()).collect(),
            levels: self.samples.iter().map(|s| s.levels).collect(),
        }
    }

    /// Returns the latents of the images in `range`.
    #[must_use]
    pub fn latents(&self, range: Range<usize>) -> Vec<Latents> {
        let samples = self.samples.get(range).unwrap_or_default();
        samples
            .iter()
            .map(|sample| sample.latents.clone())
            .collect()
    }

    /// Renders images and masks.
    ///
    /// # Errors
    /// If a latent cannot be rendered.
    pub(super) fn render(&self, generator: &Generator) -> Result<DataSet, Error> {
        let rendered = self
            .samples
            .par_iter()
            .map(|sample| Ok(generator.render(&sample.latents)?))
            .collect::<Result<Vec<_>, Error>>()?;
        let mut data = self.data_without_images(generator.settings().image_size);
        for nodule in rendered {
            data.images.extend(nodule.image);
            data.masks.extend(nodule.mask);
        }
        Ok(data)
    }
}
