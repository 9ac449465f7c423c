//! A battery: the sets of images that networks are asked about, by name, each image known by its latents and
//! rendered when it is wanted.

mod set;

use nodule_error::{invalid_value, one_of};
use nodule_seed::hex;
use nodule_study::plan::{SeedNumbers, derive_run_seeds, derive_shared_seed};
use nodule_study::settings::TrainingSet;
use nodule_study::{Error, Resolved};
use nodule_synth::{
    DataSet, Distribution, Fold, GENERATOR_VERSION, Generator, Mode, Sample, Split,
};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::sets::{LEVELS, Pairs, SharedSets, Square, TestImages, generator, points};

pub use set::{Set, SetKind};

/// More seeds than anyone asks validation images of.
const MOST_SEEDS: usize = 1000;

/// What the networks of a study are asked, and what a network of anybody's can be asked too.
#[derive(Debug, Clone)]
pub struct Battery {
    resolved: Resolved,
    training: Generator,
    asking: Generator,
    train: Vec<Distribution>,
    seeds: usize,
    sets: Vec<Set>,
    id: String,
}

/// All that decides the bits of a battery's images.
#[derive(Debug, Serialize)]
struct Recipe<'a> {
    generator_version: u32,
    generator: &'a nodule_synth::GeneratorSettings,
    outlines: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    backgrounds: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    held_out: Option<Fold>,
    root_seed: u64,
    samples: &'a nodule_study::settings::Samples,
    test: &'a [Distribution],
    train: &'a [Distribution],
    seeds: usize,
}

impl Battery {
    /// The battery of `resolved`, with the training and validation images of the training distributions
    /// named `train` (all of the study's where it names none) and of the first `seeds` seeds.
    ///
    /// # Errors
    /// [`Error::Setting`] for a training distribution that the study has not, or more seeds than anyone
    /// needs; or if the generator's settings are refused.
    pub fn new(resolved: Resolved, train: &[String], seeds: usize) -> Result<Self, Error> {
        let known = resolved.train.iter().map(TrainingSet::name);
        for name in train {
            if !known.clone().any(|known| known == name) {
                let refused = invalid_value("train", name, one_of(known));
                return Err(refused.at("battery").into());
            }
        }
        let of_train = resolved.train.iter().filter_map(TrainingSet::given);
        let of_train = of_train.map(|given| ("train", given));
        let mut given = of_train.chain(resolved.images.iter().map(|given| ("test", given)));
        if let Some((list, given)) = given.next() {
            let allowed = "a distribution: a battery is drawn, so that everybody is asked the same";
            return Err(invalid_value(list, &given.name, allowed)
                .at("battery")
                .into());
        }
        if !(1..=MOST_SEEDS).contains(&seeds) {
            let allowed = format!("a whole number from 1 to {MOST_SEEDS}");
            return Err(invalid_value("seeds", seeds, allowed).at("battery").into());
        }
        let chosen = resolved.train.iter().filter_map(TrainingSet::drawn);
        let chosen = chosen.filter(|d| train.is_empty() || train.contains(&d.name));
        let chosen: Vec<_> = chosen.cloned().collect();
        let of_part = |part| generator(&resolved, part);
        let (training, asking) = (of_part(Split::Training)?, of_part(Split::Test)?);
        let recipe = Recipe {
            generator_version: GENERATOR_VERSION,
            generator: &resolved.study.generator,
            outlines: resolved.outlines.digest(),
            backgrounds: resolved.backgrounds.as_ref().map(|b| b.sha256.as_str()),
            held_out: (resolved.backgrounds.as_ref()).map(|_| resolved.study.fold()),
            root_seed: resolved.study.root_seed,
            samples: &resolved.study.samples,
            test: &resolved.test,
            train: &chosen,
            seeds,
        };
        let text = serde_json::to_vec(&recipe).map_err(|e| Error::made("a battery's id", e))?;
        let id = hex(&Sha256::digest(&text)[..16]);
        let mut battery = Self {
            resolved,
            training,
            asking,
            train: chosen,
            seeds,
            sets: Vec::new(),
            id,
        };
        battery.sets = battery.drawn_sets()?;
        Ok(battery)
    }

    /// 32 hexadecimal digits: two batteries of one id ask the same of every network.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The study whose battery it is.
    #[must_use]
    pub fn resolved(&self) -> &Resolved {
        &self.resolved
    }

    /// The training distributions that it has validation images of.
    #[must_use]
    pub fn train(&self) -> &[Distribution] {
        &self.train
    }

    /// How many seeds it has validation images of.
    #[must_use]
    pub fn seeds(&self) -> usize {
        self.seeds
    }

    /// Width and height of its images, in pixels.
    #[must_use]
    pub fn image_size(&self) -> usize {
        self.resolved.study.generator.image_size
    }

    /// Its sets, in the order of its files.
    #[must_use]
    pub fn sets(&self) -> &[Set] {
        &self.sets
    }

    /// The set of that kind.
    #[must_use]
    pub fn set(&self, kind: &SetKind) -> Option<&Set> {
        self.sets.iter().find(|set| set.kind == *kind)
    }

    /// The generator that renders a set of that kind: real lung that images of training lie over is not
    /// what any other set does.
    #[must_use]
    pub fn generator(&self, kind: &SetKind) -> &Generator {
        match kind {
            SetKind::Training(..) | SetKind::Validation(..) => &self.training,
            _ => &self.asking,
        }
    }

    /// What a network of that training distribution and seed is asked: every shared set, and its own
    /// training and validation images. A seed that the battery has no images of takes those of seed 0.
    pub fn asked(&self, train: &str, seed: usize) -> impl Iterator<Item = &Set> {
        let seed = if seed < self.seeds { seed } else { 0 };
        self.sets.iter().filter(move |set| match &set.kind {
            SetKind::Training(of, number) | SetKind::Validation(of, number) => {
                of == train && *number == seed
            }
            _ => true,
        })
    }

    /// The sets that all networks share, without their images.
    pub(crate) fn shared(&self) -> SharedSets {
        let data = |kind: SetKind| self.set(&kind).map(|set| set.data(self.image_size()));
        let tests = self.resolved.test.iter();
        let tests = tests.filter_map(|d| {
            Some(TestImages::Drawn(
                d.clone(),
                data(SetKind::Test(d.name.clone()))?,
            ))
        });
        let square = self.set(&SetKind::Landscape).map(|_| Square {
            points: points(),
            images: Vec::new(),
        });
        let pairs = Mode::ALL.map(|mode| Pairs {
            mode,
            low: Vec::new(),
            high: Vec::new(),
        });
        SharedSets {
            tests: tests.collect(),
            pairs: pairs.into(),
            landscape: square,
            maps: data(SetKind::Maps),
            representation: data(SetKind::Representation),
            timeline: None,
        }
    }

    fn drawn_sets(&self) -> Result<Vec<Set>, Error> {
        let study = &self.resolved.study;
        let (samples, root) = (study.samples, study.root_seed);
        let cells = Distribution::resolve("factorial")?;
        let of_cells = |purpose: &str, n| {
            self.drawn(&cells, derive_shared_seed(root, purpose, "factorial"), n)
        };
        let mut sets = Vec::new();
        for train in &self.train {
            for seed in 0..self.seeds {
                let seeds = derive_run_seeds(root, SeedNumbers::all(seed), &train.name);
                let name = train.name.clone();
                let images = self.drawn(train, seeds.train_data, samples.train);
                sets.push(Set::new(SetKind::Training(name.clone(), seed), images));
                let images = self.drawn(train, seeds.validation_data, samples.validation);
                sets.push(Set::new(SetKind::Validation(name, seed), images));
            }
        }
        for test in &self.resolved.test {
            let images = self.drawn(
                test,
                derive_shared_seed(root, "test", &test.name),
                samples.test,
            );
            sets.push(Set::new(SetKind::Test(test.name.clone()), images));
        }
        let base = of_cells("probe", samples.pairs);
        for mode in Mode::ALL {
            let at = |level| moved(&base, |drawn| drawn.latents.with(mode, level));
            sets.push(Set::new(SetKind::Low(mode), at(LEVELS.0)));
            sets.push(Set::new(SetKind::High(mode), at(LEVELS.1)));
        }
        let base = of_cells("landscape", samples.landscape);
        let square = points().into_iter().flat_map(|(shape, texture)| {
            moved(&base, |drawn| {
                let latents = drawn.latents.with(Mode::Shape, shape);
                latents.with(Mode::Texture, texture)
            })
        });
        sets.push(Set::new(SetKind::Landscape, square.collect()));
        sets.push(Set::new(SetKind::Maps, of_cells("maps", samples.maps)));
        let representation = of_cells("representation", samples.representation);
        sets.push(Set::new(SetKind::Representation, representation));
        // What the study does not ask for is not there.
        sets.retain(|set| !set.drawn.is_empty());
        Ok(sets)
    }

    fn drawn(&self, distribution: &Distribution, seed: u64, n: usize) -> Vec<Sample> {
        self.asking.draw(distribution, seed, 0..n)
    }

    /// The images of a set, with all that is known of them.
    ///
    /// # Errors
    /// If they would not fit into memory.
    pub fn rendered(&self, set: &Set) -> Result<DataSet, Error> {
        set.rendered(self.generator(&set.kind))
    }
}

/// The same images with other latents. Label and cell stay those that they were drawn with.
fn moved(base: &[Sample], latents: impl Fn(&Sample) -> nodule_synth::Latents) -> Vec<Sample> {
    let moved = base.iter().map(|drawn| {
        let mut moved = drawn.clone();
        moved.latents = latents(drawn);
        moved
    });
    moved.collect()
}
