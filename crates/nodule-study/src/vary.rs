//! Variants of a study: the same grid with one of its settings changed, or several, to see what its
//! verdicts depend on (a multiverse, after Steegen et al. 2016) or where they turn (a sweep).

use serde::Deserialize;
use toml::{Table, Value};

use crate::Error;
use crate::check::check;
use crate::load::Resolved;
use crate::settings::{Combine, Study, Vary};

/// Tables whose settings may be changed.
const TABLES: [&str; 5] = ["samples", "training", "contrastive", "network", "generator"];
/// More variants than anyone runs, fewer than would overflow a plan.
const MOST: usize = 1000;

/// A study with some settings changed.
#[derive(Debug, Clone)]
pub struct Variant {
    /// What was changed, by the setting's name in the study file, and to what.
    pub changes: Vec<(String, Value)>,
    /// The study as changed. It has no variants of its own.
    pub resolved: Resolved,
}

impl Variant {
    /// The changes as a person reads them: `contrastive.margin = 0.5`.
    #[must_use]
    pub fn name(&self) -> String {
        let change = |(key, value): &(String, Value)| format!("{key} = {value}");
        let all: Vec<_> = self.changes.iter().map(change).collect();
        all.join(", ")
    }
}

/// The variants that a study asks for, without those that change nothing.
pub(crate) fn variants(resolved: &Resolved, place: &str) -> Result<Vec<Variant>, Error> {
    let Some(vary) = &resolved.study.vary else {
        return Ok(Vec::new());
    };
    let mut variants = Vec::new();
    for changes in combinations(vary, place)? {
        let mut study = resolved.study.clone();
        (study.vary, study.crossed) = (None, None);
        for (key, value) in &changes {
            study = changed(&study, key, value, place)?;
        }
        check(
            &study,
            &resolved.train,
            &resolved.test,
            &format!("{place}: [vary]"),
        )?;
        let same = Study {
            vary: resolved.study.vary.clone(),
            crossed: resolved.study.crossed.clone(),
            ..study.clone()
        };
        if same != resolved.study {
            let resolved = Resolved {
                study,
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
    let count = match vary.how {
        Combine::OneAtATime => lists.iter().map(Vec::len).sum(),
        Combine::Crossed => lists
            .iter()
            .fold(1usize, |n, list| n.saturating_mul(list.len())),
    };
    if lists.is_empty() || !(1..=MOST).contains(&count) {
        return Err(Error::Setting {
            place: place.into(),
            field: "vary.values".into(),
            value: format!("{count} combinations"),
            allowed: format!("1 to {MOST} combinations, and at least one value a setting"),
        });
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
    })
}

/// The study with `key` set to `value`, as if its file said so.
fn changed(study: &Study, key: &str, value: &Value, place: &str) -> Result<Study, Error> {
    let refused = |allowed: String| Error::Setting {
        place: place.into(),
        field: format!("vary.values.\"{key}\""),
        value: value.to_string(),
        allowed,
    };
    let unknown = || refused(format!("a number of {}", TABLES.join(", ")));
    let mut document = Table::try_from(study).map_err(|e| refused(e.to_string()))?;
    let (table, name) = key.split_once('.').ok_or_else(unknown)?;
    if key == "network.image_size" {
        return Err(refused(
            "generator.image_size, which the network follows".into(),
        ));
    }
    let known = TABLES.contains(&table);
    let setting = document
        .get_mut(table)
        .filter(|_| known)
        .and_then(|t| t.get_mut(name))
        .ok_or_else(unknown)?;
    *setting = value.clone();
    let mut changed = Study::deserialize(document)
        .map_err(|e| refused(format!("of another kind: {}", e.message().trim_end())))?;
    changed.network.image_size = changed.generator.image_size;
    Ok(changed)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::load::parse_study;
    use crate::plan::{grid, plan};

    fn with_vary(vary: &str) -> Result<crate::Resolved, crate::Error> {
        let smoke = include_str!("../../../data/studies/smoke.toml");
        let (head, claims) = smoke.split_once("[[hypothesis]]").unwrap();
        let text = format!("{head}{vary}\n[[hypothesis]]{claims}");
        parse_study(&text, "mine.toml", Path::new("."))
    }

    fn names(vary: &str) -> Vec<String> {
        let resolved = with_vary(vary).unwrap();
        resolved.variants.iter().map(super::Variant::name).collect()
    }

    #[test]
    fn one_at_a_time_changes_one_setting_and_drops_what_changes_nothing() {
        let found = names(
            "[vary]\nhow = \"one-at-a-time\"\n[vary.values]\n\"training.epochs\" = [3]\n\"contrastive.margin\" = [0.5, 1]\n",
        );
        assert_eq!(found, ["contrastive.margin = 0.5", "training.epochs = 3"]);
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
    fn runs_that_a_change_does_not_touch_are_shared() {
        let study = with_vary(
            "[vary]\nhow = \"one-at-a-time\"\n[vary.values]\n\"contrastive.margin\" = [0.5]\n",
        );
        let study = study.unwrap();
        let (all, own) = (plan(&study, "cpu"), grid(&study, "cpu"));
        let added: Vec<_> = all[own.len()..].iter().collect();
        assert!(
            added
                .iter()
                .all(|run| run.loss_name != "ce" && run.universe == 1)
        );
        assert_eq!(
            added.len(),
            own.iter().filter(|run| run.loss_name != "ce").count()
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
            ("\"contrastive.margin\" = [9.0]", "contrastive.margin = 9"),
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
