//! Images that all runs of a study share: test sets, counterfactual pairs and sets for measurements.

use nodule_study::plan::derive_shared_seed;
use nodule_study::{Error, Resolved};
use nodule_synth::{DataSet, Distribution, Generator, Latents, Mode, Split};
use rayon::prelude::*;

use super::plane::{Plane, render_plane};
use super::render::render_images;
use super::test_images::TestImages;

/// Low and high level of counterfactual pairs in a mode's range [0, 1]. For shape and texture they are the middles of
/// the low and the high level of the built-in distributions.
pub const PAIR_LEVELS: (f64, f64) = (0.125, 0.875);

/// Shared images, rendered once per process.
#[derive(Debug)]
pub struct SharedSets {
    /// Test distributions, then images of the user.
    pub tests: Vec<TestImages>,
    /// Counterfactual pairs, one entry per mode, in the order of [`Mode::ALL`].
    pub pairs: Vec<Pairs>,
    /// Shape-texture plane; `None` if the study has no decision surface.
    pub plane: Option<Plane>,
    /// Images whose saliency maps are scored, with all combinations of levels equally often.
    pub maps: Option<DataSet>,
    /// Images on which layers are decoded, with all combinations of levels equally often.
    pub representation: Option<DataSet>,
    /// Images that are evaluated after every epoch; `None` if the study has no timeline.
    pub timeline: Option<Corners>,
}

/// The same latents at the four corners of the shape-texture plane.
#[derive(Debug)]
pub struct Corners {
    /// Images `[latents, corners, size, size]`, with corners in the order of [`CORNERS`].
    pub images: Vec<f32>,
}

/// Whether shape and texture are high at each corner.
pub const CORNERS: [(bool, bool); 4] = [(false, false), (false, true), (true, false), (true, true)];

/// Counterfactual pairs of one mode: images i of `low` and of `high` differ only in that mode.
#[derive(Debug)]
pub struct Pairs {
    /// Mode that differs.
    pub mode: Mode,
    /// Images `[n, size, size]` at the low level.
    pub low: Vec<f32>,
    /// Images `[n, size, size]` at the high level.
    pub high: Vec<f32>,
}

/// Returns the generator of a study for one split. The splits differ only if the study has backgrounds, whose groups
/// are divided between training and test.
///
/// # Errors
/// If the settings are invalid, or the backgrounds cannot be read.
pub fn build_generator(resolved: &Resolved, split: Split) -> Result<Generator, Error> {
    let settings = resolved.study.generator.clone();
    let size = settings.image_size;
    let generator = Generator::new(settings, resolved.outlines.clone())?;
    match &resolved.backgrounds {
        Some(backgrounds) => {
            let backgrounds = backgrounds.split(size, split, &resolved.study.fold())?;
            Ok(generator.with_backgrounds(backgrounds)?)
        }
        None => Ok(generator),
    }
}

/// Returns whether two variants of a study share the same images.
#[must_use]
pub fn have_same_sets(a: &Resolved, b: &Resolved) -> bool {
    let key = |r: &Resolved| {
        let study = &r.study;
        (study.generator.clone(), study.samples, study.fold())
    };
    key(a) == key(b)
}

/// Renders all shared images with the study's generator for the test split.
///
/// # Errors
/// If a set does not fit into memory.
pub fn render_shared_sets(resolved: &Resolved, generator: &Generator) -> Result<SharedSets, Error> {
    let (samples, root) = (resolved.study.samples, resolved.study.root_seed);
    let factorial = |purpose: &str, n: usize| match n {
        0 => Ok(None),
        n => {
            let seed = derive_shared_seed(root, purpose, "factorial");
            generate_factorial(generator, seed, n).map(Some)
        }
    };
    Ok(SharedSets {
        tests: load_tests(resolved, generator)?,
        pairs: render_pairs(generator, root, samples.pairs)?,
        plane: factorial("landscape", samples.landscape)?
            .map(|base| render_plane(generator, &base.latents))
            .transpose()?,
        maps: factorial("maps", samples.maps)?,
        representation: factorial("representation", samples.representation)?,
        timeline: factorial("timeline", samples.timeline)?
            .map(|base| render_corners(generator, &base))
            .transpose()?,
    })
}

/// Generates the test distributions, then loads the images of the user that are not trained on.
fn load_tests(resolved: &Resolved, generator: &Generator) -> Result<Vec<TestImages>, Error> {
    let study = &resolved.study;
    let mut tests = Vec::new();
    for distribution in &resolved.test {
        let seed = derive_shared_seed(study.root_seed, "test", &distribution.name);
        let data = generator.generate(distribution, seed, 0..study.samples.test)?;
        tests.push(TestImages::Generated(distribution.clone(), data));
    }
    if resolved.images.is_empty() {
        return Ok(tests);
    }
    let training_groups = resolved.training_groups()?;
    for source in &resolved.images {
        let images = source.load(study.generator.image_size)?;
        let testable = training_groups
            .select_testable(&images, &study.fold())
            .map_err(|e| e.at(source.place()))?;
        tests.push(TestImages::External(source.name().to_owned(), testable));
    }
    Ok(tests)
}

/// Generates images with every combination of shape and texture level, a quarter each.
///
/// # Errors
/// If the images do not fit into memory.
pub fn generate_factorial(generator: &Generator, seed: u64, n: usize) -> Result<DataSet, Error> {
    let factorial = Distribution::resolve("factorial")?;
    Ok(generator.generate(&factorial, seed, 0..n)?)
}

fn render_corners(generator: &Generator, base: &DataSet) -> Result<Corners, Error> {
    let level = |is_high: bool| {
        if is_high {
            PAIR_LEVELS.1
        } else {
            PAIR_LEVELS.0
        }
    };
    let corners: Vec<Latents> = base
        .latents
        .iter()
        .flat_map(|latents| {
            CORNERS.map(|(shape, texture)| {
                latents
                    .with(Mode::Shape, level(shape))
                    .with(Mode::Texture, level(texture))
            })
        })
        .collect();
    Ok(Corners {
        images: render_images(generator, &corners)?,
    })
}

/// Renders pairs around latents with all combinations of shape and texture level equally often, so that the effect of
/// one is averaged over the other.
fn render_pairs(generator: &Generator, root: u64, n: usize) -> Result<Vec<Pairs>, Error> {
    let seed = derive_shared_seed(root, "probe", "factorial");
    let base = generate_factorial(generator, seed, n)?;
    let render = |mode: Mode, level: f64| {
        let latents: Vec<_> = base
            .latents
            .par_iter()
            .map(|l| l.with(mode, level))
            .collect();
        render_images(generator, &latents)
    };
    Mode::ALL
        .into_iter()
        .map(|mode| {
            Ok(Pairs {
                mode,
                low: render(mode, PAIR_LEVELS.0)?,
                high: render(mode, PAIR_LEVELS.1)?,
            })
        })
        .collect()
}
