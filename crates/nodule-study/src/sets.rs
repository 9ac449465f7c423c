//! The images that all runs of a study share: its test sets and its counterfactual pairs.

use nodule_synth::{DataSet, Distribution, Generator, Mode, generate};
use rayon::prelude::*;

use crate::Error;
use crate::landscape::{Landscape, landscape};
use crate::load::Resolved;
use crate::plan::shared_seed;

/// The two ends of a counterfactual pair, as levels in a mode's range [0, 1]. For shape and
/// texture they are the middles of the low and the high level of the built-in distributions.
const LEVELS: (f64, f64) = (0.125, 0.875);

/// Test sets and counterfactual pairs, rendered once a process.
#[derive(Debug)]
pub(crate) struct SharedSets {
    pub(crate) tests: Vec<(Distribution, DataSet)>,
    pub(crate) probes: Vec<Probe>,
    pub(crate) landscape: Option<Landscape>,
    /// Images whose maps are scored: all cells of shape and texture alike.
    pub(crate) maps: Option<DataSet>,
}

/// Counterfactual pairs of one mode: image i of `low` and of `high` differ in that mode alone.
#[derive(Debug)]
pub(crate) struct Probe {
    pub(crate) mode: Mode,
    pub(crate) low: Vec<f32>,
    pub(crate) high: Vec<f32>,
}

/// The generator of a study.
pub(crate) fn generator(resolved: &Resolved) -> Result<Generator, Error> {
    Ok(Generator::new(
        resolved.study.generator.clone(),
        resolved.outlines.clone(),
    )?)
}

/// Renders everything that the runs share.
pub(crate) fn shared_sets(resolved: &Resolved, generator: &Generator) -> Result<SharedSets, Error> {
    let (study, root) = (&resolved.study, resolved.study.root_seed);
    let mut tests = Vec::new();
    for distribution in &resolved.test {
        let seed = shared_seed(root, "test", &distribution.name);
        tests.push((
            distribution.clone(),
            generate(generator, distribution, seed, study.samples.test)?,
        ));
    }
    Ok(SharedSets {
        tests,
        probes: probes(generator, root, study.samples.probe)?,
        landscape: match study.samples.landscape {
            0 => None,
            n => Some(landscape(
                generator,
                shared_seed(root, "landscape", "factorial"),
                n,
            )?),
        },
        maps: match study.samples.maps {
            0 => None,
            n => Some(factorial(
                generator,
                shared_seed(root, "maps", "factorial"),
                n,
            )?),
        },
    })
}

/// Every combination of shape and texture level, a quarter each.
pub(crate) fn factorial(generator: &Generator, seed: u64, n: usize) -> Result<DataSet, Error> {
    let factorial = Distribution::resolve("factorial")?;
    Ok(generate(generator, &factorial, seed, n)?)
}

/// Pairs around latents that hold every combination of shape and texture level alike, so that
/// the effect of one is averaged over the other.
fn probes(generator: &Generator, root: u64, n: usize) -> Result<Vec<Probe>, Error> {
    let base = factorial(generator, shared_seed(root, "probe", "factorial"), n)?;
    let render = |mode: Mode, level: f64| -> Vec<f32> {
        let images = base
            .latents
            .par_iter()
            .map(|l| generator.render(&l.with(mode, level)).image);
        images.collect::<Vec<_>>().concat()
    };
    let probe = |mode: &Mode| Probe {
        mode: *mode,
        low: render(*mode, LEVELS.0),
        high: render(*mode, LEVELS.1),
    };
    Ok(Mode::ALL.iter().map(probe).collect())
}
