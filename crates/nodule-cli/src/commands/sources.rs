//! What a run's images are made of and its folder does not hold, as options.

use std::path::PathBuf;

use clap::Args;
use nodule_study::settings::{GivenBackgrounds, GivenImages};
use nodule_synth::Outlines;

/// Files that a run was made with.
#[derive(Debug, Args)]
pub(crate) struct Sources {
    /// Another file of real outlines, with the columns of `data/lidc/lidc_contours.csv`
    #[arg(long, value_name = "FILE")]
    outlines: Option<PathBuf>,
    /// The real lung that the run's nodules lie over, if they do (docs/own-images.md)
    #[arg(long, value_name = "FILE")]
    backgrounds: Option<PathBuf>,
    /// The images that the run was trained on, if they are no drawn ones
    #[arg(long, value_name = "FILE")]
    train_images: Option<PathBuf>,
}

impl Sources {
    pub(crate) fn read(&self) -> anyhow::Result<nodule_run::Sources> {
        let backgrounds = self.backgrounds.as_deref();
        Ok(nodule_run::Sources {
            outlines: match &self.outlines {
                Some(path) => Outlines::read(path)?,
                None => Outlines::embedded(),
            },
            backgrounds: backgrounds.map(GivenBackgrounds::read).transpose()?,
            images: match &self.train_images {
                Some(path) => vec![GivenImages::read(path)?],
                None => Vec::new(),
            },
        })
    }
}
