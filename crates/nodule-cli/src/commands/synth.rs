//! `nodule synth`: nodules of a distribution, exported with their labels and latents.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use nodule_synth::{
    Distribution, Generator, GeneratorSettings, Outlines, audit, export_npz, export_png, generate,
};

const EXAMPLES: &str = "Examples:
  nodule synth --distribution both --n 1000 --seed 7 --out both
  nodule synth --distribution my.toml --n 50 --out pictures --format png
  nodule synth --distribution lidc --n 200 --outlines my_outlines.csv --out lidc

Sample i depends on the seed and i alone: asking for more keeps the first ones.
Built-in distributions: shape, texture, both, either, conflict, shape-only, texture-only,
spurious-R (R from 0 to 1), lidc, factorial, both-noise, both-contrast, both-size,
random-labels.";

/// Draw nodules and export them.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Synth {
    /// A distribution file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME")]
    distribution: String,
    /// Number of images
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    n: u32,
    /// Seed of the data set
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// npz: one file of arrays; png: a picture and a mask for every nodule
    #[arg(long, value_enum, default_value = "npz")]
    format: Format,
    /// Width and height in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = GeneratorSettings::default().image_size)]
    image_size: usize,
    /// Another file of real outlines, with the columns of `data/lidc/lidc_contours.csv`
    #[arg(long, value_name = "FILE")]
    outlines: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Npz,
    Png,
}

impl Synth {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let distribution = Distribution::resolve(&self.distribution)?;
        let outlines = match &self.outlines {
            Some(path) => Outlines::read(path)?,
            None => Outlines::embedded(),
        };
        let settings = GeneratorSettings {
            image_size: self.image_size,
            ..GeneratorSettings::default()
        };
        let generator = Generator::new(settings, outlines)?;
        let data = generate(&generator, &distribution, self.seed, self.n as usize)?;
        match self.format {
            Format::Npz => export_npz(&data, &self.out)?,
            Format::Png => export_png(&data, &self.out)?,
        }
        println!("{}", audit(&distribution, &data));
        println!(
            "{} images of {} in {}",
            self.n,
            distribution.name,
            self.out.display()
        );
        Ok(())
    }
}
