//! Variants of a study: the grid with settings changed, for a multiverse analysis (Steegen et al. 2016) or a sweep.

use nodule_error::{InvalidInput, conflict};
use toml::Value;

use super::change::{Change, apply_changes};
use crate::Error;
use crate::file::{Combine, Study, Vary, to_f64};
use crate::resolved::{Registry, Resolved, Variant};

/// Maximum number of variants; far more would overflow the number of runs.
const MAX_VARIANTS: usize = 1000;
/// Table of the values, for messages.
const VALUES: &str = "vary.values";

/// Returns the variants of `[vary]` without those that change nothing.
pub(crate) fn create_variants(
    resolved: &Resolved,
    registry: &Registry,
) -> Result<Vec<Variant>, Error> {
    let Some(vary) = &resolved.study.vary else {
        return Ok(Vec::new());
    };
    let base = Study {
        vary: None,
        crossed: None,
        tune: None,
        // A trend compares variants, and a variant has none.
        trends: Vec::new(),
        ..resolved.study.clone()
    };
    let mut variants = Vec::new();
    for changes in combine_changes(vary)? {
        let mut study = base.clone();
        for change in &changes {
            study = apply_changes(&study, std::slice::from_ref(change), VALUES)?;
        }
        let variant = resolved
            .with_study(study, registry)
            .map_err(|e| e.in_section("[vary]"))?;
        if variant.study != base {
            let resolved = Resolved {
                attachments: Vec::new(),
                ..variant
            };
            variants.push(Variant { changes, resolved });
        }
    }
    Ok(variants)
}

/// Returns the changes of each variant.
fn combine_changes(vary: &Vary) -> Result<Vec<Vec<Change>>, InvalidInput> {
    let count = vary.count();
    if vary.values.is_empty() || !(1..=MAX_VARIANTS).contains(&count) {
        let reason = format!(
            "{count} combinations; 1 to {MAX_VARIANTS} are allowed, and each setting needs a value"
        );
        return Err(conflict(VALUES, reason));
    }
    for (key, values) in &vary.values {
        match vary.how {
            Combine::Together => check_length(key, values, count)?,
            Combine::OneAtATime | Combine::Crossed => check_distinct(key, values)?,
        }
    }
    let lists: Vec<Vec<Change>> = vary
        .values
        .iter()
        .map(|(key, values)| values.iter().map(|v| (key.clone(), v.clone())).collect())
        .collect();
    Ok(match vary.how {
        Combine::OneAtATime => lists
            .concat()
            .into_iter()
            .map(|change| vec![change])
            .collect(),
        Combine::Crossed => lists.iter().fold(vec![Vec::new()], |combinations, list| {
            combinations
                .iter()
                .flat_map(|changes| {
                    list.iter()
                        .map(|change| [changes, &[change.clone()][..]].concat())
                })
                .collect()
        }),
        Combine::Together => (0..count)
            .map(|i| lists.iter().map(|list| list[i].clone()).collect())
            .collect(),
    })
}

/// Checks that a list of `how = "together"` is as long as the longest.
fn check_length(key: &str, values: &[Value], count: usize) -> Result<(), InvalidInput> {
    match values.len() == count {
        true => Ok(()),
        false => {
            let reason = format!(
                "{} values, but the longest list has {count}; how = \"together\" needs lists of one length",
                values.len()
            );
            Err(conflict(format!("{VALUES}.\"{key}\""), reason))
        }
    }
}

/// Checks that no value is listed twice, which would make two equal variants. 1 and 1.0 are equal.
fn check_distinct(key: &str, values: &[Value]) -> Result<(), InvalidInput> {
    let is_equal = |a: &Value, b: &Value| a == b || to_f64(a).is_some_and(|n| Some(n) == to_f64(b));
    let is_repeated =
        |(i, value): &(usize, &Value)| values[..*i].iter().any(|other| is_equal(other, value));
    match values.iter().enumerate().find(is_repeated) {
        None => Ok(()),
        Some((_, value)) => {
            let reason = format!("{value} is listed twice");
            Err(conflict(format!("{VALUES}.\"{key}\""), reason))
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::Resolved;
    use crate::load::tests::{built_in, load_text};
    use crate::plan::{plan, plan_grid};
    use crate::resolved::Variant;

    fn load_with(tables: &str) -> Result<Resolved, String> {
        let (head, claims) = built_in("smoke").split_once("[[hypothesis]]").unwrap();
        load_text(&format!("{head}{tables}\n[[hypothesis]]{claims}"))
    }

    fn names(vary: &str) -> Vec<String> {
        let variants = load_with(vary).unwrap().variants;
        variants.iter().map(Variant::name).collect()
    }

    #[test]
    fn one_at_a_time_changes_one_setting_and_drops_variants_without_a_change() {
        let names = names(
            "[vary]\nhow = \"one-at-a-time\"\n[vary.values]\n\"training.epochs\" = [3]\n\"loss.margin\" = [0.5, 1]\n",
        );
        assert_eq!(names, ["loss.margin = 0.5", "training.epochs = 3"]);
    }

    #[test]
    fn crossed_changes_are_combined_in_every_way() {
        let names = names(
            "[vary]\nhow = \"crossed\"\n[vary.values]\n\"generator.shape_amplitude\" = [0.5, 1]\n\"generator.texture_amplitude\" = [1.0, 2]\n",
        );
        let expected = [("0.5", "1.0"), ("0.5", "2"), ("1", "2")].map(|(shape, texture)| {
            format!("generator.shape_amplitude = {shape}, generator.texture_amplitude = {texture}")
        });
        assert_eq!(names, expected);
    }

    #[test]
    fn changes_together_need_lists_of_one_length() {
        let names = names(
            "[vary]\nhow = \"together\"\n[vary.values]\n\"training.epochs\" = [4, 4]\n\"loss.margin\" = [0.5, 1]\n",
        );
        let expected = [
            "loss.margin = 0.5, training.epochs = 4",
            "loss.margin = 1, training.epochs = 4",
        ];
        assert_eq!(names, expected);
        let short = "[vary]\nhow = \"together\"\n[vary.values]\n\"training.epochs\" = [4]\n\"loss.margin\" = [0.5, 1]\n";
        let message = load_with(short).unwrap_err();
        assert!(
            message
                .contains("vary.values.\"training.epochs\": 1 values, but the longest list has 2"),
            "{message}"
        );
    }

    #[test]
    fn runs_that_a_change_does_not_affect_are_shared() {
        let study =
            load_with("[vary]\nhow = \"one-at-a-time\"\n[vary.values]\n\"loss.margin\" = [0.5]\n");
        let study = study.unwrap();
        let (all, grid) = (plan(&study, "cpu"), plan_grid(&study, "cpu"));
        let added = &all[grid.len()..];
        for run in added {
            assert!(run.loss.name != "ce" && run.variant == Some(0));
        }
        let with_margin = grid.iter().filter(|run| run.loss.name != "ce").count();
        assert_eq!(added.len(), with_margin);
    }

    #[test]
    fn crossed_seeds_need_two_of_each_kind() {
        let study = load_with("[crossed]\ntrain = [\"both\"]\nlosses = [\"ce\"]\nseeds = 1\n");
        let message = study.unwrap_err();
        assert!(message.contains("crossed.seeds = 1"), "{message}");
    }

    #[test]
    fn rejects_changes_of_settings_that_do_not_exist_or_do_not_allow_the_value() {
        for (values, expected) in [
            (
                "\"seeds\" = [3]",
                "vary.values.\"seeds\" = 3: unknown setting",
            ),
            ("\"study.seeds\" = [3]", "samples, training"),
            ("\"training.epoch\" = [3]", "training.epoch"),
            ("\"training.epochs\" = [\"many\"]", "invalid type"),
            (
                "\"loss.margin\" = [9.0]",
                "[vary]: loss.contrastive.margin = 9",
            ),
            ("\"network.image_size\" = [32]", "generator.image_size"),
            ("\"training.epochs\" = []", "0 combinations"),
            ("\"training.loss.triplet.epochs\" = [3]", "unknown setting"),
        ] {
            let vary = format!("[vary]\nhow = \"one-at-a-time\"\n[vary.values]\n{values}\n");
            let message = load_with(&vary).unwrap_err();
            assert!(
                message.starts_with("mine.toml") && message.contains(expected),
                "{expected}: {message}"
            );
        }
    }
}
