//! `nodule synth`: generated images of nodules, written with their labels and latents.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use nodule_study::settings::UserBackgrounds;
use nodule_synth::export::{check_export_folder, export_npz, export_png_chunks};
use nodule_synth::{Audit, Distribution, Fold, Generator, GeneratorSettings};

use crate::numbers::{seed, whole};
use crate::print::print_line;

fn examples() -> String {
    format!(
        "Examples:
  nodule synth --distribution both --n 1000 --seed 7 --out both
  nodule synth --distribution my.toml --n 50 --out pictures --format png
  nodule synth --distribution lidc --n 200 --outlines my_outlines.csv --out lidc
  nodule synth --distribution both --n 200 --backgrounds backgrounds.npz --out real-lung

Image i depends only on the seed and on i: a larger --n keeps the first images.
Built-in distributions: {}.",
        Distribution::names().join(", ")
    )
}

/// Generate images of nodules and write them with their labels.
#[derive(Debug, Args)]
#[command(after_help = examples())]
pub(crate) struct Synth {
    /// Distribution file, or name of a built-in distribution
    #[arg(long, value_name = "FILE|NAME")]
    distribution: String,
    /// Number of images
    #[arg(long, allow_hyphen_values = true, value_parser = whole::<u32>(1, 1_000_000))]
    n: u32,
    /// Seed of the data set
    #[arg(long, default_value_t = 0, allow_hyphen_values = true, value_parser = seed())]
    seed: u64,
    /// Folder to write to, empty or new
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// npz: one file of arrays, held in memory; png: one picture and one mask per nodule
    #[arg(long, value_enum, default_value = "npz")]
    format: Format,
    /// Width and height in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = GeneratorSettings::default().image_size, allow_hyphen_values = true, value_parser = whole::<usize>(16, 512))]
    image_size: usize,
    /// File of real outlines to use instead of the built-in ones, with the columns of
    /// `data/lidc/lidc_contours.csv`, for a distribution with real outlines
    #[arg(long, value_name = "FILE")]
    outlines: Option<PathBuf>,
    /// File of lung backgrounds: an npz of `backgrounds` and `group` (docs/own-images.md)
    #[arg(long, value_name = "FILE")]
    backgrounds: Option<PathBuf>,
    /// Split of the backgrounds: those that studies train on, those that they test on (the groups are
    /// disjoint), or all
    #[arg(long, value_enum, requires = "backgrounds", default_value = "all")]
    part: Split,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Split {
    All,
    Training,
    Test,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Format {
    Npz,
    Png,
}

impl Synth {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let distribution = Distribution::resolve(&self.distribution)?;
        let outlines = distribution.load_outlines(self.outlines.as_deref())?;
        let settings = GeneratorSettings {
            image_size: self.image_size,
            ..GeneratorSettings::default()
        };
        let name = distribution.name_with(&outlines);
        let generator = self.add_backgrounds(Generator::new(settings, outlines)?)?;
        // Check the folder first, since generating may take long.
        check_export_folder(&self.out)?;
        let audit = match self.format {
            Format::Npz => self.write_npz(&generator, &distribution)?,
            Format::Png => self.write_png(&generator, &distribution)?,
        };
        print_line(audit)?;
        print_line(format_args!(
            "{} images of {name} in {}",
            self.n,
            self.out.display()
        ))
    }

    fn add_backgrounds(&self, generator: Generator) -> anyhow::Result<Generator> {
        let Some(path) = &self.backgrounds else {
            return Ok(generator);
        };
        let all = UserBackgrounds::read(path, None)?;
        let load_split = |split| all.split(self.image_size, split, &Fold::default());
        let backgrounds = match self.part {
            Split::All => all.load(self.image_size),
            Split::Training => load_split(nodule_synth::Split::Training),
            Split::Test => load_split(nodule_synth::Split::Test),
        }?;
        Ok(generator.with_backgrounds(backgrounds)?)
    }

    /// Writes one npz, for which all images are in memory at once.
    fn write_npz(
        &self,
        generator: &Generator,
        distribution: &Distribution,
    ) -> anyhow::Result<Audit> {
        let data = generator.generate(distribution, self.seed, 0..self.n as usize)?;
        export_npz(&data, &self.out)?;
        Ok(Audit::new(distribution, &data.labels, &data.levels))
    }

    /// Writes PNG files batch by batch; only labels and factor levels stay in memory.
    fn write_png(
        &self,
        generator: &Generator,
        distribution: &Distribution,
    ) -> anyhow::Result<Audit> {
        let (mut labels, mut levels) = (Vec::new(), Vec::new());
        let batches = generator
            .generate_chunks(distribution, self.seed, 0..self.n as usize)
            .inspect(|batch| {
                if let Ok(batch) = batch {
                    labels.extend_from_slice(&batch.labels);
                    levels.extend_from_slice(&batch.levels);
                }
            });
        export_png_chunks(batches, self.n as usize, &self.out)?;
        Ok(Audit::new(distribution, &labels, &levels))
    }
}
