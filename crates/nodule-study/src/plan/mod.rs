//! Plan of a study: its runs, with ids and seeds.

mod cost;
mod settings;

use std::collections::BTreeSet;

use nodule_config::TrainingConfig;
use serde_json::Value;

use crate::records::RunSeeds;
pub use crate::seeds::{SeedNumbers, derive_run_seeds, derive_shared_seed};
use crate::settings::{Resolved, StudyLoss, TrainingSet, UserImages};
pub use cost::{Cost, estimate_cost};
pub(crate) use settings::run_id;
pub use settings::{
    EVALUATION_VERSION, RunSettings, TrainRecord, UserImagesRecord, build_versions,
};

/// One training and its evaluation.
#[derive(Debug, Clone)]
pub struct RunSpec {
    /// Hash of `settings`: 16 hexadecimal digits.
    pub id: String,
    /// Training set.
    pub train: TrainingSet,
    /// Loss.
    pub loss: StudyLoss,
    /// Training settings of that loss.
    pub training: TrainingConfig,
    /// Seed number, from 0; that of the data if seeds are crossed.
    pub seed: usize,
    /// Seed numbers, if seeds are crossed.
    pub crossed: Option<SeedNumbers>,
    /// Seeds derived from the seed numbers.
    pub seeds: RunSeeds,
    /// Index of the variant that the run belongs to; `None` for the study itself.
    pub variant: Option<usize>,
    /// Changes of that variant, for display; empty for the study itself.
    pub change: String,
    /// Everything that changes the run's numbers, as in `run.json`.
    pub settings: Value,
}

impl RunSpec {
    /// Returns training set, loss, seed and change for display.
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

    /// Returns the number of images that training processes: epochs times images. `resolved` is the run's study. The
    /// user's own images are all counted, including those of the held-out fold.
    #[must_use]
    pub fn images(&self, resolved: &Resolved) -> usize {
        let samples = resolved.variant(self.variant).study.samples.train;
        let images = self.train.user_images().and_then(UserImages::count);
        self.training
            .epochs
            .saturating_mul(images.unwrap_or(samples))
    }
}

/// Returns all runs of a study on a kind of device (`cpu` or `cuda`), each once.
///
/// The order is: the grid, seed by seed, so that an unfinished study holds complete seeds; runs with crossed seeds; the
/// variants. If the study has a `[tune]` table, only tuning runs are planned, since their result determines the other ids.
///
/// ```
/// use nodule_study::{Registry, load_study, plan};
///
/// let smoke = load_study("smoke", &Registry::default())?;
/// let runs = plan(&smoke, "cpu");
/// assert_eq!(runs.len(), 18); // 3 training sets, 3 losses, 2 seeds
/// assert_eq!(runs[0].title(), "both ce seed 0");
/// # Ok::<(), nodule_study::Error>(())
/// ```
#[must_use]
pub fn plan(resolved: &Resolved, device_kind: &str) -> Vec<RunSpec> {
    let mut runs = Vec::new();
    if resolved.study.tune.is_none() {
        runs.extend(plan_grid(resolved, device_kind));
        runs.extend(plan_crossed(resolved, device_kind));
    }
    for (i, variant) in resolved.variants.iter().enumerate() {
        let grid = plan_grid(&variant.resolved, device_kind);
        runs.extend(grid.into_iter().map(|spec| RunSpec {
            variant: Some(i),
            change: variant.name(),
            ..spec
        }));
    }
    // Runs that a change does not affect are shared: another margin leaves the runs of `ce` as they are.
    let mut ids = BTreeSet::new();
    runs.retain(|run| ids.insert(run.id.clone()));
    runs
}

/// Returns the runs of a study without variants and crossed seeds: every training set, loss and seed.
#[must_use]
pub fn plan_grid(resolved: &Resolved, device_kind: &str) -> Vec<RunSpec> {
    let mut runs = Vec::new();
    for seed in 0..resolved.study.seeds {
        for train in &resolved.train {
            for loss in &resolved.losses {
                let numbers = SeedNumbers::all(seed);
                runs.push(plan_run(resolved, train, loss, numbers, device_kind));
            }
        }
    }
    runs
}

/// Returns the runs with crossed seeds. Those with three equal seed numbers also belong to the grid.
#[must_use]
pub fn plan_crossed(resolved: &Resolved, device_kind: &str) -> Vec<RunSpec> {
    let Some(crossed) = &resolved.study.crossed else {
        return Vec::new();
    };
    let is_crossed = |set: &&TrainingSet| crossed.train.iter().any(|name| name == set.name());
    let trains: Vec<_> = resolved.train.iter().filter(is_crossed).collect();
    let find_loss = |name: &String| resolved.losses.iter().find(|loss| loss.name == *name);
    let losses: Vec<_> = crossed.losses.iter().filter_map(find_loss).collect();
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
                runs.push(plan_run(resolved, train, loss, numbers, device_kind));
            }
        }
    }
    runs
}

fn plan_run(
    resolved: &Resolved,
    train: &TrainingSet,
    loss: &StudyLoss,
    numbers: SeedNumbers,
    device_kind: &str,
) -> RunSpec {
    let settings = RunSettings::new(resolved, train, loss, numbers, device_kind).to_json();
    let seed = numbers.data;
    RunSpec {
        id: run_id(&settings),
        train: train.clone(),
        loss: loss.clone(),
        training: resolved.study.training.for_loss(&loss.name),
        seed,
        crossed: (numbers != SeedNumbers::all(seed)).then_some(numbers),
        seeds: derive_run_seeds(resolved.study.root_seed, numbers, train.name()),
        settings,
        variant: None,
        change: String::new(),
    }
}
