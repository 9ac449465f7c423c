//! Options for the files that a run was made with and that its folder does not contain.

use std::path::{Path, PathBuf};

use clap::Args;
use nodule_images::LabelledImages;
use nodule_study::results::read_record;
use nodule_study::settings::{UserBackgrounds, UserImages};
use nodule_synth::Outlines;

use crate::print::print_note;

/// Files that a run was made with.
#[derive(Debug, Args)]
pub(crate) struct Sources {
    /// File of real outlines to use instead of the built-in ones, with the columns of `data/lidc/lidc_contours.csv`
    #[arg(long, value_name = "FILE")]
    outlines: Option<PathBuf>,
    /// File of lung backgrounds that the run was made with (docs/own-images.md)
    #[arg(long, value_name = "FILE")]
    backgrounds: Option<PathBuf>,
    /// File of images that the run was trained on, if they were not generated
    #[arg(long, value_name = "FILE")]
    train_images: Option<PathBuf>,
}

impl Sources {
    /// Reads the sources of the run in the folder `run`.
    pub(crate) fn read(&self, run: &Path) -> anyhow::Result<nodule_run::Sources> {
        let backgrounds = self.backgrounds.as_deref();
        Ok(nodule_run::Sources {
            outlines: match &self.outlines {
                Some(path) => Outlines::read(path)?,
                None => Outlines::lidc(),
            },
            backgrounds: backgrounds
                .map(|path| UserBackgrounds::read(path, None))
                .transpose()?,
            images: match &self.train_images {
                Some(path) => vec![UserImages::read(path, abnormal_class(run).as_deref())?],
                None => Vec::new(),
            },
        })
    }
}

/// Prints how many of the user's images a run may not be tested on, and why. On standard error, since --json reserves
/// standard output.
pub(crate) fn print_left_out(all: &LabelledImages, testable: &LabelledImages) {
    let (n, left_out) = (all.labels.len(), all.labels.len() - testable.labels.len());
    if left_out > 0 {
        print_note(format_args!(
            "{left_out} of {n} images are left out: the run was trained or validated on their groups"
        ));
    }
}

/// Returns the label of the abnormal class in the images that the run was trained on. A run that cannot be read is
/// reported when it is opened.
fn abnormal_class(run: &Path) -> Option<String> {
    let record = read_record(run).ok()?;
    let label = record.settings.get("train")?.get("abnormal")?.as_str()?;
    Some(label.to_owned())
}
