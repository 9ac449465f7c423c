//! Estimates of the memory and time that the runs of a plan need.
//!
//! Memory is the sum of all arrays held at once, time follows from multiply-adds. Both are rough: they separate megabytes
//! from terabytes and minutes from weeks.

use std::collections::BTreeSet;

use nodule_config::{LeNetConfig, NetworkCost};
use nodule_synth::Mode;

use super::RunSpec;
use crate::settings::{Resolved, UserImages};

/// Multiply-adds per second of one thread in a training step, measured (docs/benchmarks.md): 4.1 million per image at
/// 8,900 images per second.
const MULTIPLY_ADDS_PER_S: f64 = 3.6e10;
/// Share of a run's time that is training, measured (docs/benchmarks.md). The rest is generation and evaluation.
const TRAINING_SHARE: f64 = 0.75;
/// Bytes per pixel of an intensity.
const INTENSITY_BYTES: u64 = 4;
/// Bytes per pixel of an intensity and a mask.
const MASKED_BYTES: u64 = 5;
/// Bytes of an image's label, latents and predictions.
const METADATA_BYTES: u64 = 1000;
/// Points of the decision surface.
const SURFACE_POINTS: u64 = 81;
/// Corners of the shape-texture plane.
const CORNERS: u64 = 4;
/// Arrays of the size of the parameters: value, gradient, Adam's two moments, and the network that is evaluated.
const PARAMETER_ARRAYS: u64 = 6;
/// Batch size of the evaluation.
const EVALUATION_BATCH: u64 = 64;

/// Estimated cost of some runs.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Cost {
    /// Peak memory of the process, in bytes.
    pub memory_bytes: u64,
    /// Processor time of all runs, in seconds.
    pub cpu_seconds: f64,
    /// Training images over all runs: epochs times images.
    pub images: u64,
}

/// Estimates the cost of `specs`, runs of `resolved`, with `jobs` parallel runs.
///
/// A network of an outside program has an unknown cost; the estimate takes a LeNet for the same images instead.
///
/// ```
/// use nodule_study::plan::estimate_cost;
/// use nodule_study::{Registry, load_study, plan};
///
/// let paper = load_study("paper", &Registry::default())?;
/// let runs = plan(&paper, "cpu");
/// let cost = estimate_cost(&paper, &runs.iter().collect::<Vec<_>>(), 2);
/// assert_eq!(cost.images, 14_745_600);
/// # Ok::<(), nodule_study::Error>(())
/// ```
#[must_use]
pub fn estimate_cost(resolved: &Resolved, specs: &[&RunSpec], jobs: usize) -> Cost {
    let mut cost = Cost::default();
    for spec in specs {
        let images = spec.images(resolved) as u64;
        let network = network_cost(resolved.variant(spec.variant));
        let multiply_adds = images as f64 * network.training_multiply_adds as f64;
        cost.images = cost.images.saturating_add(images);
        cost.cpu_seconds += multiply_adds / MULTIPLY_ADDS_PER_S / TRAINING_SHARE;
    }
    let jobs = jobs.min(specs.len()) as u64;
    let variants: BTreeSet<_> = specs.iter().map(|spec| spec.variant).collect();
    // Variants run one after the other.
    cost.memory_bytes = variants
        .into_iter()
        .map(|variant| {
            let resolved = resolved.variant(variant);
            sum([
                multiply([run_bytes(resolved), jobs]),
                shared_bytes(resolved),
            ])
        })
        .max()
        .unwrap_or(0);
    cost
}

/// Returns the bytes of the images that all runs share.
fn shared_bytes(resolved: &Resolved) -> u64 {
    let samples = &resolved.study.samples;
    let pixels = (resolved.study.generator.image_size as u64).pow(2);
    let plain_image = pixels * INTENSITY_BYTES;
    let image = pixels * MASKED_BYTES + METADATA_BYTES;
    let user_images = resolved.images.iter().filter_map(UserImages::count);
    let mode_levels = 2 * Mode::ALL.len() as u64;
    sum([
        multiply([samples.test as u64, resolved.test.len() as u64, image]),
        multiply([sum(user_images.map(|n| n as u64)), image]),
        multiply([samples.maps as u64, image]),
        multiply([samples.representation as u64, image]),
        multiply([samples.pairs as u64, plain_image, mode_levels]),
        multiply([samples.landscape as u64, plain_image, SURFACE_POINTS]),
        multiply([samples.timeline as u64, plain_image, CORNERS]),
    ])
}

/// Returns the bytes of one run: images, embeddings, parameters with the optimizer's state, and feature maps of a batch.
fn run_bytes(resolved: &Resolved) -> u64 {
    let (study, network) = (&resolved.study, network_cost(resolved));
    let images = (study.samples.train + study.samples.validation) as u64;
    let image = (study.generator.image_size as u64).pow(2) * MASKED_BYTES + METADATA_BYTES;
    // In single precision from the network, and in double precision for the read-outs.
    let embedding = multiply([network.embedding, 12]);
    let batch_size = (study.max_batch_size() as u64).max(EVALUATION_BATCH);
    sum([
        multiply([images, sum([image, embedding])]),
        multiply([network.parameters, 4 * PARAMETER_ARRAYS]),
        // Values and gradients.
        multiply([batch_size, network.feature_values, 8]),
    ])
}

fn network_cost(resolved: &Resolved) -> NetworkCost {
    let network = &resolved.network;
    NetworkCost::find(&network.kind, &network.settings).unwrap_or_else(|| {
        let image_size = resolved.study.generator.image_size;
        LeNetConfig {
            image_size,
            ..LeNetConfig::default()
        }
        .cost()
    })
}

fn sum(terms: impl IntoIterator<Item = u64>) -> u64 {
    terms.into_iter().fold(0, u64::saturating_add)
}

fn multiply<const N: usize>(factors: [u64; N]) -> u64 {
    factors.into_iter().fold(1, u64::saturating_mul)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Registry, load_study, plan};

    fn estimate(study: &str, jobs: usize) -> Cost {
        let resolved = load_study(study, &Registry::default()).unwrap();
        let specs = plan(&resolved, "cpu");
        estimate_cost(&resolved, &specs.iter().collect::<Vec<_>>(), jobs)
    }

    /// docs/benchmarks.md: 598 MB for two parallel runs, 32 minutes of processor time.
    #[test]
    fn the_estimate_of_the_paper_study_is_near_the_measurement() {
        let paper = estimate("paper", 2);
        let memory = paper.memory_bytes as f64 / 598e6;
        assert!((0.5..2.0).contains(&memory), "{paper:?}");
        let time = paper.cpu_seconds / (32.0 * 60.0 + 20.0);
        assert!((0.5..2.0).contains(&time), "{paper:?}");
        assert_eq!(paper.images, 14_745_600);
    }

    #[test]
    fn more_jobs_need_more_memory_and_no_runs_need_nothing() {
        assert!(estimate("smoke", 2).memory_bytes > estimate("smoke", 1).memory_bytes);
        let resolved = load_study("smoke", &Registry::default()).unwrap();
        assert_eq!(estimate_cost(&resolved, &[], 2), Cost::default());
    }

    #[test]
    fn each_network_has_its_own_cost() {
        let seconds_per_image = |study| {
            let cost = estimate(study, 1);
            cost.cpu_seconds / cost.images as f64
        };
        let le_net = seconds_per_image("regimes");
        assert!(seconds_per_image("regimes-linear") < le_net / 4.0);
        // 9.2 against 4.0 million multiply-adds per image.
        assert!(seconds_per_image("regimes-residual") > le_net * 2.0);
    }
}
