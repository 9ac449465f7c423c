//! Battery: a fixed set of test images for evaluating any network, known by their latents and rendered on demand.

mod sampling;
mod set;

use nodule_error::{InvalidInput, conflict, invalid_value, one_of};
use nodule_seed::hex;
use nodule_study::settings::TrainingSet;
use nodule_study::{Error, Resolved};
use nodule_synth::{DataSet, Distribution, Fold, GENERATOR_VERSION, Generator, Mode, Split};
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::sets::{Pairs, Plane, SharedSets, TestImages, build_generator, plane_points};

pub use set::{Set, SetKind};

/// Upper limit on seeds with training and validation images.
const MAX_SEEDS: usize = 1000;

/// The test images of a study, for evaluating any network.
#[derive(Debug, Clone)]
pub struct Battery {
    resolved: Resolved,
    training_generator: Generator,
    test_generator: Generator,
    train: Vec<Distribution>,
    seeds: usize,
    sets: Vec<Set>,
    id: String,
}

/// Everything that determines the bits of a battery's images; hashed into its id.
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
    /// Returns the battery of a study, with training and validation images of the distributions `train` (all of the
    /// study's if empty) and of the first `seeds` seeds.
    ///
    /// # Errors
    /// If the study has no such training distribution, if it uses images of the user, for more than 1000 seeds, or if
    /// the generator's settings are invalid.
    pub fn new(resolved: Resolved, train: &[String], seeds: usize) -> Result<Self, Error> {
        check_request(&resolved, train, seeds).map_err(|e| e.at("battery"))?;
        let train: Vec<_> = resolved
            .train
            .iter()
            .filter_map(TrainingSet::distribution)
            .filter(|d| train.is_empty() || train.contains(&d.name))
            .cloned()
            .collect();
        let recipe = Recipe {
            generator_version: GENERATOR_VERSION,
            generator: &resolved.study.generator,
            outlines: resolved.outlines.digest(),
            backgrounds: resolved
                .backgrounds
                .as_ref()
                .map(nodule_study::settings::UserFile::sha256),
            held_out: resolved.backgrounds.as_ref().map(|_| resolved.study.fold()),
            root_seed: resolved.study.root_seed,
            samples: &resolved.study.samples,
            test: &resolved.test,
            train: &train,
            seeds,
        };
        let text =
            serde_json::to_vec(&recipe).map_err(|e| Error::cannot_make("a battery's id", e))?;
        let id = hex(&Sha256::digest(&text)[..16]);
        let test_generator = build_generator(&resolved, Split::Test)?;
        Ok(Self {
            sets: sampling::sample_sets(&resolved, &test_generator, &train, seeds)?,
            training_generator: build_generator(&resolved, Split::Training)?,
            test_generator,
            resolved,
            train,
            seeds,
            id,
        })
    }

    /// Id of 32 hexadecimal digits; batteries with the same id have the same images.
    ///
    /// ```
    /// use nodule_battery::Battery;
    /// use nodule_study::{Registry, load_study};
    ///
    /// let smoke = || load_study("smoke", &Registry::default());
    /// let battery = Battery::new(smoke()?, &[], 1)?;
    /// assert_eq!(battery.id().len(), 32);
    /// assert_eq!(Battery::new(smoke()?, &[], 1)?.id(), battery.id());
    /// # Ok::<(), nodule_study::Error>(())
    /// ```
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Study of the battery.
    #[must_use]
    pub fn resolved_study(&self) -> &Resolved {
        &self.resolved
    }

    /// Training distributions with training and validation images.
    #[must_use]
    pub fn train(&self) -> &[Distribution] {
        &self.train
    }

    /// Number of seeds with training and validation images.
    #[must_use]
    pub fn seeds(&self) -> usize {
        self.seeds
    }

    /// Width and height of the images, in pixels.
    #[must_use]
    pub fn image_size(&self) -> usize {
        self.resolved.study.generator.image_size
    }

    /// Sets, in the order of the files.
    #[must_use]
    pub fn sets(&self) -> &[Set] {
        &self.sets
    }

    /// Returns the set of that kind.
    #[must_use]
    pub fn set(&self, kind: &SetKind) -> Option<&Set> {
        self.sets.iter().find(|set| set.kind == *kind)
    }

    /// Returns the generator of a set. Training and validation images use other backgrounds than test images.
    #[must_use]
    pub fn generator(&self, kind: &SetKind) -> &Generator {
        match kind {
            SetKind::Training(..) | SetKind::Validation(..) => &self.training_generator,
            _ => &self.test_generator,
        }
    }

    /// Returns the sets for a model of one training distribution and seed: all shared sets, and its training and
    /// validation images. A seed without images in the battery takes those of seed 0.
    ///
    /// ```
    /// use nodule_battery::{Battery, SetKind};
    /// use nodule_study::{Registry, load_study};
    ///
    /// let smoke = load_study("smoke", &Registry::default())?;
    /// let battery = Battery::new(smoke, &["both".to_owned()], 1)?;
    /// let mut sets = battery.sets_for_model("both", 0);
    /// assert!(sets.any(|set| set.kind == SetKind::Validation("both".to_owned(), 0)));
    /// # Ok::<(), nodule_study::Error>(())
    /// ```
    pub fn sets_for_model(&self, train: &str, seed: usize) -> impl Iterator<Item = &Set> {
        let seed = if seed < self.seeds { seed } else { 0 };
        self.sets.iter().filter(move |set| match &set.kind {
            SetKind::Training(name, number) | SetKind::Validation(name, number) => {
                name == train && *number == seed
            }
            _ => true,
        })
    }

    /// Returns the sets that all networks share, without images.
    pub(crate) fn shared_sets_without_images(&self) -> SharedSets {
        let data = |kind: SetKind| {
            self.set(&kind)
                .map(|set| set.data_without_images(self.image_size()))
        };
        let test = |distribution: &Distribution| {
            let data = data(SetKind::Test(distribution.name.clone()))?;
            Some(TestImages::Generated(distribution.clone(), data))
        };
        SharedSets {
            tests: self.resolved.test.iter().filter_map(test).collect(),
            pairs: Mode::ALL
                .map(|mode| Pairs {
                    mode,
                    low: Vec::new(),
                    high: Vec::new(),
                })
                .into(),
            plane: self.set(&SetKind::Plane).map(|_| Plane {
                points: plane_points(),
                images: Vec::new(),
            }),
            maps: data(SetKind::Maps),
            representation: data(SetKind::Representation),
            timeline: None,
        }
    }

    /// Renders the images of a set.
    ///
    /// # Errors
    /// If the images do not fit into memory.
    pub fn render(&self, set: &Set) -> Result<DataSet, Error> {
        set.render(self.generator(&set.kind))
    }
}

fn check_request(resolved: &Resolved, train: &[String], seeds: usize) -> Result<(), InvalidInput> {
    let names = resolved.train.iter().map(TrainingSet::name);
    if let Some(unknown) = train.iter().find(|name| !names.clone().any(|n| n == *name)) {
        return Err(invalid_value("train", unknown, one_of(names)));
    }
    let train_images = resolved
        .train
        .iter()
        .filter_map(TrainingSet::user_images)
        .map(|images| ("train", images));
    let test_images = resolved.images.iter().map(|images| ("test", images));
    if let Some((list, images)) = train_images.chain(test_images).next() {
        let reason = format!(
            "{} are images of the user; a battery needs generated images only",
            images.name()
        );
        return Err(conflict(list, reason));
    }
    if !(1..=MAX_SEEDS).contains(&seeds) {
        let allowed = format!("a whole number from 1 to {MAX_SEEDS}");
        return Err(invalid_value("seeds", seeds, allowed));
    }
    Ok(())
}
