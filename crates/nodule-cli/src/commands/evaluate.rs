//! `nodule evaluate`: a finished run, measured on a distribution of the user's choice.

use std::path::PathBuf;

use clap::Args;
use nodule_study::measure_run;
use nodule_synth::{Distribution, Outlines};

const EXAMPLES: &str = "Examples:
  nodule evaluate --run results/quick/runs/0123456789abcdef --distribution lidc --n 500
  nodule evaluate --run RUN --distribution my.toml --n 500 --seed 3

The read-outs are fitted on the run's own training images, drawn again from its seed.
Intervals are 95%, over the test images.";

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
        let rows = measure_run(
            &self.run,
            &distribution,
            outlines,
            self.seed,
            self.n as usize,
        )?;
        println!(
            "{:<9} {:<22} {:<22} {:<22} auroc",
            "readout", "accuracy", "sensitivity", "specificity"
        );
        for (read_out, test) in rows {
            let m = test.metrics;
            let columns = [m.accuracy, m.sensitivity, m.specificity, m.auroc].map(|estimate| {
                estimate.map_or_else(
                    || "undefined".to_owned(),
                    |e| format!("{:.3} [{:.3}, {:.3}]", e.value, e.low, e.high),
                )
            });
            let [accuracy, sensitivity, specificity, auroc] = columns;
            println!(
                "{:<9} {accuracy:<22} {sensitivity:<22} {specificity:<22} {auroc}  {}",
                read_out.to_string(),
                test.test
            );
        }
        Ok(())
    }
}
