//! The images that all runs of a study share: its test sets and its counterfactual pairs.

use nodule_study::plan::derive_shared_seed;
use nodule_study::settings::left_to_ask;
use nodule_study::{Error, Resolved};
use nodule_synth::{DataSet, Distribution, Generator, Latents, Mode, Split};
use rayon::prelude::*;

use super::square::{Square, square};
use super::test_images::TestImages;

/// The two ends of a counterfactual pair, as levels in a mode's range [0, 1]. For shape and
/// texture they are the middles of the low and the high level of the built-in distributions.
pub const LEVELS: (f64, f64) = (0.125, 0.875);

/// Test sets and counterfactual pairs, rendered once a process.
#[derive(Debug)]
pub struct SharedSets {
    /// Each test distribution with its images, then images of the user's own.
    pub tests: Vec<TestImages>,
    /// One a mode, in the order of [`Mode::ALL`].
    pub pairs: Vec<Pairs>,
    /// None where the study asks for no landscape.
    pub landscape: Option<Square>,
    /// Images whose maps are scored: all cells of shape and texture alike.
    pub maps: Option<DataSet>,
    /// Images that layers are asked about: all cells alike.
    pub representation: Option<DataSet>,
    /// None where the study asks for no timeline.
    pub timeline: Option<Corners>,
}

/// Every latent at the four corners of the square.
#[derive(Debug)]
pub struct Corners {
    /// `[latents, corners, size, size]`, in the order of [`CORNERS`].
    pub images: Vec<f32>,
}

/// Whether shape and texture are high, corner by corner.
pub const CORNERS: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

/// Counterfactual pairs of one mode: image i of `low` and of `high` differ in that mode alone.
#[derive(Debug)]
pub struct Pairs {
    /// The mode.
    pub mode: Mode,
    /// `[n, size, size]` at the low level.
    pub low: Vec<f32>,
    /// `[n, size, size]` at the high level.
    pub high: Vec<f32>,
}

/// The generator of a study: of its training and validation images, or of all that is asked of what was
/// trained. They differ where nodules lie over real lung, which is split between the two.
///
/// # Errors
/// If its settings are refused, or its backgrounds cannot be had.
pub fn generator(resolved: &Resolved, part: Split) -> Result<Generator, Error> {
    let settings = resolved.study.generator.clone();
    let size = settings.image_size;
    let generator = Generator::new(settings, resolved.outlines.clone())?;
    match &resolved.backgrounds {
        Some(given) => {
            let held_out = resolved.study.fold();
            Ok(generator.with_backgrounds(given.split(size, part, held_out)?)?)
        }
        None => Ok(generator),
    }
}

/// Whether the runs of two variants of a study share the same images.
#[must_use]
pub fn same_sets(a: &Resolved, b: &Resolved) -> bool {
    let of = |r: &Resolved| (r.study.generator.clone(), r.study.samples, r.study.held_out);
    of(a) == of(b)
}

/// Renders everything that the runs share, with the study's generator of tests.
///
/// # Errors
/// If a set does not fit into memory.
pub fn shared_sets(resolved: &Resolved, generator: &Generator) -> Result<SharedSets, Error> {
    let (study, root) = (&resolved.study, resolved.study.root_seed);
    let mut tests = Vec::new();
    for distribution in &resolved.test {
        let seed = derive_shared_seed(root, "test", &distribution.name);
        tests.push(TestImages::Drawn(
            distribution.clone(),
            generator.generate(distribution, seed, 0..study.samples.test)?,
        ));
    }
    if !resolved.images.is_empty() {
        let trained_on = resolved.groups_of_training()?;
        let held_out = study.fold();
        for given in &resolved.images {
            let images = given.load(study.generator.image_size)?;
            let asked = left_to_ask(&images, &trained_on, held_out);
            let asked = asked.map_err(|e| e.at(given.place()))?;
            tests.push(TestImages::Given(given.name.clone(), asked));
        }
    }
    let of_cells = |purpose: &str, n: usize| match n {
        0 => Ok(None),
        n => factorial(generator, derive_shared_seed(root, purpose, "factorial"), n).map(Some),
    };
    Ok(SharedSets {
        tests,
        pairs: pairs(generator, root, study.samples.pairs)?,
        landscape: match study.samples.landscape {
            0 => None,
            n => {
                let seed = derive_shared_seed(root, "landscape", "factorial");
                Some(square(generator, &factorial(generator, seed, n)?.latents)?)
            }
        },
        maps: of_cells("maps", study.samples.maps)?,
        representation: of_cells("representation", study.samples.representation)?,
        timeline: of_cells("timeline", study.samples.timeline)?
            .map(|base| corners(generator, &base))
            .transpose()?,
    })
}

/// Every combination of shape and texture level, a quarter each.
///
/// # Errors
/// If they do not fit into memory.
pub fn factorial(generator: &Generator, seed: u64, n: usize) -> Result<DataSet, Error> {
    let factorial = Distribution::resolve("factorial")?;
    Ok(generator.generate(&factorial, seed, 0..n)?)
}

fn corners(generator: &Generator, base: &DataSet) -> Result<Corners, Error> {
    let level = |high: bool| if high { LEVELS.1 } else { LEVELS.0 };
    let render = |latents: &Latents| {
        let corner = |(shape, texture): (bool, bool)| {
            let moved = latents.with(Mode::Shape, level(shape));
            image(generator, &moved.with(Mode::Texture, level(texture)))
        };
        let corners = CORNERS.into_iter().map(corner);
        Ok(corners.collect::<Result<Vec<_>, Error>>()?.concat())
    };
    let images = base.latents.par_iter().map(render);
    let images = images.collect::<Result<Vec<_>, Error>>()?.concat();
    Ok(Corners { images })
}

/// Pairs around latents that hold every combination of shape and texture level alike, so that
/// the effect of one is averaged over the other.
fn pairs(generator: &Generator, root: u64, n: usize) -> Result<Vec<Pairs>, Error> {
    let base = factorial(generator, derive_shared_seed(root, "probe", "factorial"), n)?;
    let render = |mode: Mode, level: f64| {
        let images = base.latents.par_iter();
        let images = images.map(|l| image(generator, &l.with(mode, level)));
        Ok::<_, Error>(images.collect::<Result<Vec<_>, _>>()?.concat())
    };
    let pairs = |mode: &Mode| {
        Ok(Pairs {
            mode: *mode,
            low: render(*mode, LEVELS.0)?,
            high: render(*mode, LEVELS.1)?,
        })
    };
    Mode::ALL.iter().map(pairs).collect()
}

fn image(generator: &Generator, latents: &Latents) -> Result<Vec<f32>, Error> {
    Ok(generator.render(latents)?.image)
}
