//! `nodule explain`: maps of a finished run, as arrays, pictures and a page.

use std::path::PathBuf;

use clap::Args;
use nodule_eval::ReadOut;
use nodule_explain::Method;
use nodule_study::{ExplainSettings, explain_run};
use nodule_synth::{Distribution, Outlines};

const EXAMPLES: &str = "Examples:
  nodule explain --run results/quick/runs/0123456789abcdef --method gradient --n 20 --out maps
  nodule explain --run RUN --method grad-cam --distribution conflict --n 20 --out maps

Methods: gradient, gradient-x-input, smooth-grad, integrated-gradients, grad-cam, occlusion.
Writes maps.npz (images, maps, labels), maps/*.png and index.html: open that one.";

/// Show which pixels a finished run decides by.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Explain {
    /// Folder of a finished run
    #[arg(long, value_name = "DIR")]
    run: PathBuf,
    /// How: see below
    #[arg(long)]
    method: String,
    /// Number of images
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    n: u32,
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// A distribution file, or the name of a built-in one [default: the run's own]
    #[arg(long, value_name = "FILE|NAME")]
    distribution: Option<String>,
    /// Whose decision: head, centroid or probe
    #[arg(long, default_value = "centroid")]
    read_out: String,
    /// Seed of the images
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Another file of real outlines, with the columns of `data/lidc/lidc_contours.csv`
    #[arg(long, value_name = "FILE")]
    outlines: Option<PathBuf>,
}

impl Explain {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let distribution = self.distribution.as_deref().map(Distribution::resolve);
        let settings = ExplainSettings {
            method: self.method.parse::<Method>()?,
            read_out: self.read_out.parse::<ReadOut>()?,
            distribution: distribution.transpose()?,
            seed: self.seed,
            n: self.n as usize,
        };
        let outlines = match &self.outlines {
            Some(path) => Outlines::read(path)?,
            None => Outlines::embedded(),
        };
        let largest = explain_run(&self.run, outlines, &settings, &self.out)?;
        if largest == 0.0 {
            println!("every map is blank: the decision does not move with the image");
        } else {
            println!("largest absolute value of all maps: {largest:.3}");
        }
        println!("{}", self.out.join("index.html").display());
        Ok(())
    }
}
