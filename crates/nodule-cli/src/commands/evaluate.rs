//! `nodule evaluate`: a finished run, measured on a distribution of the user's choice.

use std::path::PathBuf;

use crate::print::line;
use clap::Args;
use nodule_eval::Metric;
use nodule_run::evaluate_run;
use nodule_study::Registry;
use nodule_synth::{Distribution, Outlines};

const EXAMPLES: &str = "Examples:
  nodule evaluate --run results/quick/runs/0123456789abcdef --distribution lidc --n 500
  nodule evaluate --run RUN --distribution my.toml --n 500 --seed 3

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
