//! `nodule explain`: saliency maps of a finished run, as arrays, pictures and a page.

use std::path::PathBuf;
use std::sync::Arc;

use clap::Args;
use nodule_eval::ReadOut;
use nodule_explain::Method;
use nodule_images::read_images;
use nodule_report::write_explanation;
use nodule_run::{ExplainSettings, MapKind, Models, explain_run, select_testable_images};
use nodule_study::text::format_magnitude;
use nodule_synth::Distribution;
use nodule_synth::export::check_export_folder;

use super::sources::{Sources, print_left_out};
use crate::numbers::{seed, whole};
use crate::print::print_line;

fn examples() -> String {
    format!(
        "Examples:
  nodule explain --run results/quick/runs/0123456789abcdef --method gradient --n 20 --out maps
  nodule explain --run RUN --method grad-cam --distribution conflict --n 20 --out maps
  nodule explain --run RUN --method gradient --images mine.npz --n 20 --out maps
  nodule explain --run RUN --method activation-maximisation --class 1 --n 4 --out best

Methods: {}; and activation-maximisation,
which changes each image to increase the score of --class.
Writes maps.npz (images, maps, labels), scores.csv, maps/*.png, and index.html to view them.",
        Method::ALL.map(Method::name).join(", ")
    )
}

/// Compute saliency maps of a finished run.
#[derive(Debug, Args)]
#[command(after_help = examples())]
pub(crate) struct Explain {
    /// Attribution method (listed below)
    #[arg(long)]
    method: String,
    /// Class for activation-maximisation: 0 (normal) or 1 (abnormal)
    #[arg(long, allow_hyphen_values = true, value_parser = parse_class)]
    class: Option<u8>,
    #[command(flatten)]
    subject: Subject,
}

fn parse_class(text: &str) -> Result<u8, String> {
    let class = whole(0, 1)(text);
    class.map_err(|_| "must be 0 (normal) or 1 (abnormal)".to_owned())
}

/// A finished run, the images to explain, and the output folder.
#[derive(Debug, Args)]
pub(crate) struct Subject {
    /// Folder of a finished run
    #[arg(long, value_name = "DIR")]
    pub(crate) run: PathBuf,
    /// Number of images
    #[arg(long, allow_hyphen_values = true, value_parser = whole::<u32>(1, 10_000))]
    n: u32,
    /// Folder to write to, empty or new
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Distribution file, or name of a built-in distribution [default: the run's own]
    #[arg(long, value_name = "FILE|NAME")]
    distribution: Option<String>,
    /// Your own images instead, the first N that the run was not trained on: an npz file, or a folder of PNG with labels.csv
    #[arg(long, value_name = "FILE|DIR", conflicts_with = "distribution")]
    images: Option<PathBuf>,
    /// Label of the abnormal class in --images, if labels are not 0 and 1
    #[arg(long, value_name = "LABEL", requires = "images")]
    abnormal: Option<String>,
    /// Read-out whose decision score is explained: head, centroid or probe
    #[arg(long, default_value = "centroid")]
    read_out: String,
    /// Seed of the generated images
    #[arg(long, default_value_t = 0, allow_hyphen_values = true, value_parser = seed())]
    seed: u64,
    #[command(flatten)]
    pub(crate) sources: Sources,
}

impl Subject {
    /// Returns the settings. Prints how many of the user's images are left out.
    pub(crate) fn settings(
        &self,
        kind: MapKind,
        sources: &nodule_run::Sources,
    ) -> anyhow::Result<ExplainSettings> {
        let subject = match (&self.images, &self.distribution) {
            (Some(path), _) => {
                let all = Arc::new(read_images(path, self.abnormal.as_deref())?);
                let images = select_testable_images(&self.run, &Models::default(), sources, &all)?;
                print_left_out(&all, &images);
                nodule_run::Subject::Images(images)
            }
            (None, Some(name)) => nodule_run::Subject::Distribution(Distribution::resolve(name)?),
            (None, None) => nodule_run::Subject::TrainingDistribution,
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
        let kind = MapKind::parse(&self.method, self.class)?;
        let sources = subject.sources.read(&subject.run)?;
        // Check the folder first, since the maps may take long.
        check_export_folder(&subject.out)?;
        let settings = subject.settings(kind, &sources)?;
        let explanation = explain_run(&subject.run, &Models::default(), &sources, &settings)?;
        let largest = write_explanation(&explanation, &subject.out)?;
        if largest == 0.0 {
            print_line("all maps are zero: the decision score does not depend on the image")?;
        } else {
            print_line(format_args!(
                "largest absolute value of all maps: {}",
                format_magnitude(f64::from(largest))
            ))?;
        }
        if let Some(completeness) = &explanation.completeness {
            print_line(completeness.sentence())?;
            if let Some(warning) = completeness.warning(&explanation.run) {
                print_line(format_args!("warning: {warning}"))?;
            }
        }
        print_line(subject.out.join("index.html").display())
    }
}
