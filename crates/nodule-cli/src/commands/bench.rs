//! `nodule bench`: images a second, for whoever compares.

use std::time::Instant;

use anyhow::Context;
use candle_core::Device;
use clap::builder::{PossibleValuesParser, RangedU64ValueParser};
use clap::{Args, Subcommand};
use nodule_error::invalid_value;
use nodule_nn::loss::CrossEntropy;
use nodule_nn::{Constructor, LeNetConfig, NETWORKS, Network, Settings, Table};
use nodule_synth::{Distribution, Generator, GeneratorSettings, Outlines, generate};

use crate::bench::{Span, arithmetic_peak, copy_peak, train_step_rate};
use crate::print::line;

const EXAMPLES: &str = "Examples:
  nodule bench train-step --size 64 --batch 64 --steps 50 --json
  nodule bench train-step --network linear --seconds 2
  nodule bench generate --n 5000 --threads 1
  nodule bench peak";

/// Images that are generated, and dropped, together: what is timed is rendering, not the first touch
/// of fresh memory.
const BATCH: usize = 256;

/// The network of the study, and the one that `--width` knows how to widen.
const LE_NET: &str = LeNetConfig::NAME;

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
    /// The network, with the settings it has by default
    #[arg(long, value_name = "NAME", default_value = LE_NET, value_parser = networks())]
    network: String,
    /// Width and height of the images, in pixels
    #[arg(long, default_value_t = 64, value_parser = whole(16, 512))]
    size: usize,
    /// Images a step
    #[arg(long, default_value_t = 64, value_parser = whole(2, 4096))]
    batch: usize,
    /// So many times the study's 6 and 16 channels, of lenet alone
    #[arg(long, default_value_t = 1, value_parser = whole(1, 64))]
    width: usize,
    /// Steps that are timed
    #[arg(long, default_value_t = 50, value_parser = whole(1, 1_000_000))]
    steps: usize,
    /// Time more steps, until this many seconds have passed
    #[arg(long, value_name = "S", default_value_t = 0, value_parser = whole(0, 3600))]
    seconds: usize,
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

fn networks() -> PossibleValuesParser {
    PossibleValuesParser::new(NETWORKS.iter().map(Constructor::name))
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
        let (arithmetic, copy) = (arithmetic_peak(), copy_peak() / 1e9);
        let (peak, bits) = (arithmetic.per_second / 1e9, arithmetic.vector_bits);
        if self.json {
            line(format_args!(
                "{{\"bench\": \"peak\", \"vector_bits\": {bits}, \"gflop_per_s\": {peak:.1}, \"copy_gb_per_s\": {copy:.1}}}"
            ))
        } else {
            line(format_args!(
                "one thread: {peak:.0} GFLOP/s in f32 with vectors of {bits} bits, copies {copy:.1} GB/s"
            ))
        }
    }
}

impl TrainStep {
    fn rate(&self) -> anyhow::Result<f64> {
        let network = self.network()?;
        let span = Span {
            steps: self.steps,
            seconds: self.seconds as f64,
        };
        Ok(train_step_rate(
            network.as_ref(),
            &CrossEntropy,
            self.batch,
            span,
        )?)
    }

    fn network(&self) -> anyhow::Result<Box<dyn Network>> {
        let mut settings = Table::new();
        settings.insert("image_size".into(), self.size.into());
        if self.width != 1 {
            if self.network != LE_NET {
                let allowed = format!("1: {} has no width to multiply", self.network);
                return Err(invalid_value("--width", self.width, allowed).into());
            }
            let channels = LeNetConfig::default().channels.map(|n| n * self.width);
            settings.insert("channels".into(), channels.to_vec().into());
        }
        let kind = NETWORKS.iter().find(|kind| kind.name() == self.network);
        let kind = kind.with_context(|| format!("no network {}", self.network))?;
        let architecture = kind.build(&settings)?;
        Ok(architecture.build(1, &Device::Cpu)?)
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
