//! Latents of all images of a battery, from the seeds that runs of the study use.

use nodule_study::plan::{SeedNumbers, derive_run_seeds, derive_shared_seed};
use nodule_study::{Error, Resolved};
use nodule_synth::{Distribution, Generator, Latents, Mode, Sample};

use super::set::{Set, SetKind};
use crate::sets::{PAIR_LEVELS, plane_points};

/// Samples all sets that the study uses; `train` and `seeds` select training and validation images.
pub(super) fn sample_sets(
    resolved: &Resolved,
    generator: &Generator,
    train: &[Distribution],
    seeds: usize,
) -> Result<Vec<Set>, Error> {
    let (samples, root) = (resolved.study.samples, resolved.study.root_seed);
    let factorial = Distribution::resolve("factorial")?;
    let sample = |distribution: &Distribution, seed, n| generator.draw(distribution, seed, 0..n);
    let sample_factorial = |purpose: &str, n| {
        sample(
            &factorial,
            derive_shared_seed(root, purpose, "factorial"),
            n,
        )
    };
    let mut sets = Vec::new();
    for train in train {
        for number in 0..seeds {
            let seeds = derive_run_seeds(root, SeedNumbers::all(number), &train.name);
            let name = || train.name.clone();
            let images = sample(train, seeds.train_data, samples.train);
            sets.push(Set::new(SetKind::Training(name(), number), images));
            let images = sample(train, seeds.validation_data, samples.validation);
            sets.push(Set::new(SetKind::Validation(name(), number), images));
        }
    }
    for test in &resolved.test {
        let seed = derive_shared_seed(root, "test", &test.name);
        let images = sample(test, seed, samples.test);
        sets.push(Set::new(SetKind::Test(test.name.clone()), images));
    }
    let base = sample_factorial("probe", samples.pairs);
    for mode in Mode::ALL {
        let pairs = |level| replace_latents(&base, |latents| latents.with(mode, level));
        sets.push(Set::new(SetKind::Low(mode), pairs(PAIR_LEVELS.0)));
        sets.push(Set::new(SetKind::High(mode), pairs(PAIR_LEVELS.1)));
    }
    let base = sample_factorial("landscape", samples.landscape);
    let plane = plane_points().into_iter().flat_map(|(shape, texture)| {
        replace_latents(&base, |latents| {
            latents
                .with(Mode::Shape, shape)
                .with(Mode::Texture, texture)
        })
    });
    sets.push(Set::new(SetKind::Plane, plane.collect()));
    let maps = sample_factorial("maps", samples.maps);
    sets.push(Set::new(SetKind::Maps, maps));
    let representation = sample_factorial("representation", samples.representation);
    sets.push(Set::new(SetKind::Representation, representation));
    // Drop sets that the study does not use.
    sets.retain(|set| !set.samples.is_empty());
    Ok(sets)
}

/// Returns the samples with other latents; label and levels stay those of the original sample.
fn replace_latents(base: &[Sample], latents: impl Fn(&Latents) -> Latents) -> Vec<Sample> {
    base.iter()
        .cloned()
        .map(|mut sample| {
            sample.latents = latents(&sample.latents);
            sample
        })
        .collect()
}
