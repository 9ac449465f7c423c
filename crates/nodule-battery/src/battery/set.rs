//! One set of images: what it is for, its name, and the latents of each image.

use std::fmt;
use std::ops::Range;

use nodule_study::Error;
use nodule_synth::{DataSet, Generator, Latents, Mode, Sample};
use rayon::prelude::*;
use sha2::{Digest, Sha256};

/// What a set is for. Its text is the set's name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SetKind {
    /// Training images of a distribution and a seed: read-outs are fitted on them.
    Training(String, usize),
    /// Validation images likewise: the unit of all effects.
    Validation(String, usize),
    /// A test set.
    Test(String),
    /// The low ends of a mode's counterfactual pairs.
    Low(Mode),
    /// The high ends, in the same order.
    High(Mode),
    /// The square of shape and texture, point by point.
    Landscape,
    /// Images whose maps are scored.
    Maps,
    /// Images that embeddings are asked about.
    Representation,
}

/// One set of images.
#[derive(Debug, Clone, PartialEq)]
pub struct Set {
    /// What it is for.
    pub kind: SetKind,
    /// Every image, before it is rendered.
    pub drawn: Vec<Sample>,
}

impl fmt::Display for SetKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Training(name, seed) => write!(f, "training-{name}-{seed}"),
            Self::Validation(name, seed) => write!(f, "validation-{name}-{seed}"),
            Self::Test(name) => write!(f, "test-{name}"),
            Self::Low(mode) => write!(f, "low-{mode}"),
            Self::High(mode) => write!(f, "high-{mode}"),
            Self::Landscape => write!(f, "landscape"),
            Self::Maps => write!(f, "maps"),
            Self::Representation => write!(f, "representation"),
        }
    }
}

impl SetKind {
    /// Whether decision values are asked for.
    #[must_use]
    pub fn is_decided(&self) -> bool {
        !matches!(self, Self::Training(..) | Self::Maps | Self::Representation)
    }

    /// Whether embeddings are asked for, where a network gives any.
    #[must_use]
    pub fn is_embedded(&self) -> bool {
        !matches!(self, Self::Maps)
    }
}

impl Set {
    pub(super) fn new(kind: SetKind, drawn: Vec<Sample>) -> Self {
        Self { kind, drawn }
    }

    /// Its name, which is its file's.
    #[must_use]
    pub fn name(&self) -> String {
        self.kind.to_string()
    }

    /// How many images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.drawn.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.drawn.is_empty()
    }

    /// A number for each image that no other image has, by its set, its place in it and its latents: who
    /// sends it back shows that the order was kept.
    #[must_use]
    pub fn ids(&self) -> Vec<u64> {
        let name = self.name();
        let id = |(i, drawn): (usize, &Sample)| {
            // Plain numbers: nothing in them can fail to become JSON.
            let latents = serde_json::to_string(&drawn.latents).unwrap_or_default();
            let digest = Sha256::digest(format!("{name} {i} {latents}").as_bytes());
            digest[..8]
                .iter()
                .fold(0, |id, byte| id << 8 | u64::from(*byte))
        };
        self.drawn.par_iter().enumerate().map(id).collect()
    }

    /// The labels: 0 normal, 1 abnormal.
    #[must_use]
    pub fn labels(&self) -> Vec<u8> {
        self.drawn.iter().map(|drawn| drawn.label.into()).collect()
    }

    /// All that is known of its images, without the images.
    pub(crate) fn data(&self, image_size: usize) -> DataSet {
        DataSet {
            image_size,
            images: Vec::new(),
            masks: Vec::new(),
            labels: self.drawn.iter().map(|d| d.label).collect(),
            latents: self.drawn.iter().map(|d| d.latents.clone()).collect(),
            levels: self.drawn.iter().map(|d| d.levels).collect(),
        }
    }

    /// The latents of the images of `range`.
    #[must_use]
    pub fn latents(&self, range: Range<usize>) -> Vec<Latents> {
        let drawn = self.drawn.get(range).unwrap_or_default();
        drawn.iter().map(|drawn| drawn.latents.clone()).collect()
    }

    /// Images and masks, with all that is known of them.
    ///
    /// # Errors
    /// If a latent cannot be rendered.
    pub(super) fn rendered(&self, generator: &Generator) -> Result<DataSet, Error> {
        let rendered = self.drawn.par_iter();
        let rendered = rendered.map(|drawn| Ok(generator.render(&drawn.latents)?));
        let rendered = rendered.collect::<Result<Vec<_>, Error>>()?;
        let mut data = self.data(generator.settings().image_size);
        for one in rendered {
            data.images.extend(one.image);
            data.masks.extend(one.mask);
        }
        Ok(data)
    }
}
