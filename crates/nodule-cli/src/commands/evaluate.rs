//! `nodule evaluate`: a finished run, measured on a distribution of the user's choice.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::print::{json, line};
use clap::Args;
use nodule_eval::{Metric, Metrics};
use nodule_run::evaluate_run;
use nodule_study::Registry;
use nodule_synth::{Distribution, Outlines};
use serde::Serialize;

const EXAMPLES: &str = "Examples:
  nodule evaluate --run results/quick/runs/0123456789abcdef --distribution lidc --n 500
  nodule evaluate --run RUN --distribution my.toml --n 500 --seed 3
  nodule evaluate --run RUN --distribution lidc --n 500 --json | jq .read_outs.probe.accuracy

The read-outs are fitted on the run's own training images, drawn again from its seed.
Intervals are 95%, over the test images.";

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
    #[arg(long, value_name = "FILE|NAME")]
    distribution: String,
    /// Number of test images
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    n: u32,
    /// Seed of the test set
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Another file of real outlines, with the columns of `data/lidc/lidc_contours.csv`
    #[arg(long, value_name = "FILE")]
    outlines: Option<PathBuf>,
    /// Print one JSON object: shares from 0 to 1, with their 95% intervals
    #[arg(long)]
    json: bool,
}

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Measured<'a> {
    run: &'a Path,
    test: &'a str,
    seed: u64,
    n: u32,
    read_outs: BTreeMap<String, &'a Metrics>,
}

impl Evaluate {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let distribution = Distribution::resolve(&self.distribution)?;
        let outlines = match &self.outlines {
            Some(path) => Outlines::read(path)?,
            None => Outlines::embedded(),
        };
        let rows = evaluate_run(
            &self.run,
            &Registry::default(),
            &distribution,
            outlines,
            self.seed,
            self.n as usize,
        )?;
        if self.json {
            let read_outs = rows.iter().map(|(r, test)| (r.to_string(), &test.metrics));
            return json(&Measured {
                run: &self.run,
                test: rows.first().map_or("", |(_, test)| &test.test),
                seed: self.seed,
                n: self.n,
                read_outs: read_outs.collect(),
            });
        }
        // A share with its interval, such as 0.123 [0.456, 0.789], is 20 characters wide.
        let header = SHOWN.map(|metric| format!("{:<22}", metric.title()));
        line(format_args!("{:<9} {} test", "readout", header.join(" ")))?;
        for (read_out, test) in rows {
            let columns = SHOWN.map(|metric| {
                let text = match test.metrics.get(metric) {
                    Some(e) => {
                        let [value, low, high] = [e.value, e.low, e.high].map(|v| metric.format(v));
                        format!("{value} [{low}, {high}]")
                    }
                    None => "undefined".to_owned(),
                };
                format!("{text:<22}")
            });
            line(format_args!(
                "{read_out:<9} {} {}",
                columns.join(" "),
                test.test
            ))?;
        }
        Ok(())
    }
}
