//! Variants of a study: the same grid with one of its settings changed, or several, to see what its
//! verdicts depend on (a multiverse, after Steegen et al. 2016) or where they turn (a sweep).

use nodule_error::{InvalidInput, describe_parse_error, invalid_value};
use serde::Deserialize;
use toml::{Table, Value};

use super::budgets::OWN;
use super::check::{Names, check};
use super::limits::combinations as asked_for;
use super::{Combine, Registry, Resolved, Study, Variant, Vary, to_f64};
use crate::Error;

/// Tables whose settings may be changed.
const TABLES: [&str; 6] = [
    "samples",
    "training",
    "loss",
    "network",
    "generator",
    "held_out",
];
/// More variants than anyone runs, fewer than would overflow a plan.
const MOST: usize = 1000;
/// The table of the values, for messages.
const LIST: &str = "vary.values";

/// The variants that a study asks for, without those that change nothing.
pub(super) fn variants(
    resolved: &Resolved,
    registry: &Registry,
    place: &str,
) -> Result<Vec<Variant>, Error> {
    let Some(vary) = &resolved.study.vary else {
        return Ok(Vec::new());
    };
    let mut variants = Vec::new();
    for changes in combinations(vary, place)? {
        let mut study = resolved.study.clone();
        (study.vary, study.crossed, study.tune) = (None, None, None);
        // A trend is over variants, and a variant has none.
        study.trends.clear();
        for change in &changes {
            study = changed(&study, std::slice::from_ref(change), LIST, place)?;
        }
        let names = Names {
            train: &resolved.train,
            test: &resolved.test,
            images: &resolved.images,
            backgrounds: resolved.backgrounds.as_ref(),
            registry,
            place: &format!("{place}: [vary]"),
        };
        let (study, losses, network) = check(study, &names)?;
        let same = Study {
            tune: resolved.study.tune.clone(),
            vary: resolved.study.vary.clone(),
            crossed: resolved.study.crossed.clone(),
            trends: resolved.study.trends.clone(),
            ..study.clone()
        };
        if same != resolved.study {
            let resolved = Resolved {
                study,
                losses,
                network,
                attachments: Vec::new(),
                ..resolved.clone()
            };
            variants.push(Variant { changes, resolved });
        }
    }
    Ok(variants)
}

type Changes = Vec<(String, Value)>;

fn combinations(vary: &Vary, place: &str) -> Result<Vec<Changes>, Error> {
    let of_key = |(key, values): (&String, &Vec<Value>)| -> Vec<(String, Value)> {
        let pair = |value: &Value| (key.clone(), value.clone());
        values.iter().map(pair).collect()
    };
    let lists: Vec<_> = vary.values.iter().map(of_key).collect();
    let count = asked_for(vary);
    if lists.is_empty() || !(1..=MOST).contains(&count) {
        let allowed = format!("1 to {MOST} combinations, and at least one value a setting");
        let found = format!("{count} combinations");
        return Err(invalid_value("vary.values", found, allowed)
            .at(place)
            .into());
    }
    match vary.how {
        Combine::Together => as_long(vary, count).map_err(|e| e.at(place))?,
        Combine::OneAtATime | Combine::Crossed => {
            for (key, values) in &vary.values {
                each_once(key, values).map_err(|e| e.at(place))?;
            }
        }
    }
    Ok(match vary.how {
        Combine::OneAtATime => lists.concat().into_iter().map(|pair| vec![pair]).collect(),
        Combine::Crossed => lists.iter().fold(vec![Vec::new()], |all, list| {
            let with = |before: &Changes| {
                let before = before.clone();
                list.iter()
                    .map(move |pair| [before.clone(), vec![pair.clone()]].concat())
            };
            all.iter().flat_map(with).collect()
        }),
        Combine::Together => {
            let of = |i: usize| lists.iter().map(|list| list[i].clone()).collect();
            (0..count).map(of).collect()
        }
    })
}

/// Values that come together are as many of every setting.
fn as_long(vary: &Vary, count: usize) -> Result<(), InvalidInput> {
    let short = vary.values.iter().find(|(_, list)| list.len() != count);
    short.map_or(Ok(()), |(key, list)| {
        let field = format!("vary.values.\"{key}\"");
        let allowed = format!(
            "{count}, as of the longest list: how = \"together\" takes the values side by side"
        );
        Err(invalid_value(
            field,
            format!("{} values", list.len()),
            allowed,
        ))
    })
}

/// A value that stands twice would be one variant, named twice. 1 and 1.0 are the same.
fn each_once(key: &str, values: &[Value]) -> Result<(), InvalidInput> {
    let same = |a: &Value, b: &Value| a == b || to_f64(a).is_some_and(|n| Some(n) == to_f64(b));
    let twice = |(i, value): &(usize, &Value)| values[..*i].iter().any(|other| same(other, value));
    match values.iter().enumerate().find(twice) {
        None => Ok(()),
        Some((_, value)) => Err(invalid_value(
            format!("vary.values.\"{key}\""),
            value,
            "named once",
        )),
    }
}

/// The study with each of these settings set to its value, as if its file said so. `list` is where they
/// stand, for messages.
pub(super) fn changed(
    study: &Study,
    changes: &[(String, Value)],
    list: &str,
    place: &str,
) -> Result<Study, Error> {
    let refuse = |(key, value): &(String, Value), allowed: String| {
        Error::from(invalid_value(format!("{list}.\"{key}\""), value, allowed).at(place))
    };
    let Some(last) = changes.last() else {
        return Ok(study.clone());
    };
    let mut document = Table::try_from(study).map_err(|e| refuse(last, e.to_string()))?;
    for change in changes {
        let (key, value) = change;
        if key == "network.image_size" {
            let allowed = "generator.image_size, which the network follows";
            return Err(refuse(change, allowed.into()));
        }
        let known = key.split_once('.').filter(|(t, _)| TABLES.contains(t));
        let found = known.is_some_and(|(table, name)| {
            let settings = document.get_mut(table).and_then(Value::as_table_mut);
            settings.is_some_and(|settings| match table {
                "loss" => set_of_losses(settings, name, value),
                "training" => set_of_training(settings, name, value, &study.losses),
                _ => set(settings, name, value),
            })
        });
        if !found {
            let allowed = format!("a setting of {}", TABLES.join(", "));
            return Err(refuse(change, allowed));
        }
        if key == "generator.image_size" {
            // The network follows the generator when it is checked again.
            let network = document.get_mut("network").and_then(Value::as_table_mut);
            network.map(|table| table.remove("image_size"));
        }
    }
    Study::deserialize(document).map_err(|e| {
        let reason = describe_parse_error(e.message());
        refuse(last, format!("of another kind: {reason}"))
    })
}

/// Whether there is such a setting; it is `value` then.
fn set(table: &mut Table, name: &str, value: &Value) -> bool {
    let setting = table.get_mut(name);
    setting.map(|setting| *setting = value.clone()).is_some()
}

/// `NAME.setting` of one loss, or `setting` of every loss that has it.
fn set_of_losses(losses: &mut Table, name: &str, value: &Value) -> bool {
    match name.split_once('.') {
        Some((loss, name)) => {
            let own = losses.get_mut(loss).and_then(Value::as_table_mut);
            own.is_some_and(|own| set(own, name, value))
        }
        None => {
            let all = losses.iter_mut().filter_map(|(_, own)| own.as_table_mut());
            all.fold(false, |found, own| set(own, name, value) | found)
        }
    }
}

/// `loss.NAME.setting` of one of these losses, or `setting` of them all.
fn set_of_training(training: &mut Table, name: &str, value: &Value, losses: &[String]) -> bool {
    let Some((table, own)) = name.split_once('.') else {
        if let Some(Value::Table(all)) = training.get_mut("loss") {
            let all = all.iter_mut().filter_map(|(_, own)| own.as_table_mut());
            for own in all {
                set(own, name, value);
            }
        }
        return name != "loss" && set(training, name, value);
    };
    let Some((loss, name)) = own.split_once('.').filter(|_| table == "loss") else {
        return false;
    };
    let known = losses.iter().any(|other| other == loss) && OWN.contains(&name);
    let mut below = training;
    for part in ["loss", loss].into_iter().filter(|_| known) {
        let table = below.entry(part).or_insert_with(|| Table::new().into());
        match table.as_table_mut() {
            Some(table) => below = table,
            None => return false,
        }
    }
    if known {
        below.insert(name.to_owned(), value.clone());
    }
    known
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::plan::{plan, plan_grid};
    use crate::settings::built_in::built_in_study;
    use crate::settings::parse_study;

    fn with_vary(vary: &str) -> Result<crate::Resolved, crate::Error> {
        let smoke = built_in_study("smoke").unwrap();
        let (head, claims) = smoke.split_once("[[hypothesis]]").unwrap();
        let text = format!("{head}{vary}\n[[hypothesis]]{claims}");
        parse_study(
            &text,
            "mine.toml",
            Path::new("."),
            &crate::Registry::default(),
        )
    }

    fn names(vary: &str) -> Vec<String> {
        let resolved = with_vary(vary).unwrap();
        resolved
            .variants
            .iter()
            .map(crate::settings::Variant::name)
            .collect()
    }

    #[test]
    fn one_at_a_time_changes_one_setting_and_drops_what_changes_nothing() {
        let found = names(
            "[vary]\nhow = \"one-at-a-time\"\n[vary.values]\n\"training.epochs\" = [3]\n\"loss.margin\" = [0.5, 1]\n",
        );
        assert_eq!(found, ["loss.margin = 0.5", "training.epochs = 3"]);
    }

    #[test]
    fn crossed_changes_come_in_every_combination() {
        let found = names(
            "[vary]\nhow = \"crossed\"\n[vary.values]\n\"generator.shape_amplitude\" = [0.5, 1]\n\"generator.texture_amplitude\" = [1.0, 2]\n",
        );
        let expected = [(0.5, "1.0"), (0.5, "2"), (1.0, "2")].map(|(shape, texture)| {
            let shape = if shape == 1.0 {
                "1".to_owned()
            } else {
                shape.to_string()
            };
            format!("generator.shape_amplitude = {shape}, generator.texture_amplitude = {texture}")
        });
        assert_eq!(found, expected);
    }

    #[test]
    fn changes_that_come_together_come_side_by_side() {
        let found = names(
            "[vary]\nhow = \"together\"\n[vary.values]\n\"training.epochs\" = [4, 4]\n\"loss.margin\" = [0.5, 1]\n",
        );
        let expected = [
            "loss.margin = 0.5, training.epochs = 4",
            "loss.margin = 1, training.epochs = 4",
        ];
        assert_eq!(found, expected);
        let short = "[vary]\nhow = \"together\"\n[vary.values]\n\"training.epochs\" = [4]\n\"loss.margin\" = [0.5, 1]\n";
        let message = with_vary(short).unwrap_err().to_string();
        assert!(
            message.contains("\"training.epochs\" = 1 values"),
            "{message}"
        );
    }

    #[test]
    fn runs_that_a_change_does_not_touch_are_shared() {
        let study =
            with_vary("[vary]\nhow = \"one-at-a-time\"\n[vary.values]\n\"loss.margin\" = [0.5]\n");
        let study = study.unwrap();
        let (all, own) = (plan(&study, "cpu"), plan_grid(&study, "cpu"));
        let added: Vec<_> = all[own.len()..].iter().collect();
        assert!(
            added
                .iter()
                .all(|run| run.loss.name != "ce" && run.variant == Some(0))
        );
        assert_eq!(
            added.len(),
            own.iter().filter(|run| run.loss.name != "ce").count()
        );
    }

    #[test]
    fn seeds_are_crossed_and_share_what_the_grid_has() {
        let study = with_vary("[crossed]\ntrain = [\"both\"]\nlosses = [\"ce\"]\nseeds = 1\n");
        let message = study.unwrap_err().to_string();
        assert!(message.contains("crossed.seeds = 1"), "{message}");
    }

    #[test]
    fn what_cannot_be_changed_is_refused_by_name() {
        let refused = |values: &str| {
            let text = format!("[vary]\nhow = \"one-at-a-time\"\n[vary.values]\n{values}\n");
            with_vary(&text).unwrap_err().to_string()
        };
        for (values, words) in [
            ("\"seeds\" = [3]", "vary.values.\"seeds\" = 3"),
            ("\"study.seeds\" = [3]", "samples, training"),
            ("\"training.epoch\" = [3]", "training.epoch"),
            ("\"training.epochs\" = [\"many\"]", "invalid type"),
            ("\"loss.margin\" = [9.0]", "margin = 9"),
            ("\"network.image_size\" = [32]", "generator.image_size"),
            ("\"training.epochs\" = []", "0 combinations"),
        ] {
            let message = refused(values);
            assert!(
                message.starts_with("mine.toml") && message.contains(words),
                "{message}"
            );
        }
    }
}
