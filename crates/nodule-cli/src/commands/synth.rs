//! `nodule synth`: nodules of a distribution, exported with their labels and latents.

use std::path::PathBuf;

use crate::print::line;
use clap::{Args, ValueEnum};
use nodule_study::settings::GivenBackgrounds;
use nodule_synth::export::{check_export_folder, export_npz, export_png_parts};
use nodule_synth::{
    Audit, Distribution, Generator, GeneratorSettings, HeldOut, Part, audit, generate,
    generate_parts,
};

/// What stands below the options: examples, and the built-in distributions as the library has them.
fn examples() -> String {
    format!(
        "Examples:
  nodule synth --distribution both --n 1000 --seed 7 --out both
  nodule synth --distribution my.toml --n 50 --out pictures --format png
  nodule synth --distribution lidc --n 200 --outlines my_outlines.csv --out lidc
  nodule synth --distribution both --n 200 --backgrounds backgrounds.npz --out real-lung

Sample i depends on the seed and i alone: asking for more keeps the first ones.
Built-in distributions: {}.",
        Distribution::names().join(", ")
    )
}

/// Draw nodules and export them.
#[derive(Debug, Args)]
#[command(after_help = examples())]
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
    /// Folder to write to, empty or new
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// npz: one file of arrays, all in memory; png: a picture and a mask for every nodule
    #[arg(long, value_enum, default_value = "npz")]
    format: Format,
    /// Width and height in pixels
    #[arg(long, value_name = "PIXELS", default_value_t = GeneratorSettings::default().image_size)]
    image_size: usize,
    /// Another file of real outlines, with the columns of `data/lidc/lidc_contours.csv`, for a
    /// distribution that has real outlines
    #[arg(long, value_name = "FILE")]
    outlines: Option<PathBuf>,
    /// Real lung to draw over: an npz of `backgrounds` and `group` (docs/own-images.md)
    #[arg(long, value_name = "FILE")]
    backgrounds: Option<PathBuf>,
    /// Of the backgrounds, those that studies train on, or those that they test on; no group is both
    #[arg(long, value_enum, requires = "backgrounds", default_value = "all")]
    part: PartOrAll,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum PartOrAll {
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
        let outlines = distribution.outlines(self.outlines.as_deref())?;
        let settings = GeneratorSettings {
            image_size: self.image_size,
            ..GeneratorSettings::default()
        };
        let name = distribution.name_with(&outlines);
        let generator = self.over_backgrounds(Generator::new(settings, outlines)?)?;
        // Asked before anything is drawn, which may take long.
        check_export_folder(&self.out)?;
        let audit = match self.format {
            Format::Npz => self.arrays(&generator, &distribution)?,
            Format::Png => self.pictures(&generator, &distribution)?,
        };
        line(audit)?;
        line(format_args!(
            "{} images of {name} in {}",
            self.n,
            self.out.display()
        ))?;
        Ok(())
    }

    fn over_backgrounds(&self, generator: Generator) -> anyhow::Result<Generator> {
        let Some(path) = &self.backgrounds else {
            return Ok(generator);
        };
        let given = GivenBackgrounds::read(path)?;
        let of_part = |part| given.part(self.image_size, part, HeldOut::default());
        let chosen = match self.part {
            PartOrAll::All => given.load(self.image_size),
            PartOrAll::Training => of_part(Part::Training),
            PartOrAll::Test => of_part(Part::Test),
        }?;
        Ok(generator.over(chosen)?)
    }

    /// All in one file, so all in memory.
    fn arrays(&self, generator: &Generator, distribution: &Distribution) -> anyhow::Result<Audit> {
        let data = generate(generator, distribution, self.seed, self.n as usize)?;
        export_npz(&data, &self.out)?;
        Ok(audit(distribution, &data.labels, &data.cells))
    }

    /// A part at a time: of each only labels and cells are kept.
    fn pictures(
        &self,
        generator: &Generator,
        distribution: &Distribution,
    ) -> anyhow::Result<Audit> {
        let (mut labels, mut cells) = (Vec::new(), Vec::new());
        let parts = generate_parts(generator, distribution, self.seed, self.n as usize);
        let parts = parts.inspect(|part| {
            if let Ok(part) = part {
                labels.extend_from_slice(&part.labels);
                cells.extend_from_slice(&part.cells);
            }
        });
        export_png_parts(parts, &self.out)?;
        Ok(audit(distribution, &labels, &cells))
    }
}
