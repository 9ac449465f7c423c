//! The trials of a study that tunes its losses: the same study as small as it can be, with random settings of
//! every loss, and seeds that nothing else has.

use std::collections::{BTreeMap, BTreeSet};

use nodule_error::{InvalidInput, invalid_value, one_of};
use nodule_seed::derive;
use toml::Value;

use super::budgets::OWN;
use super::check::{MOST_IMAGES, Names, check};
use super::draws::{Range, range};
use super::require::known;
use super::toml_text::to_toml;
use super::variants::{changed, variants};
use super::{Registry, Resolved, Study, StudyLoss, TUNED_BY, Tune, Variant};
use crate::Error;

/// More than anyone trains, fewer than would overflow a plan.
const MOST: usize = 1000;
/// What a trial is called among the changes of its variant.
const TRIAL: &str = "trial";
/// The table of the ranges, for messages.
const RANGE: &str = "tune.range";

/// One variant a trial, the study's own settings first: each has every loss, trained on `tune.train` alone,
/// tested on nothing, and measured as little as can be.
pub(super) fn trials(
    resolved: &Resolved,
    tune: &Tune,
    registry: &Registry,
    place: &str,
) -> Result<Vec<Variant>, Error> {
    let at = |e: InvalidInput| Error::from(e.at(place));
    check_numbers(tune).map_err(at)?;
    let names = resolved.train.iter().map(|set| set.name().to_owned());
    let names: Vec<_> = names.collect();
    known(place, "tune.train", &tune.train, &names)?;
    enough_for_a_batch(resolved, tune).map_err(at)?;
    let small = smallest(resolved, tune);
    let ranges = ranges(&small, tune).map_err(at)?;
    ends_are_sound(resolved, &small, &ranges, registry, place)?;
    let of_losses = of_losses(&small, &ranges).map_err(at)?;
    let root = root(&resolved.study);
    let trial = |trial: usize| {
        let drawn = of_losses
            .iter()
            .flat_map(|of_loss| of_loss.drawn(root, trial));
        // The study's own come first: nothing is drawn.
        let drawn: Vec<_> = drawn.filter(|_| trial > 0).collect();
        let study = changed(&small.study, &drawn, RANGE, place)?;
        let place = format!("{place}: trial {trial}");
        Ok(Variant {
            changes: vec![(TRIAL.to_owned(), Value::Integer(trial as i64))],
            resolved: untested(checked(&small, study, registry, &place)?, root),
        })
    };
    (0..tune.trials).map(trial).collect()
}

/// The root of the seeds of trials.
fn root(study: &Study) -> u64 {
    // TOML's whole numbers have a sign.
    derive(study.root_seed, &["tune"]) >> 1
}

fn check_numbers(tune: &Tune) -> Result<(), InvalidInput> {
    for (field, value, least) in [("trials", tune.trials, 2), ("seeds", tune.seeds, 1)] {
        if !(least..=MOST).contains(&value) {
            let allowed = format!("a whole number from {least} to {MOST}");
            return Err(invalid_value(format!("tune.{field}"), value, allowed));
        }
    }
    if tune.range.is_empty() {
        return Err(invalid_value(
            RANGE,
            "{}",
            "at least one setting and what it is drawn from",
        ));
    }
    Ok(())
}

fn enough_for_a_batch(resolved: &Resolved, tune: &Tune) -> Result<(), InvalidInput> {
    let (batch, most) = (resolved.study.largest_batch(), MOST_IMAGES);
    match tune.samples_train {
        Some(images) if !(batch..=most).contains(&images) => {
            let allowed = format!("from one batch ({batch}) to {most}");
            Err(invalid_value("tune.samples_train", images, allowed))
        }
        _ => Ok(()),
    }
}

/// The study as its trials are run: one training distribution, no claims, and little to measure.
fn smallest(resolved: &Resolved, tune: &Tune) -> Resolved {
    let at = resolved
        .train
        .iter()
        .position(|set| set.name() == tune.train);
    let only = |i: usize| (resolved.study.train[i].clone(), resolved.train[i].clone());
    let (names, train) = at.map(only).into_iter().unzip();
    let mut study = Study {
        seeds: tune.seeds,
        train: names,
        read_outs: vec![TUNED_BY],
        tune: None,
        vary: None,
        crossed: None,
        hypotheses: Vec::new(),
        trends: Vec::new(),
        ..resolved.study.clone()
    };
    let samples = &mut study.samples;
    samples.train = tune.samples_train.unwrap_or(samples.train);
    // Effects are of no interest, and one pair is the fewest.
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

/// What cannot be looked at cannot be chosen by: no test set is made for a trial.
fn untested(resolved: Resolved, root_seed: u64) -> Resolved {
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

/// `study`, whose names are those of `base`.
fn checked(
    base: &Resolved,
    study: Study,
    registry: &Registry,
    place: &str,
) -> Result<Resolved, Error> {
    let names = Names {
        train: &base.train,
        test: &base.test,
        images: &base.images,
        backgrounds: base.backgrounds.as_ref(),
        registry,
        place,
    };
    let (study, losses, network) = check(study, &names)?;
    Ok(Resolved {
        study,
        losses,
        network,
        ..base.clone()
    })
}

/// The range of each setting that is tuned, by its name in the file.
fn ranges(small: &Resolved, tune: &Tune) -> Result<BTreeMap<String, Range>, InvalidInput> {
    let parsed = |(key, spelled): (&String, &Value)| {
        let field = format!("{RANGE}.\"{key}\"");
        let mut now = small.losses.iter();
        let now = now.find_map(|loss| now_of(small, loss, own_key(key, &loss.name)?.1));
        let Some(now) = now else {
            return Err(unknown(small, key, spelled));
        };
        let range =
            range(spelled, &now).map_err(|allowed| invalid_value(field, spelled, allowed))?;
        Ok((key.clone(), range))
    };
    tune.range.iter().map(parsed).collect()
}

fn unknown(small: &Resolved, key: &str, spelled: &Value) -> InvalidInput {
    let settings = small.losses.iter().flat_map(|loss| {
        let own = loss.settings.keys();
        own.map(|name| format!("loss.{name}"))
    });
    let settings: BTreeSet<_> = settings.collect();
    let training = OWN.iter().map(|name| format!("training.{name}"));
    let all: Vec<_> = training.chain(settings).collect();
    let allowed = format!(
        "of a setting that the study's losses have ({})",
        one_of(&all)
    );
    invalid_value(key, spelled, allowed)
        .suggest_field(all)
        .in_table(RANGE)
}

/// Where `key` of a file stands for one loss: its table, `training` or `loss`, and the setting's name; none
/// if it is another loss's, or of no such table.
fn own_key<'a>(key: &'a str, loss: &str) -> Option<(bool, (&'static str, &'a str))> {
    let (table, name) = match key.split_once('.')? {
        ("training", name) => ("training", name),
        ("loss", name) => ("loss", name),
        _ => return None,
    };
    let own = match table {
        "training" => name.strip_prefix("loss."),
        _ => Some(name),
    };
    match own.and_then(|own| own.split_once('.')) {
        Some((of, name)) => (of == loss).then_some((true, (table, name))),
        None => Some((false, (table, name))),
    }
}

/// What the setting is of that loss; none if it has no such setting.
fn now_of(resolved: &Resolved, loss: &StudyLoss, (table, name): (&str, &str)) -> Option<Value> {
    if table == "loss" {
        return to_toml(&loss.settings).remove(name);
    }
    let budget = resolved.study.training.of(&loss.name);
    match name {
        "epochs" => Some(Value::Integer(budget.epochs as i64)),
        "batch_size" => Some(Value::Integer(budget.batch_size as i64)),
        "learning_rate" => Some(Value::Float(budget.learning_rate)),
        _ => None,
    }
}

/// Refuses an end of a range that a run could not have, and what the study varies: its values would take the
/// place of those that were chosen.
fn ends_are_sound(
    resolved: &Resolved,
    small: &Resolved,
    ranges: &BTreeMap<String, Range>,
    registry: &Registry,
    place: &str,
) -> Result<(), Error> {
    let table_and_name = |key: &str| {
        let table = key.split('.').next().map(str::to_owned);
        (table, key.rsplit('.').next().map(str::to_owned))
    };
    let varied = resolved.study.vary.iter().flat_map(|v| v.values.keys());
    let varied: Vec<_> = varied.map(|key| table_and_name(key)).collect();
    let untuned = Resolved {
        study: Study {
            tune: None,
            ..resolved.study.clone()
        },
        variants: Vec::new(),
        ..resolved.clone()
    };
    let in_range = format!("{place}: [{RANGE}]");
    for (key, range) in ranges {
        if varied.contains(&table_and_name(key)) {
            let allowed = "a setting that [vary] leaves alone: its values would take the place of what is chosen";
            return Err(invalid_value(RANGE, key, allowed).at(place).into());
        }
        for end in range.ends() {
            for base in [small, &untuned] {
                let changes = [(key.clone(), end.clone())];
                let study = changed(&base.study, &changes, RANGE, place)?;
                let base = checked(base, study, registry, &in_range)?;
                variants(&base, registry, &in_range)?;
            }
        }
    }
    Ok(())
}

/// What is drawn of one loss.
struct OfLoss<'a> {
    loss: &'a str,
    /// By table and name of the setting.
    ranges: BTreeMap<(&'static str, &'a str), &'a Range>,
}

/// The ranges of each loss; one of its own goes before one of all.
fn of_losses<'a>(
    small: &'a Resolved,
    ranges: &'a BTreeMap<String, Range>,
) -> Result<Vec<OfLoss<'a>>, InvalidInput> {
    let of_loss = |loss: &'a StudyLoss| {
        let mut own = BTreeMap::new();
        for is_own in [false, true] {
            for (key, range) in ranges {
                let found = own_key(key, &loss.name).filter(|(of_one, setting)| {
                    *of_one == is_own && now_of(small, loss, *setting).is_some()
                });
                own.extend(found.map(|(_, setting)| (setting, range)));
            }
        }
        let allowed = "with a setting of every loss: each is given as many trials";
        match own.is_empty() {
            true => Err(invalid_value(
                RANGE,
                format!("none of {}", loss.name),
                allowed,
            )),
            false => Ok(OfLoss {
                loss: &loss.name,
                ranges: own,
            }),
        }
    };
    small.losses.iter().map(of_loss).collect()
}

impl OfLoss<'_> {
    /// The settings of that trial. Each draw has a seed by name: what else is tuned moves none of them.
    fn drawn(&self, root: u64, trial: usize) -> Vec<(String, Value)> {
        let one = |(&(table, name), range): (&(&str, &str), &&Range)| {
            let number = trial.to_string();
            let seed = derive(root, &["draw", self.loss, table, name, &number]);
            let key = match table {
                "training" => format!("training.loss.{}.{name}", self.loss),
                _ => format!("loss.{}.{name}", self.loss),
            };
            (key, range.draw(seed))
        };
        self.ranges.iter().map(one).collect()
    }
}
