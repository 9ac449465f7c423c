//! Which runs does a study mean, with which ids and seeds?

mod cost;

mod settings;

use std::collections::BTreeSet;

use nodule_config::TrainingConfig;
use serde_json::Value;

use crate::records::RunSeeds;
pub use crate::seeds::{SeedNumbers, run_seeds, shared_seed};
use crate::settings::{GivenImages, Resolved, StudyLoss, TrainingSet};
pub use cost::{Cost, cost};
pub(crate) use settings::id;
pub use settings::{GivenRecord, RunSettings, TrainedOn, versions};

/// One training and its evaluation.
#[derive(Debug, Clone)]
pub struct RunSpec {
    /// Hash of `settings`: 16 hexadecimal digits.
    pub id: String,
    /// What it trains on.
    pub train: TrainingSet,
    /// What it trains with.
    pub loss: StudyLoss,
    /// How much training it gets.
    pub budget: TrainingConfig,
    /// The seed's number, from 0; of the data alone where seeds are crossed.
    pub seed: usize,
    /// The seeds' numbers where they are crossed.
    pub crossed: Option<SeedNumbers>,
    /// The seeds derived from it.
    pub seeds: RunSeeds,
    /// Whose run it is: the study's own, or that variant's.
    pub variant: Option<usize>,
    /// What that variant changes, for people; empty for the study itself.
    pub change: String,
    /// Everything that changes the run's numbers, as `run.json` holds it.
    pub settings: Value,
}

impl RunSpec {
    /// What is trained, on what, with which seed and what change, for people.
    #[must_use]
    pub fn title(&self) -> String {
        let seed = match self.crossed {
            None => format!("seed {}", self.seed),
            Some(s) => format!("data {} weights {} order {}", s.data, s.weights, s.order),
        };
        let change = match self.change.is_empty() {
            true => String::new(),
            false => format!(", {}", self.change),
        };
        format!("{} {} {seed}{change}", self.train.name(), self.loss.name)
    }

    /// Training images that the run sees: epochs times images, `resolved` being its study. Of images of the
    /// user's own all are counted, those too that are held out.
    #[must_use]
    pub fn images(&self, resolved: &Resolved) -> usize {
        let samples = resolved.variant(self.variant).study.samples;
        let given = self.train.given().and_then(GivenImages::count);
        self.budget
            .epochs
            .saturating_mul(given.unwrap_or(samples.train))
    }
}

/// All runs of a study on a device of that kind (`cpu` or `cuda`), each once: those of the grid, seed
/// by seed, so that an unfinished study holds whole seeds; those with crossed seeds; and those of
/// its variants. Where the losses are still to be tuned, those of the trials: what they choose decides the
/// ids of all others.
#[must_use]
pub fn plan(resolved: &Resolved, device_kind: &str) -> Vec<RunSpec> {
    let mut runs = Vec::new();
    if resolved.study.tune.is_none() {
        runs.extend(grid(resolved, device_kind));
        runs.extend(crossed(resolved, device_kind));
    }
    for (i, variant) in resolved.variants.iter().enumerate() {
        let of_variant = grid(&variant.resolved, device_kind).into_iter();
        runs.extend(of_variant.map(|spec| RunSpec {
            variant: Some(i),
            change: variant.name(),
            ..spec
        }));
    }
    // What a change does not touch is shared: another lambda leaves the runs of `ce` as they are.
    let mut seen = BTreeSet::new();
    runs.retain(|run| seen.insert(run.id.clone()));
    runs
}

/// The runs of a study without its variants and crossed seeds: every training distribution, loss and seed.
#[must_use]
pub fn grid(resolved: &Resolved, device_kind: &str) -> Vec<RunSpec> {
    let study = &resolved.study;
    let mut runs = Vec::new();
    for seed in 0..study.seeds {
        for train in &resolved.train {
            for loss in &resolved.losses {
                let numbers = SeedNumbers::all(seed);
                runs.push(spec(resolved, train, loss, numbers, device_kind));
            }
        }
    }
    runs
}

/// The runs whose seeds are crossed. Those with three equal numbers are the grid's own.
#[must_use]
pub fn crossed(resolved: &Resolved, device_kind: &str) -> Vec<RunSpec> {
    let Some(crossed) = &resolved.study.crossed else {
        return Vec::new();
    };
    let trains = resolved.train.iter();
    let trains: Vec<_> = trains
        .filter(|set| crossed.train.iter().any(|name| name == set.name()))
        .collect();
    let loss = |name: &String| resolved.losses.iter().find(|loss| loss.name == *name);
    let losses: Vec<_> = crossed.losses.iter().filter_map(loss).collect();
    let n = crossed.seeds;
    let mut runs = Vec::new();
    for i in 0..n.pow(3) {
        let numbers = SeedNumbers {
            data: i / (n * n),
            weights: i / n % n,
            order: i % n,
        };
        for train in &trains {
            for loss in &losses {
                runs.push(spec(resolved, train, loss, numbers, device_kind));
            }
        }
    }
    runs
}

/// One run.
fn spec(
    resolved: &Resolved,
    train: &TrainingSet,
    loss: &StudyLoss,
    numbers: SeedNumbers,
    device_kind: &str,
) -> RunSpec {
    let settings = RunSettings::new(resolved, train, loss, numbers, device_kind).json();
    let seed = numbers.data;
    RunSpec {
        id: id(&settings),
        train: train.clone(),
        loss: loss.clone(),
        budget: resolved.study.training.of(&loss.name),
        seed,
        crossed: (numbers != SeedNumbers::all(seed)).then_some(numbers),
        seeds: run_seeds(resolved.study.root_seed, numbers, train.name()),
        settings,
        variant: None,
        change: String::new(),
    }
}
