//! Throughput of this workspace on one machine, as one line of JSON; `cargo xtask bench` calls it.
//!
//! `cargo run --release -p nodule-cli --example bench -- train-step | generate | peak`

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context, ensure};
use candle_core::{Device, Tensor};
use clap::{Args, Parser};
use nodule_nn::losses::CrossEntropy;
use nodule_nn::{LeNetConfig, NETWORKS, Network, Settings, Table, arch};
use nodule_seed::stream;
use nodule_synth::{Distribution, Generator, GeneratorSettings, Outlines};
use nodule_train::{FusedOptimizer, Optimizer, OptimizerConfig};
use pulp::{Simd, WithSimd};
use serde_json::json;

/// The allocator of the binary `nodule`.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Measure the throughput of training steps or of the generator, or the peak of one thread.
#[derive(Debug, Parser)]
enum Bench {
    TrainStep(TrainStep),
    Generate(Generate),
    /// Peak arithmetic and copy rate of one thread
    Peak,
}

/// Training steps: forward, cross-entropy, backward and Adam on random images
#[derive(Debug, Args)]
struct TrainStep {
    /// Network, with its default settings
    #[arg(long, default_value = LeNetConfig::NAME)]
    network: String,
    /// Width and height of the images, in pixels
    #[arg(long, default_value_t = 64)]
    size: usize,
    /// Images per step
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Factor on the channels of lenet
    #[arg(long, default_value_t = 1)]
    width: usize,
    /// Least number of timed steps
    #[arg(long, default_value_t = 50)]
    steps: usize,
    /// Least time, in seconds
    #[arg(long, default_value_t = 0.0)]
    seconds: f64,
    /// Threads [default: one per core]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    threads: usize,
}

/// Generation and rendering of nodules
#[derive(Debug, Args)]
struct Generate {
    /// Number of images
    #[arg(long, default_value_t = 5000)]
    n: usize,
    /// Threads [default: one per core]
    #[arg(long, default_value_t = 0, hide_default_value = true)]
    threads: usize,
}

fn main() -> anyhow::Result<()> {
    let result = match Bench::parse() {
        Bench::TrainStep(bench) => measure_rate(bench.threads, || bench.images_per_second())?,
        Bench::Generate(bench) => measure_rate(bench.threads, || bench.images_per_second())?,
        Bench::Peak => {
            let (flop_per_s, vector_bits) = arithmetic_peak();
            json!({
                "vector_bits": vector_bits,
                "gflop_per_s": flop_per_s / 1e9,
                "copy_gb_per_s": copy_peak() / 1e9,
            })
        }
    };
    println!("{result}");
    Ok(())
}

/// Runs `rate` in a pool of `threads` threads.
fn measure_rate(
    threads: usize,
    rate: impl FnOnce() -> anyhow::Result<f64> + Send,
) -> anyhow::Result<serde_json::Value> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()?;
    let images_per_s = pool.install(rate)?;
    Ok(json!({ "threads": pool.current_num_threads(), "images_per_s": images_per_s }))
}

impl TrainStep {
    fn images_per_second(&self) -> anyhow::Result<f64> {
        /// Steps before the clock starts, which allocate buffers and warm caches.
        const WARM_UP: usize = 5;
        ensure!(
            self.batch >= 2 && self.steps >= 1,
            "--batch must be at least 2 and --steps at least 1"
        );
        let network = self.network()?;
        let parameters = network.parameters().into_iter().map(|(_, p)| p).collect();
        let mut optimizer = FusedOptimizer::new(parameters, OptimizerConfig::adam(1e-3))?;
        let mut random = stream(2);
        let shape = (self.batch, 1, self.size, self.size);
        let pixels = self.batch * self.size * self.size;
        let images: Vec<f32> = (0..pixels).map(|_| random.uniform() as f32).collect();
        let images = Tensor::from_vec(images, shape, &Device::Cpu)?;
        let labels: Vec<u32> = (0..self.batch as u32).map(|i| i % 2).collect();
        let labels = Tensor::from_vec(labels, self.batch, &Device::Cpu)?;
        let mut step = || -> anyhow::Result<()> {
            let (_, gradients) = network.gradients(&images, &labels, &CrossEntropy)?;
            Ok(optimizer.step(&gradients)?)
        };
        for _ in 0..WARM_UP {
            step()?;
        }
        let (clock, mut steps) = (Instant::now(), 0);
        while steps < self.steps || clock.elapsed().as_secs_f64() < self.seconds {
            step()?;
            steps += 1;
        }
        Ok((self.batch * steps) as f64 / clock.elapsed().as_secs_f64())
    }

    fn network(&self) -> anyhow::Result<Box<dyn Network>> {
        let mut settings = Table::new();
        settings.insert("image_size".into(), self.size.into());
        if self.width != 1 {
            let channels = LeNetConfig::default().channels.map(|n| n * self.width);
            settings.insert("channels".into(), channels.to_vec().into());
        }
        let constructor = NETWORKS
            .iter()
            .find(|constructor| constructor.name() == self.network)
            .with_context(|| format!("--network = {}: unknown network", self.network))?;
        Ok(constructor.build(&settings)?.build(1, &Device::Cpu)?)
    }
}

impl Generate {
    fn images_per_second(&self) -> anyhow::Result<f64> {
        /// Images generated and dropped at a time, so that page faults of fresh memory are not timed.
        const BATCH: usize = 256;
        let generator = Generator::new(GeneratorSettings::default(), Outlines::lidc())?;
        let both = Distribution::resolve("both")?;
        let batches = self.n.div_ceil(BATCH);
        generator.generate(&both, 0, 0..BATCH)?;
        let clock = Instant::now();
        for seed in 1..=batches {
            generator.generate(&both, seed as u64, 0..BATCH)?;
        }
        Ok((batches * BATCH) as f64 / clock.elapsed().as_secs_f64())
    }
}

/// Returns the floating-point operations per second of one thread that only multiplies and adds f32 vectors in
/// registers (a multiply-add counts as two), and the width of those vectors in bits.
fn arithmetic_peak() -> (f64, usize) {
    const ROUNDS: usize = 20_000_000;
    // The first call wakes the processor.
    black_box(arch().dispatch(MultiplyAdd { rounds: ROUNDS / 4 }));
    let clock = Instant::now();
    let (lanes, sum) = arch().dispatch(MultiplyAdd { rounds: ROUNDS });
    black_box(sum);
    let operations = 2 * lanes * MultiplyAdd::IN_FLIGHT * ROUNDS;
    (
        operations as f64 / clock.elapsed().as_secs_f64(),
        32 * lanes,
    )
}

struct MultiplyAdd {
    rounds: usize,
}

impl MultiplyAdd {
    /// Independent multiply-adds: more than latency times units of any processor, and few enough for 16 registers.
    const IN_FLIGHT: usize = 12;
}

impl WithSimd for MultiplyAdd {
    type Output = (usize, f32);

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
        // x/2 + 1/2 converges to 1, so that no number overflows or underflows.
        let (factor, term) = (simd.splat_f32s(black_box(0.5)), simd.splat_f32s(0.5));
        let mut sums = [term; Self::IN_FLIGHT];
        for _ in 0..self.rounds {
            for sum in &mut sums {
                *sum = simd.mul_add_e_f32s(*sum, factor, term);
            }
        }
        let total = sums.into_iter().fold(term, |a, b| simd.add_f32s(a, b));
        (S::F32_LANES, simd.reduce_sum_f32s(total))
    }
}

/// Returns the bytes per second that one thread copies between two buffers larger than any cache, counted once.
fn copy_peak() -> f64 {
    const BYTES: usize = 256 << 20;
    const ROUNDS: usize = 4;
    let from = vec![1u8; BYTES];
    let mut to = vec![2u8; BYTES];
    let clock = Instant::now();
    for _ in 0..ROUNDS {
        to.copy_from_slice(black_box(&from));
        black_box(&mut to);
    }
    (ROUNDS * BYTES) as f64 / clock.elapsed().as_secs_f64()
}
