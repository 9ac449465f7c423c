//! `nodule bench`: images a second, for whoever compares.

use std::time::Instant;

use anyhow::Context;
use clap::builder::RangedU64ValueParser;
use clap::{Args, Subcommand};
use nodule_nn::LeNetConfig;
use nodule_nn::loss::CrossEntropy;
use nodule_synth::{Distribution, Generator, GeneratorSettings, Outlines, generate};

use crate::bench::{arithmetic_peak, copy_peak, train_step_rate};
use crate::print::line;

const EXAMPLES: &str = "Examples:
  nodule bench train-step --size 64 --batch 64 --steps 50 --json
  nodule bench generate --n 5000 --threads 1
  nodule bench peak";

/// Images that are generated, and dropped, together: what is timed is rendering, not the first touch
/// of fresh memory.
const BATCH: usize = 256;

/// Time the parts that take the time.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Bench {
    /// Training steps: forward, cross-entropy, backward, Adam
    TrainStep(TrainStep),
    /// Drawing and rendering nodules
    Generate(Generate),
    /// What one thread of this machine can do at most: arithmetic, and copying memory
    Peak(Peak),
}

#[derive(Debug, Args)]
pub(crate) struct Peak {
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct TrainStep {
    /// Width and height of the images, in pixels
    #[arg(long, default_value_t = 64, value_parser = whole(16, 512))]
    size: usize,
    /// Images a step
    #[arg(long, default_value_t = 64, value_parser = whole(2, 4096))]
    batch: usize,
    /// So many times the study's 6 and 16 channels
    #[arg(long, default_value_t = 1, value_parser = whole(1, 64))]
    width: usize,
    /// Steps that are timed
    #[arg(long, default_value_t = 50, value_parser = whole(1, 1_000_000))]
    steps: usize,
    #[command(flatten)]
    threads: Threads,
}

#[derive(Debug, Args)]
pub(crate) struct Generate {
    /// Images
    #[arg(long, default_value_t = 5000, value_parser = whole(1, 100_000_000))]
    n: usize,
    #[command(flatten)]
    threads: Threads,
}

#[derive(Debug, Args)]
struct Threads {
    /// Threads [default: one a core]
    #[arg(long, value_name = "N", default_value_t = 0, hide_default_value = true, value_parser = whole(0, 1024))]
    threads: usize,
    /// Print one line of JSON
    #[arg(long)]
    json: bool,
}

/// A whole number from `least` to `most`: no allocation follows one that nobody looked at.
fn whole(least: u64, most: u64) -> RangedU64ValueParser<usize> {
    RangedU64ValueParser::new().range(least..=most)
}

impl Bench {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        match self {
            Self::TrainStep(command) => command.threads.print("train-step", || command.rate()),
            Self::Generate(command) => command.threads.print("generate", || command.rate()),
            Self::Peak(command) => command.print(),
        }
    }
}

impl Threads {
    fn print(
        &self,
        what: &str,
        rate: impl FnOnce() -> anyhow::Result<f64> + Send,
    ) -> anyhow::Result<()> {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(self.threads)
            .build()
            .context("no threads")?;
        let (rate, threads) = (pool.install(rate)?, pool.current_num_threads());
        if self.json {
            line(format_args!(
                "{{\"bench\": \"{what}\", \"threads\": {threads}, \"images_per_s\": {rate:.1}}}"
            ))?;
        } else {
            line(format_args!(
                "{what}: {rate:.0} images/s on {threads} threads"
            ))?;
        }
        Ok(())
    }
}

impl Peak {
    fn print(&self) -> anyhow::Result<()> {
        let (arithmetic, copy) = (arithmetic_peak() / 1e9, copy_peak() / 1e9);
        if self.json {
            line(format_args!(
                "{{\"bench\": \"peak\", \"gflop_per_s\": {arithmetic:.1}, \"copy_gb_per_s\": {copy:.1}}}"
            ))
        } else {
            line(format_args!(
                "one thread: {arithmetic:.0} GFLOP/s in f32, copies {copy:.1} GB/s"
            ))
        }
    }
}

impl TrainStep {
    fn rate(&self) -> anyhow::Result<f64> {
        let config = LeNetConfig {
            image_size: self.size,
            channels: [6 * self.width, 16 * self.width],
            ..LeNetConfig::default()
        };
        Ok(train_step_rate(
            &config,
            &CrossEntropy,
            self.batch,
            self.steps,
        )?)
    }
}

impl Generate {
    fn rate(&self) -> anyhow::Result<f64> {
        let generator = Generator::new(GeneratorSettings::default(), Outlines::embedded())?;
        let both = Distribution::resolve("both")?;
        let batches = self.n.div_ceil(BATCH);
        generate(&generator, &both, 0, BATCH)?;
        let clock = Instant::now();
        for seed in 1..=batches {
            generate(&generator, &both, seed as u64, BATCH)?;
        }
        Ok((batches * BATCH) as f64 / clock.elapsed().as_secs_f64())
    }
}
