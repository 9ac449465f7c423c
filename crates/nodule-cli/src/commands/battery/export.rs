//! `nodule battery export`: the images that networks are asked about, as files.

use std::path::PathBuf;

use clap::Args;
use nodule_battery::{Battery, export};
use nodule_study::settings::resized;
use nodule_study::{Registry, load_study};
use nodule_synth::export::check_export_folder;

use crate::commands::study::study_help;
use crate::print::line;

const EXAMPLES: &str = "Examples:
  nodule battery export --study quick --out battery
  nodule battery export --study paper --train both --seeds 5 --out battery

images/SET.npz holds images [n, size, size] float32, labels and id; labels.csv every latent of every image;
manifest.json the battery's id, which answers must carry, and which sets need decision values or embeddings.";

/// Write the images of a battery.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Export {
    #[arg(long, value_name = "FILE|NAME", help = study_help())]
    study: String,
    /// Folder to write to, empty or new
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Width and height in pixels, instead of the study's
    #[arg(long, value_name = "PIXELS")]
    image_size: Option<usize>,
    /// Training distribution to write training and validation images of, once or more; all of the study's
    /// without it
    #[arg(long, value_name = "NAME")]
    train: Vec<String>,
    /// Seeds to write training and validation images of: more than 1 where each model was trained with a
    /// seed of the study's own
    #[arg(long, default_value_t = 1)]
    seeds: usize,
}

impl Export {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let resolved = load_study(&self.study, &Registry::default())?;
        let resolved = match self.image_size {
            Some(size) => resized(resolved, size, &Registry::default())?,
            None => resolved,
        };
        // Asked before anything is drawn, which may take long.
        check_export_folder(&self.out)?;
        let battery = Battery::new(resolved, &self.train, self.seeds)?;
        let manifest = export(&battery, &self.out, &|_| ())?;
        let images: usize = manifest.sets.iter().map(|set| set.n).sum();
        line(format_args!(
            "{images} images in {} sets of the battery {} in {}",
            manifest.sets.len(),
            manifest.battery,
            self.out.display()
        ))?;
        Ok(())
    }
}
