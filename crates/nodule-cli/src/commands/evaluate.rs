//! `nodule evaluate`: metrics of a finished run on a distribution or on the user's images.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use nodule_eval::{Metric, Metrics};
use nodule_images::{LabelledImages, read_images};
use nodule_run::{Models, evaluate_images, evaluate_run};
use nodule_synth::Distribution;
use serde::Serialize;

use super::sources::{Sources, print_left_out};
use crate::numbers::{seed, whole};
use crate::print::{print_json, print_line};

const EXAMPLES: &str = "Examples:
  nodule evaluate --run results/quick/runs/0123456789abcdef --distribution lidc --n 500
  nodule evaluate --run RUN --distribution my.toml --n 500 --seed 3
  nodule evaluate --run RUN --distribution lidc --n 500 --json | jq '.[0].metrics.auroc'
  nodule evaluate --run RUN --images mine.npz
  nodule evaluate --run RUN --images crops/

Classifiers on the embedding (centroid, probe, knn) are fitted on the run's own training images, generated again
from its seed. Images of groups that the run was trained or validated on are left out. Intervals are 95% over test images, or over groups (such as patients) if the images name groups.";

/// Evaluate a finished run on other test images.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Evaluate {
    /// Folder of a finished run
    #[arg(long, value_name = "DIR")]
    run: PathBuf,
    /// Distribution file, or name of a built-in distribution
    #[arg(
        long,
        value_name = "FILE|NAME",
        requires = "n",
        required_unless_present = "images"
    )]
    distribution: Option<String>,
    /// Number of images to generate
    #[arg(long, allow_hyphen_values = true, value_parser = whole::<u32>(1, 1_000_000))]
    n: Option<u32>,
    /// Seed of the generated images
    #[arg(long, default_value_t = 0, allow_hyphen_values = true, value_parser = seed())]
    seed: u64,
    /// Your own images instead: an npz file, or a folder of PNG with labels.csv (docs/own-images.md)
    #[arg(long, value_name = "FILE|DIR", conflicts_with_all = ["distribution", "n", "seed"])]
    images: Option<PathBuf>,
    /// Label of the abnormal class in --images, if labels are not 0 and 1
    #[arg(long, value_name = "LABEL", requires = "images")]
    abnormal: Option<String>,
    #[command(flatten)]
    sources: Sources,
    /// Print JSON: one object per read-out and test set, with metrics from 0 to 1 and their 95% intervals
    #[arg(long)]
    json: bool,
}

/// Metrics of one read-out on one test set; an object of `--json`.
#[derive(Debug, Serialize)]
struct Row<'a> {
    read_out: String,
    test: &'a str,
    metrics: Metrics,
    /// Spearman correlation of decision scores with the shape ratings of the user's images.
    #[serde(skip_serializing_if = "Option::is_none")]
    shape_correlation: Option<f64>,
    /// Spearman correlation with the texture ratings.
    #[serde(skip_serializing_if = "Option::is_none")]
    texture_correlation: Option<f64>,
}

impl Evaluate {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let sources = self.sources.read(&self.run)?;
        match (&self.images, &self.distribution, self.n) {
            (Some(images), _, _) => self.run_on_images(images, &sources),
            (None, Some(distribution), Some(n)) => {
                self.run_on_distribution(distribution, n, &sources)
            }
            // The argument parser requires images, or a distribution with a number.
            _ => Ok(()),
        }
    }

    fn run_on_distribution(
        &self,
        distribution: &str,
        n: u32,
        sources: &nodule_run::Sources,
    ) -> anyhow::Result<()> {
        let distribution = Distribution::resolve(distribution)?;
        let evaluations = evaluate_run(
            &self.run,
            &Models::default(),
            &distribution,
            sources,
            self.seed,
            n as usize,
        )?;
        let rows = evaluations.iter().map(|(read_out, test)| Row {
            read_out: read_out.to_string(),
            test: &test.test,
            metrics: test.metrics.clone(),
            shape_correlation: None,
            texture_correlation: None,
        });
        let rows: Vec<_> = rows.collect();
        match self.json {
            true => print_json(&rows),
            false => print_rows("test", &rows),
        }
    }

    fn run_on_images(&self, path: &Path, sources: &nodule_run::Sources) -> anyhow::Result<()> {
        let all = Arc::new(read_images(path, self.abnormal.as_deref())?);
        let (images, evaluations) = evaluate_images(&self.run, &Models::default(), sources, &all)?;
        print_left_out(&all, &images);
        let rows = evaluations.into_iter().map(|row| Row {
            read_out: row.read_out.to_string(),
            test: &images.name,
            metrics: row.metrics,
            shape_correlation: row.shape,
            texture_correlation: row.texture,
        });
        let rows: Vec<_> = rows.collect();
        if self.json {
            return print_json(&rows);
        }
        print_rows("images", &rows)?;
        print_line(format_size(&images))?;
        print_correlation("shape", &rows, |row| row.shape_correlation)?;
        print_correlation("texture", &rows, |row| row.texture_correlation)
    }
}

fn print_rows(last_column: &str, rows: &[Row]) -> anyhow::Result<()> {
    // A metric with its interval, such as 0.123 [0.456, 0.789], is 20 characters wide.
    let titles: String = shown_metrics()
        .map(|metric| format!("{:<22} ", metric.title()))
        .collect();
    print_line(format_args!("{:<9} {titles}{last_column}", "readout"))?;
    for row in rows {
        let values: String = shown_metrics()
            .map(|metric| format!("{:<22} ", format_metric(&row.metrics, metric)))
            .collect();
        print_line(format_args!("{:<9} {values}{}", row.read_out, row.test))?;
    }
    Ok(())
}

/// Returns all metrics but balanced accuracy, which is the mean of two others.
fn shown_metrics() -> impl Iterator<Item = Metric> {
    Metric::ALL
        .into_iter()
        .filter(|metric| *metric != Metric::BalancedAccuracy)
}

fn format_metric(metrics: &Metrics, metric: Metric) -> String {
    let Some(estimate) = metrics.get(metric) else {
        return "undefined".to_owned();
    };
    let numbers = [estimate.value, estimate.low, estimate.high];
    let [value, low, high] = numbers.map(|v| metric.format(v));
    format!("{value} [{low}, {high}]")
}

fn format_size(images: &LabelledImages) -> String {
    let n = images.labels.len();
    match &images.groups {
        Some(groups) => {
            let groups = groups.iter().max().map_or(0, |last| last + 1);
            format!("\n{n} images of {groups} groups; intervals are over groups")
        }
        None => format!("\n{n} images; intervals are over images"),
    }
}

/// Prints the rank correlation of decision scores with a rating, if the images have that rating.
fn print_correlation(
    rating: &str,
    rows: &[Row],
    correlation: impl Fn(&Row) -> Option<f64>,
) -> anyhow::Result<()> {
    let value = |row: &Row| Some(format!("{} {:.3}", row.read_out, correlation(row)?));
    let values = rows.iter().filter_map(value).collect::<Vec<_>>().join(", ");
    if values.is_empty() {
        return Ok(());
    }
    print_line(format_args!(
        "rank correlation of decision scores and {rating} ratings: {values}"
    ))
}
