//! RunClaimer about how another claim's difference changes with a setting that the study varies.

use std::collections::BTreeSet;

use nodule_error::{invalid_value, one_of};
use serde::{Deserialize, Serialize};

use super::require::{known, require};
use super::{Combine, Contrast, Hypothesis, Study, Vary};
use crate::Error;

/// A claim about the slope of a difference: what each doubling of a setting adds to it. *Ours*.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    /// Short name, such as `S1`.
    pub id: String,
    /// The claim in words.
    pub claim: String,
    /// The id of the claim whose difference it is: one with a paired difference.
    pub of: String,
    /// The setting, such as `samples.train`: one that `[vary]` changes to other positive numbers.
    pub over: String,
    /// The smallest slope of interest, in the endpoint's unit for each doubling.
    pub smallest_effect: f64,
}

/// Refuses a trend of no claim, over no setting, or named twice.
pub(super) fn check_trends(study: &Study, place: &str) -> Result<(), Error> {
    let claims = study.hypotheses.iter();
    let mut ids: BTreeSet<&str> = claims.map(|claim| claim.id.as_str()).collect();
    let differ: Vec<_> = study.hypotheses.iter().filter(has_difference).collect();
    let differ: Vec<_> = differ.iter().map(|claim| claim.id.clone()).collect();
    for trend in &study.trends {
        let unique = ids.insert(&trend.id);
        require(place, unique, "trend.id", &trend.id, "named once")?;
        let field = |name: &str| format!("trend {}.{name}", trend.id);
        known(place, &field("of"), &trend.of, &differ)?;
        over(study, trend).map_err(|e| e.at(place))?;
        let smallest = trend.smallest_effect;
        let positive = smallest.is_finite() && smallest > 0.0;
        let name = field("smallest_effect");
        require(place, positive, &name, smallest, "a positive number")?;
    }
    Ok(())
}

fn has_difference(claim: &&Hypothesis) -> bool {
    matches!(claim.contrast, Contrast::PairedDifference { .. })
}

fn over(study: &Study, trend: &Trend) -> Result<(), nodule_error::InvalidInput> {
    let field = format!("trend {}.over", trend.id);
    let varied = study.vary.as_ref().map(|vary| &vary.values);
    let Some(values) = varied.and_then(|values| values.get(&trend.over)) else {
        let keys: Vec<_> = varied.iter().flat_map(|values| values.keys()).collect();
        return Err(invalid_value(field, &trend.over, one_of(&keys)).suggest_value(keys));
    };
    let is_positive = |value: &toml::Value| number(value).is_some_and(|n| n > 0.0);
    let allowed = if !values.iter().all(is_positive) {
        "a setting whose values are positive numbers"
    } else if crossed(study.vary.as_ref()) || repeats(values) {
        // A slope needs one difference at each value, all else as the claim has it.
        "a setting that takes each value once: not crossed with others, no value twice"
    } else {
        return Ok(());
    };
    Err(invalid_value(field, &trend.over, allowed))
}

fn crossed(vary: Option<&Vary>) -> bool {
    vary.is_some_and(|vary| vary.how == Combine::Crossed && vary.values.len() > 1)
}

fn repeats(values: &[toml::Value]) -> bool {
    let earlier = |(i, value): (usize, &toml::Value)| {
        values[..i]
            .iter()
            .any(|other| number(other) == number(value))
    };
    values.iter().enumerate().any(earlier)
}

/// A whole number or another one.
#[must_use]
pub fn number(value: &toml::Value) -> Option<f64> {
    value
        .as_float()
        .or_else(|| value.as_integer().map(|n| n as f64))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::Registry;
    use crate::settings::built_in::built_in_study;
    use crate::settings::parse_study;

    /// What is said of the built-in study after `change`.
    fn said(change: impl Fn(&str) -> String) -> Result<crate::Resolved, String> {
        let text = change(built_in_study("regimes").unwrap());
        let parsed = parse_study(&text, "mine.toml", Path::new("."), &Registry::default());
        parsed.map_err(|e| e.to_string())
    }

    #[test]
    fn a_trend_is_of_a_difference_over_a_setting_that_varies() {
        let study = said(str::to_owned).unwrap();
        assert_eq!(study.study.trends.len(), 4);
        assert_eq!(study.variants.len(), 5);
        assert!(
            study
                .variants
                .iter()
                .all(|v| v.resolved.study.trends.is_empty())
        );
        for (from, to, words) in [
            ("of = \"R1\"", "of = \"R9\"", "trend T1.of = R9"),
            ("id = \"T2\"", "id = \"T1\"", "trend.id = T1"),
            ("id = \"T2\"", "id = \"R1\"", "trend.id = R1"),
            (
                "over = \"samples.train\"",
                "over = \"samples.trian\"",
                "did you mean",
            ),
            (
                "smallest_effect = 0.004",
                "smallest_effect = 0.0",
                "trend T2.smallest_effect = 0",
            ),
            (
                "[256, 512, 1024, 2048, 8192]\n",
                "[-256, 512, 1024, 2048, 8192]\n",
                "samples.train",
            ),
            (
                "how = \"together\"",
                "how = \"crossed\"",
                "takes each value once",
            ),
            (
                "[256, 512, 1024, 2048, 8192]\n",
                "[256, 512, 512, 2048, 8192]\n",
                "takes each value once",
            ),
        ] {
            let message = said(|text| text.replacen(from, to, 1)).unwrap_err();
            assert!(
                message.starts_with("mine.toml") && message.contains(words),
                "{message}"
            );
        }
    }

    #[test]
    fn a_study_that_varies_nothing_has_no_trend() {
        let without = |text: &str| {
            let (head, rest) = text.split_once("[vary]").unwrap();
            let (_, claims) = rest.split_once("# The claims").unwrap();
            format!("{head}# {claims}")
        };
        let message = said(without).unwrap_err();
        assert!(
            message.contains("trend T1.over = samples.train"),
            "{message}"
        );
    }
}
