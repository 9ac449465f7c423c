//! `nodule evaluate`: a finished run, measured on a distribution of the user's choice.

use std::path::{Path, PathBuf};

use crate::print::{json, line};
use clap::Args;
use nodule_eval::{Metric, Metrics};
use nodule_images::read_images;
use nodule_run::{ImagesEvaluation, evaluate_images, evaluate_run};
use nodule_study::Registry;
use nodule_synth::Distribution;
use serde::Serialize;

use super::sources::Sources;

const EXAMPLES: &str = "Examples:
  nodule evaluate --run results/quick/runs/0123456789abcdef --distribution lidc --n 500
  nodule evaluate --run RUN --distribution my.toml --n 500 --seed 3
  nodule evaluate --run RUN --distribution lidc --n 500 --json | jq '.[0].metrics.auroc'
  nodule evaluate --run RUN --images mine.npz
  nodule evaluate --run RUN --images crops/

The read-outs are fitted on the run's own training images, drawn again from its seed.
Intervals are 95%, over the test images; of images that name a group each, a patient say, over groups.";

/// Every metric but balanced accuracy, which follows from two of them.
const SHOWN: [Metric; 4] = [
    Metric::Accuracy,
    Metric::Sensitivity,
    Metric::Specificity,
    Metric::Auroc,
];

/// Measure a finished run.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Evaluate {
    /// Folder of a finished run
    #[arg(long, value_name = "DIR")]
    run: PathBuf,
    /// A distribution file, or the name of a built-in one
    #[arg(
        long,
        value_name = "FILE|NAME",
        requires = "n",
        required_unless_present = "images"
    )]
    distribution: Option<String>,
    /// Number of images drawn from the distribution
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    n: Option<u32>,
    /// Seed of the images drawn
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Images of your own instead: an npz file, or a folder of PNG with labels.csv (docs/own-images.md)
    #[arg(long, value_name = "FILE|DIR", conflicts_with_all = ["distribution", "n", "seed"])]
    images: Option<PathBuf>,
    #[command(flatten)]
    sources: Sources,
    /// Print JSON, one object a read-out and test set: shares from 0 to 1, with their 95% intervals
    #[arg(long)]
    json: bool,
}

/// What `--json` prints, one a read-out and test set.
#[derive(Debug, Serialize)]
struct Measured<'a> {
    read_out: String,
    test: &'a str,
    metrics: &'a Metrics,
    /// Spearman's, with ratings of images of one's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    shape_correlation: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    texture_correlation: Option<f64>,
}

impl Evaluate {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let sources = self.sources.read()?;
        match (&self.images, &self.distribution, self.n) {
            (Some(images), _, _) => self.given(images, &sources),
            (None, Some(distribution), Some(n)) => self.drawn(distribution, n, &sources),
            // The parser asks for both or the other.
            _ => Ok(()),
        }
    }

    fn drawn(
        &self,
        distribution: &str,
        n: u32,
        sources: &nodule_run::Sources,
    ) -> anyhow::Result<()> {
        let distribution = Distribution::resolve(distribution)?;
        let rows = evaluate_run(
            &self.run,
            &Registry::default(),
            &distribution,
            sources,
            self.seed,
            n as usize,
        )?;
        if self.json {
            let read_outs = rows.iter().map(|(read_out, test)| Measured {
                read_out: read_out.to_string(),
                test: &test.test,
                metrics: &test.metrics,
                shape_correlation: None,
                texture_correlation: None,
            });
            return json(&read_outs.collect::<Vec<_>>());
        }
        line(header("test"))?;
        for (read_out, test) in rows {
            line(row(&read_out.to_string(), &test.metrics, &test.test))?;
        }
        Ok(())
    }

    fn given(&self, path: &Path, sources: &nodule_run::Sources) -> anyhow::Result<()> {
        let images = read_images(path)?;
        let rows = evaluate_images(&self.run, &Registry::default(), sources, &images)?;
        if self.json {
            let read_outs = rows.iter().map(|row| Measured {
                read_out: row.read_out.to_string(),
                test: &images.name,
                metrics: &row.metrics,
                shape_correlation: row.shape,
                texture_correlation: row.texture,
            });
            return json(&read_outs.collect::<Vec<_>>());
        }
        line(header("images"))?;
        for row_of in &rows {
            let read_out = row_of.read_out.to_string();
            line(row(&read_out, &row_of.metrics, &images.name))?;
        }
        let n = images.labels.len();
        match &images.groups {
            Some(groups) => {
                let of = groups.iter().max().map_or(0, |last| last + 1);
                line(format_args!(
                    "\n{n} images of {of} groups; intervals are over groups"
                ))?;
            }
            None => line(format_args!("\n{n} images; intervals are over images"))?,
        }
        for (what, rating) in [
            (
                "shape",
                (|row| row.shape) as fn(&ImagesEvaluation) -> Option<f64>,
            ),
            ("texture", |row| row.texture),
        ] {
            let found = rows
                .iter()
                .filter_map(|row| Some(format!("{} {:.3}", row.read_out, rating(row)?)));
            let found: Vec<_> = found.collect();
            if !found.is_empty() {
                line(format_args!(
                    "rank correlation of decisions and ratings of {what}: {}",
                    found.join(", ")
                ))?;
            }
        }
        Ok(())
    }
}

fn header(last: &str) -> String {
    // A share with its interval, such as 0.123 [0.456, 0.789], is 20 characters wide.
    let header = SHOWN.map(|metric| format!("{:<22}", metric.title()));
    format!("{:<9} {} {last}", "readout", header.join(" "))
}

fn row(read_out: &str, metrics: &Metrics, last: &str) -> String {
    let columns = SHOWN.map(|metric| {
        let text = match metrics.get(metric) {
            Some(e) => {
                let [value, low, high] = [e.value, e.low, e.high].map(|v| metric.format(v));
                format!("{value} [{low}, {high}]")
            }
            None => "undefined".to_owned(),
        };
        format!("{text:<22}")
    });
    format!("{read_out:<9} {} {last}", columns.join(" "))
}
