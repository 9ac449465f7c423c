//! `nodule explain`: maps of a finished run, as arrays, pictures and a page.

use std::path::PathBuf;
use std::sync::Arc;

use crate::print::line;
use clap::Args;
use nodule_eval::ReadOut;
use nodule_explain::Method;
use nodule_images::read_images;
use nodule_report::write_explanation;
use nodule_run::{ExplainSettings, MapKind, explain_run};
use nodule_study::Registry;
use nodule_study::text::magnitude;
use nodule_synth::Distribution;

use super::sources::Sources;

/// The methods are those of the library.
fn examples() -> String {
    format!(
        "Examples:
  nodule explain --run results/quick/runs/0123456789abcdef --method gradient --n 20 --out maps
  nodule explain --run RUN --method grad-cam --distribution conflict --n 20 --out maps
  nodule explain --run RUN --method gradient --images mine.npz --n 20 --out maps
  nodule explain --run RUN --method activation-maximisation --class 1 --n 4 --out best

Methods: {}; and
activation-maximisation, which shows how each image changes towards the best of a --class.
Writes maps.npz (images, maps, labels), scores.csv, maps/*.png and index.html: open that one.",
        Method::ALL.map(Method::name).join(", ")
    )
}

/// Show which pixels a finished run decides by.
#[derive(Debug, Args)]
#[command(after_help = examples())]
pub(crate) struct Explain {
    /// How maps are made: see below
    #[arg(long)]
    method: String,
    /// With activation-maximisation: 0 (normal) or 1 (abnormal)
    #[arg(long)]
    class: Option<u8>,
    #[command(flatten)]
    subject: Subject,
}

/// A finished run, the images it is looked at with, and where the answer goes.
#[derive(Debug, Args)]
pub(crate) struct Subject {
    /// Folder of a finished run
    #[arg(long, value_name = "DIR")]
    pub(crate) run: PathBuf,
    /// Number of images
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=10_000))]
    n: u32,
    /// Folder to write to
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// A distribution file, or the name of a built-in one [default: the run's own]
    #[arg(long, value_name = "FILE|NAME")]
    distribution: Option<String>,
    /// Images of your own instead, the first N: an npz file, or a folder of PNG with labels.csv
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "distribution")]
    images: Option<PathBuf>,
    /// Whose decision: head, centroid or probe
    #[arg(long, default_value = "centroid")]
    read_out: String,
    /// Seed of the images
    #[arg(long, default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    pub(crate) sources: Sources,
}

impl Subject {
    pub(crate) fn settings(&self, kind: MapKind) -> anyhow::Result<ExplainSettings> {
        let subject = match (&self.images, &self.distribution) {
            (Some(path), _) => nodule_run::Subject::Given(Arc::new(read_images(path)?)),
            (None, Some(name)) => nodule_run::Subject::Drawn(Distribution::resolve(name)?),
            (None, None) => nodule_run::Subject::Own,
        };
        Ok(ExplainSettings {
            kind,
            read_out: self.read_out.parse::<ReadOut>()?,
            subject,
            seed: self.seed,
            n: self.n as usize,
        })
    }
}

impl Explain {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let subject = &self.subject;
        let settings = subject.settings(MapKind::named(&self.method, self.class)?)?;
        let registry = Registry::default();
        let made = explain_run(&subject.run, &registry, &subject.sources.read()?, &settings)?;
        let largest = write_explanation(&made, &subject.out)?;
        if largest == 0.0 {
            line("every map is blank: the decision does not move with the image")?;
        } else {
            line(format_args!(
                "largest absolute value of all maps: {}",
                magnitude(f64::from(largest))
            ))?;
        }
        if let Some(completeness) = &made.completeness {
            line(completeness.sentence())?;
        }
        line(subject.out.join("index.html").display())?;
        Ok(())
    }
}
