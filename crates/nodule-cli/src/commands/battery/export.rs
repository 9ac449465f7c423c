//! `nodule battery export`: test images of a study as files.

use std::path::PathBuf;

use clap::Args;
use nodule_battery::{Battery, export};
use nodule_study::settings::resize;
use nodule_study::{Registry, load_study};
use nodule_synth::export::check_export_folder;

use crate::commands::study::study_help;
use crate::numbers::whole;
use crate::print::print_line;

const EXAMPLES: &str = "Examples:
  nodule battery export --study quick --out battery
  nodule battery export --study paper --train both --seeds 5 --out battery

Writes images/SET.npz: images [n, size, size] float32, labels, id; labels.csv: all latents of every image; and
manifest.json: the battery's id, which predictions must repeat, and whether each set needs decision scores or
embeddings.";

/// Export the test images of a study as npz files.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Export {
    #[arg(long, value_name = "FILE|NAME", help = study_help())]
    study: String,
    /// Folder to write to, empty or new
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Width and height in pixels [default: the study's]
    #[arg(long, value_name = "PIXELS", allow_hyphen_values = true, value_parser = whole::<usize>(16, 512))]
    image_size: Option<usize>,
    /// Training distribution whose training and validation images are exported; repeatable [default: all]
    #[arg(long, value_name = "NAME")]
    train: Vec<String>,
    /// Number of seeds whose training and validation images are exported; more than 1 only if the models were
    /// trained on the images of the study's seeds
    #[arg(long, default_value_t = 1, allow_hyphen_values = true, value_parser = whole::<usize>(1, 1000))]
    seeds: usize,
}

impl Export {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let mut resolved = load_study(&self.study, &Registry::default())?;
        if let Some(size) = self.image_size {
            resolved = resize(&resolved, size, &Registry::default())?;
        }
        // Check the folder first, since generating may take long.
        check_export_folder(&self.out)?;
        let battery = Battery::new(resolved, &self.train, self.seeds)?;
        let manifest = export(&battery, &self.out, &|_| ())?;
        let images: usize = manifest.sets.iter().map(|set| set.n).sum();
        print_line(format_args!(
            "{images} images in {} sets of battery {} in {}",
            manifest.sets.len(),
            manifest.battery,
            self.out.display()
        ))
    }
}
