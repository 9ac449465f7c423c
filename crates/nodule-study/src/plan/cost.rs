//! What the runs of a plan would take, before any of them begins: memory from the sizes of all that is held
//! at once, time from multiply-adds. Both are estimates, meant to tell megabytes from terabytes and minutes
//! from weeks.

use std::collections::BTreeSet;

use nodule_config::LeNetConfig;
use nodule_synth::Mode;

use super::RunSpec;
use crate::settings::{GivenImages, Resolved};

/// Multiply-adds a second of one thread in a training step, measured (docs/benchmarks.md): 4.1 million an
/// image at 8,900 images a second.
const MULTIPLY_ADDS_A_SECOND: f64 = 3.6e10;
/// Share of a run that is training; the rest is drawing and measuring (docs/benchmarks.md).
const TRAINING_SHARE: f64 = 0.75;
/// Bytes of a pixel: its intensity, and its mask.
const PIXEL: u64 = 5;
/// Bytes of an intensity alone.
const INTENSITY: u64 = 4;
/// Bytes of what else is known of an image: label, cell and latents, and its lines of predictions.
const BESIDE: u64 = 1000;
/// Points of the landscape.
const LANDSCAPE: u64 = 81;
/// Corners of the timeline's square.
const CORNERS: u64 = 4;
/// Arrays of a parameter's size that training holds: value, gradient and Adam's two, and the copy of the
/// network that is measured beside it.
const OF_A_PARAMETER: u64 = 6;
/// Images of one forward pass while measuring.
const MEASURED: u64 = 64;

/// What runs would take.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cost {
    /// Memory of the process at most, in bytes.
    pub memory_bytes: u64,
    /// Processor time of all runs, in seconds.
    pub cpu_seconds: f64,
    /// Training images in all: epochs times images, over all runs.
    pub images: u64,
}

/// What `specs`, runs of `resolved`, would take with `jobs` side by side.
#[must_use]
pub fn estimate_cost(resolved: &Resolved, specs: &[&RunSpec], jobs: usize) -> Cost {
    let mut cost = Cost::default();
    for spec in specs {
        let images = spec.images(resolved) as u64;
        cost.images = cost.images.saturating_add(images);
        let steps = images as f64 * Sizes::of(resolved.variant(spec.variant)).multiply_adds;
        cost.cpu_seconds += steps / MULTIPLY_ADDS_A_SECOND / TRAINING_SHARE;
    }
    let jobs = jobs.min(specs.len()) as u64;
    let variants: BTreeSet<_> = specs.iter().map(|spec| spec.variant).collect();
    // One variant after the other.
    let memory = variants.iter().map(|variant| {
        let resolved = resolved.variant(*variant);
        let of_runs = of_run(resolved).saturating_mul(jobs);
        of_runs.saturating_add(shared(resolved))
    });
    cost.memory_bytes = memory.max().unwrap_or(0);
    cost
}

/// Bytes of the images that all runs share, drawn once a process.
fn shared(resolved: &Resolved) -> u64 {
    let (samples, pixels) = (&resolved.study.samples, Sizes::of(resolved).pixels);
    let whole = pixels.saturating_mul(PIXEL).saturating_add(BESIDE);
    let plain = pixels.saturating_mul(INTENSITY);
    let pairs = 2 * Mode::ALL.len() as u64;
    let parts = [
        (samples.test as u64)
            .saturating_mul(resolved.test.len() as u64)
            .saturating_mul(whole),
        resolved
            .images
            .iter()
            .filter_map(GivenImages::count)
            .fold(0u64, |sum, n| sum.saturating_add(n as u64))
            .saturating_mul(whole),
        (samples.maps as u64).saturating_mul(whole),
        (samples.representation as u64).saturating_mul(whole),
        (samples.pairs as u64).saturating_mul(plain.saturating_mul(pairs)),
        (samples.landscape as u64).saturating_mul(plain.saturating_mul(LANDSCAPE)),
        (samples.timeline as u64).saturating_mul(plain.saturating_mul(CORNERS)),
    ];
    parts.into_iter().fold(0, u64::saturating_add)
}

/// Bytes of one run: its images, its network with all that training keeps beside it, the feature maps of a
/// batch, and embeddings.
fn of_run(resolved: &Resolved) -> u64 {
    let (study, sizes) = (&resolved.study, Sizes::of(resolved));
    let images = (study.samples.train + study.samples.validation) as u64;
    let whole = sizes.pixels.saturating_mul(PIXEL).saturating_add(BESIDE);
    // As the network gives it and as read-outs take it.
    let embedding = sizes.embedding.saturating_mul(12);
    let batch = (study.largest_batch() as u64).max(MEASURED);
    let parts = [
        images.saturating_mul(whole.saturating_add(embedding)),
        sizes.parameters.saturating_mul(4 * OF_A_PARAMETER),
        batch.saturating_mul(sizes.features.saturating_mul(8)),
    ];
    parts.into_iter().fold(0, u64::saturating_add)
}

/// Sizes of a network and its images.
struct Sizes {
    pixels: u64,
    embedding: u64,
    parameters: u64,
    /// Values of its feature maps, of one image.
    features: u64,
    /// Of a training step, of one image.
    multiply_adds: f64,
}

impl Sizes {
    /// Those of a LeNet; a network of another kind is taken for one of the same images.
    fn of(resolved: &Resolved) -> Self {
        let settings = serde_json::Value::Object(resolved.network.settings.clone());
        let config: LeNetConfig = serde_json::from_value(settings).unwrap_or(LeNetConfig {
            image_size: resolved.study.generator.image_size,
            ..LeNetConfig::default()
        });
        let size = config.image_size as u64;
        let [first, second] = config.channels.map(|n| n as u64);
        let (hidden, embedding) = (config.hidden as u64, config.embedding as u64);
        // Two 5x5 convolutions, each with a 2x2 pooling behind it.
        let pooled = |size: u64| size.saturating_sub(4) / 2;
        let (middle, last) = (pooled(size), pooled(pooled(size)));
        let convolutions = 4 * (middle * middle * first * 25 + last * last * first * second * 25);
        let dense = last * last * second * hidden + hidden * embedding + embedding * 2;
        Self {
            pixels: size * size,
            embedding,
            parameters: first * 25 + first * second * 25 + dense,
            features: 5 * (middle * middle * first + last * last * second) + hidden,
            // Backward, a convolution visits the winners of pooling alone; a dense layer takes twice
            // what it takes forward.
            multiply_adds: 1.4 * convolutions as f64 + 3.0 * dense as f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Registry, load_study, plan};

    fn of(study: &str, jobs: usize) -> Cost {
        let resolved = load_study(study, &Registry::default()).unwrap();
        let specs = plan(&resolved, "cpu");
        estimate_cost(&resolved, &specs.iter().collect::<Vec<_>>(), jobs)
    }

    /// docs/benchmarks.md: 598 MB for two runs at once, 32 minutes of processor time.
    #[test]
    fn the_estimate_of_the_paper_study_is_near_what_was_measured() {
        let paper = of("paper", 2);
        let memory = paper.memory_bytes as f64 / 598e6;
        assert!((0.5..2.0).contains(&memory), "{paper:?}");
        let time = paper.cpu_seconds / (32.0 * 60.0 + 20.0);
        assert!((0.5..2.0).contains(&time), "{paper:?}");
        assert_eq!(paper.images, 14_745_600);
    }

    #[test]
    fn more_jobs_take_more_memory_and_no_runs_take_nothing() {
        assert!(of("smoke", 2).memory_bytes > of("smoke", 1).memory_bytes);
        let resolved = load_study("smoke", &Registry::default()).unwrap();
        assert_eq!(estimate_cost(&resolved, &[], 2), Cost::default());
    }
}
