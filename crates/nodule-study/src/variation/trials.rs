//! Random search: builds the tuning trials of a study, small studies with random settings of every loss and separate
//! seeds.

use std::collections::{BTreeMap, BTreeSet};

use nodule_error::{InvalidInput, conflict, invalid_value};
use nodule_seed::derive;
use toml::Value;

use super::change::{Change, apply_changes};
use super::range::Range;
use super::vary::create_variants;
use crate::Error;
use crate::check::{MAX_IMAGES, check_known};
use crate::file::{
    Study, TUNING_READ_OUT, Tune, to_toml, training_setting_names, training_settings,
};
use crate::resolved::{Registry, Resolved, StudyLoss, TrainingSet, Variant};

/// Maximum number of trials and of seeds; far more would overflow the number of runs.
const MAX_TRIALS: usize = 1000;
/// Name of a trial among the changes of its variant.
const TRIAL: &str = "trial";
/// Table of the ranges, for messages.
const RANGE: &str = "tune.range";

/// Checks that the losses of a study are not still to be tuned.
///
/// # Errors
/// If the study has a `[tune]` table.
pub fn reject_untuned(study: &Study, place: &str) -> Result<(), InvalidInput> {
    match study.tune {
        None => Ok(()),
        Some(_) => {
            let reason = "this study still has a [tune] table; run `nodule study tune` first, then the tuned.toml that it writes";
            Err(conflict("tune", reason).at(place))
        }
    }
}

/// Returns one variant per trial, trial 0 with the study's own settings.
///
/// Each trial has every loss, trained on `tune.train` alone. Trials get no test sets, so tuning cannot select on them.
pub(crate) fn create_trials(
    resolved: &Resolved,
    tune: &Tune,
    registry: &Registry,
) -> Result<Vec<Variant>, Error> {
    check_tune(resolved, tune)?;
    let base = reduce(resolved, tune);
    let ranges = parse_ranges(&base, tune)?;
    check_extremes(resolved, &base, &ranges, registry)?;
    let loss_ranges = assign_ranges(&base, &ranges)?;
    let root_seed = trial_root_seed(&resolved.study);
    let create_trial = |trial: usize| {
        let mut changes = Vec::new();
        if trial > 0 {
            let draw = |ranges: &LossRanges| ranges.draw(root_seed, trial);
            changes = loss_ranges.iter().flat_map(draw).collect();
        }
        let study = apply_changes(&base.study, &changes, RANGE)?;
        let checked = base
            .with_study(study, registry)
            .map_err(|e| e.in_section(&format!("trial {trial}")))?;
        Ok(Variant {
            changes: vec![(TRIAL.to_owned(), Value::Integer(trial as i64))],
            resolved: without_tests(checked, root_seed),
        })
    };
    (0..tune.trials).map(create_trial).collect()
}

/// Returns the root of the trials' seeds.
fn trial_root_seed(study: &Study) -> u64 {
    // Integers of TOML are signed.
    derive(study.root_seed, &["tune"]) >> 1
}

/// Checks the table `[tune]` without its ranges.
fn check_tune(resolved: &Resolved, tune: &Tune) -> Result<(), InvalidInput> {
    for (field, value, low) in [("trials", tune.trials, 2), ("seeds", tune.seeds, 1)] {
        if !(low..=MAX_TRIALS).contains(&value) {
            let allowed = format!("a whole number from {low} to {MAX_TRIALS}");
            return Err(invalid_value(format!("tune.{field}"), value, allowed));
        }
    }
    if tune.range.is_empty() {
        return Err(conflict(
            RANGE,
            "table is empty; add a setting and its range",
        ));
    }
    let names = resolved.train.iter().map(|set| set.name().to_owned());
    check_known("tune.train", &tune.train, &names.collect::<Vec<_>>())?;
    let batch_size = resolved.study.max_batch_size();
    match tune.samples_train {
        Some(images) if !(batch_size..=MAX_IMAGES).contains(&images) => {
            let allowed = format!("from one batch ({batch_size}) to {MAX_IMAGES}");
            Err(invalid_value("tune.samples_train", images, allowed))
        }
        _ => Ok(()),
    }
}

/// Returns the study as its trials run it: one training set, no claims, and the fewest measurements.
fn reduce(resolved: &Resolved, tune: &Tune) -> Resolved {
    let is_tuned_on = |set: &TrainingSet| set.name() == tune.train;
    let position = resolved.train.iter().position(is_tuned_on);
    let select = |i: usize| (resolved.study.train[i].clone(), resolved.train[i].clone());
    let (names, train) = position.map(select).into_iter().unzip();
    let mut study = Study {
        seeds: tune.seeds,
        train: names,
        read_outs: vec![TUNING_READ_OUT],
        tune: None,
        vary: None,
        crossed: None,
        hypotheses: Vec::new(),
        trends: Vec::new(),
        ..resolved.study.clone()
    };
    let samples = &mut study.samples;
    samples.train = tune.samples_train.unwrap_or(samples.train);
    // The minimum: at least one test image and one counterfactual pair.
    (samples.test, samples.pairs) = (1, 1);
    (samples.landscape, samples.maps) = (0, 0);
    (samples.representation, samples.timeline) = (0, 0);
    Resolved {
        study,
        train,
        attachments: Vec::new(),
        variants: Vec::new(),
        ..resolved.clone()
    }
}

fn without_tests(resolved: Resolved, root_seed: u64) -> Resolved {
    Resolved {
        study: Study {
            test: Vec::new(),
            root_seed,
            ..resolved.study
        },
        test: Vec::new(),
        images: Vec::new(),
        ..resolved
    }
}

/// Parses the range of each tuned setting, by the setting's name in the file.
fn parse_ranges(base: &Resolved, tune: &Tune) -> Result<BTreeMap<String, Range>, InvalidInput> {
    let parse = |(key, text): (&String, &Value)| {
        let current = base.losses.iter().find_map(|loss| {
            let setting = LossSetting::parse(key, &loss.name)?;
            setting.current_value(base, loss)
        });
        let current = current.ok_or_else(|| unknown_setting(base, key))?;
        let range = Range::parse(text, &current)
            .map_err(|reason| conflict(format!("{RANGE}.\"{key}\" = {text}"), reason))?;
        Ok((key.clone(), range))
    };
    tune.range.iter().map(parse).collect()
}

fn unknown_setting(base: &Resolved, key: &str) -> InvalidInput {
    let loss_settings: BTreeSet<_> = base
        .losses
        .iter()
        .flat_map(|loss| loss.settings.keys().map(|name| format!("loss.{name}")))
        .collect();
    let known: Vec<_> = training_setting_names()
        .iter()
        .map(|name| format!("training.{name}"))
        .chain(loss_settings)
        .collect();
    let reason = format!(
        "no loss of the study has this setting; they have {}",
        known.join(", ")
    );
    conflict(key, reason).suggest_field(known).in_table(RANGE)
}

/// A tuned setting of one loss.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct LossSetting<'a> {
    /// Table in the study file: `training` or `loss`.
    table: &'static str,
    name: &'a str,
    /// Whether the key names this loss, and not all losses.
    is_own: bool,
}

impl<'a> LossSetting<'a> {
    /// Parses a key of `[tune.range]` for one loss; `None` if it belongs to another loss or table.
    fn parse(key: &'a str, loss: &str) -> Option<Self> {
        let (table, name, own) = match key.split_once('.')? {
            ("training", name) => ("training", name, name.strip_prefix("loss.")),
            ("loss", name) => ("loss", name, Some(name)),
            _ => return None,
        };
        match own.and_then(|own| own.split_once('.')) {
            Some((other, name)) => (other == loss).then_some(Self {
                table,
                name,
                is_own: true,
            }),
            None => Some(Self {
                table,
                name,
                is_own: false,
            }),
        }
    }

    /// Returns the setting's value in the study; `None` if the loss does not have it.
    fn current_value(&self, resolved: &Resolved, loss: &StudyLoss) -> Option<Value> {
        let mut settings = match self.table {
            "loss" => to_toml(&loss.settings),
            _ => training_settings(&resolved.study.training.for_loss(&loss.name)),
        };
        settings.remove(self.name)
    }
}

/// Checks that the bounds of each range are valid settings, and that `[vary]` does not overwrite what is tuned.
fn check_extremes(
    resolved: &Resolved,
    base: &Resolved,
    ranges: &BTreeMap<String, Range>,
    registry: &Registry,
) -> Result<(), Error> {
    let table_and_name = |key: &str| {
        let (table, name) = (key.split('.').next(), key.rsplit('.').next());
        (table.map(str::to_owned), name.map(str::to_owned))
    };
    let varied: Vec<_> = resolved
        .study
        .vary
        .iter()
        .flat_map(|vary| vary.values.keys())
        .map(|key| table_and_name(key))
        .collect();
    let untuned = Resolved {
        study: Study {
            tune: None,
            ..resolved.study.clone()
        },
        ..resolved.clone()
    };
    let in_range = |e: Error| e.in_section(&format!("[{RANGE}]"));
    for (key, range) in ranges {
        if varied.contains(&table_and_name(key)) {
            let reason = format!(
                "{key} is also in [vary], which would overwrite the tuned value; remove it from one of them"
            );
            return Err(conflict(RANGE, reason).into());
        }
        for value in range.extremes() {
            for base in [base, &untuned] {
                let changes: [Change; 1] = [(key.clone(), value.clone())];
                let study = apply_changes(&base.study, &changes, RANGE)?;
                let checked = base.with_study(study, registry).map_err(in_range)?;
                create_variants(&checked, registry).map_err(in_range)?;
            }
        }
    }
    Ok(())
}

/// Ranges of one loss, by table and name of the setting.
struct LossRanges<'a> {
    loss: &'a str,
    ranges: BTreeMap<(&'static str, &'a str), &'a Range>,
}

/// Assigns ranges to each loss. A range for one loss replaces that for all.
fn assign_ranges<'a>(
    base: &'a Resolved,
    ranges: &'a BTreeMap<String, Range>,
) -> Result<Vec<LossRanges<'a>>, InvalidInput> {
    let assign = |loss: &'a StudyLoss| {
        let mut settings: Vec<_> = ranges
            .iter()
            .filter_map(|(key, range)| Some((LossSetting::parse(key, &loss.name)?, range)))
            .filter(|(setting, _)| setting.current_value(base, loss).is_some())
            .collect();
        if settings.is_empty() {
            let reason = format!("no setting of {}; add one of each loss", loss.name);
            return Err(conflict(RANGE, reason));
        }
        // Later entries replace earlier ones.
        settings.sort_by_key(|(setting, _)| setting.is_own);
        Ok(LossRanges {
            loss: &loss.name,
            ranges: settings
                .into_iter()
                .map(|(setting, range)| ((setting.table, setting.name), range))
                .collect(),
        })
    };
    base.losses.iter().map(assign).collect()
}

impl LossRanges<'_> {
    /// Draws the settings of a trial. Each draw has a seed by name, so other tuned settings do not change it.
    fn draw(&self, root_seed: u64, trial: usize) -> Vec<Change> {
        let number = trial.to_string();
        let draw = |(&(table, name), range): (&(&str, &str), &&Range)| {
            let seed = derive(root_seed, &["draw", self.loss, table, name, &number]);
            let key = match table {
                "training" => format!("training.loss.{}.{name}", self.loss),
                _ => format!("loss.{}.{name}", self.loss),
            };
            (key, range.draw(seed))
        };
        self.ranges.iter().map(draw).collect()
    }
}
