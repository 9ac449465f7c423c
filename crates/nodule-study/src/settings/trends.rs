//! Trends: claims about how the difference of another claim changes with a setting that the study varies.

use std::collections::BTreeSet;

use nodule_error::{InvalidInput, invalid_value, one_of};
use serde::{Deserialize, Serialize};

use super::{Combine, Study, Vary};
use crate::claims::Contrast;

/// A claim about the slope of a difference: its change per doubling of a setting (*ours*).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trend {
    /// Short name, such as `S1`.
    pub id: String,
    /// The claim as a sentence.
    pub claim: String,
    /// The id of the claim with the paired difference.
    pub of: String,
    /// The setting, such as `samples.train`, which `[vary]` changes to other positive numbers.
    pub over: String,
    /// The smallest slope of interest, in the unit of the endpoint per doubling.
    pub smallest_effect: f64,
}

/// Checks that every trend has a unique id, names a claim with a paired difference, and a setting that the study varies.
pub(super) fn check_trends(study: &Study) -> Result<(), InvalidInput> {
    let claims = study.hypotheses.iter();
    let mut ids: BTreeSet<&str> = claims.map(|claim| claim.id.as_str()).collect();
    for trend in &study.trends {
        if !ids.insert(&trend.id) {
            return Err(invalid_value("trend.id", &trend.id, "named once"));
        }
        check_trend(trend, study)
            .map_err(|error| error.in_table(&format!("trend {}", trend.id)))?;
    }
    Ok(())
}

fn check_trend(trend: &Trend, study: &Study) -> Result<(), InvalidInput> {
    let differences: Vec<&str> = study
        .hypotheses
        .iter()
        .filter(|claim| matches!(claim.contrast, Contrast::PairedDifference(_)))
        .map(|claim| claim.id.as_str())
        .collect();
    if !differences.contains(&trend.of.as_str()) {
        let error = invalid_value("of", &trend.of, one_of(&differences));
        return Err(error.suggest_value(differences));
    }
    check_over(trend, study)?;
    let smallest = trend.smallest_effect;
    match smallest.is_finite() && smallest > 0.0 {
        true => Ok(()),
        false => Err(invalid_value(
            "smallest_effect",
            smallest,
            "a positive number",
        )),
    }
}

/// Checks that the varied setting takes several positive numbers, each once.
fn check_over(trend: &Trend, study: &Study) -> Result<(), InvalidInput> {
    let varied = study.vary.as_ref().map(|vary| &vary.values);
    let Some(values) = varied.and_then(|values| values.get(&trend.over)) else {
        let keys: Vec<_> = varied.iter().flat_map(|values| values.keys()).collect();
        return Err(invalid_value("over", &trend.over, one_of(&keys)).suggest_value(keys));
    };
    let is_positive = |value: &toml::Value| to_f64(value).is_some_and(|n| n > 0.0);
    let allowed = if !values.iter().all(is_positive) {
        "a setting whose values are positive numbers"
    } else if is_crossed(study.vary.as_ref()) || has_duplicates(values) {
        // A slope needs one difference per value, with all other settings as declared.
        "a setting that takes each value once: not crossed with others, no value twice"
    } else {
        return Ok(());
    };
    Err(invalid_value("over", &trend.over, allowed))
}

fn is_crossed(vary: Option<&Vary>) -> bool {
    vary.is_some_and(|vary| vary.how == Combine::Crossed && vary.values.len() > 1)
}

fn has_duplicates(values: &[toml::Value]) -> bool {
    values.iter().enumerate().any(|(i, value)| {
        values[..i]
            .iter()
            .any(|earlier| to_f64(earlier) == to_f64(value))
    })
}

/// Returns a TOML integer or float as `f64`.
#[must_use]
pub fn to_f64(value: &toml::Value) -> Option<f64> {
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

    /// Parses the built-in study after `change`.
    fn parse_changed(change: impl Fn(&str) -> String) -> Result<crate::Resolved, String> {
        let text = change(built_in_study("regimes").unwrap());
        let parsed = parse_study(&text, "mine.toml", Path::new("."), &Registry::default());
        parsed.map_err(|e| e.to_string())
    }

    #[test]
    fn a_trend_needs_a_difference_and_a_varied_setting() {
        let study = parse_changed(str::to_owned).unwrap();
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
            let message = parse_changed(|text| text.replacen(from, to, 1)).unwrap_err();
            assert!(
                message.starts_with("mine.toml") && message.contains(words),
                "{message}"
            );
        }
    }

    #[test]
    fn a_study_without_vary_rejects_trends() {
        let without = |text: &str| {
            let (head, rest) = text.split_once("[vary]").unwrap();
            let (_, claims) = rest.split_once("# The claims").unwrap();
            format!("{head}# {claims}")
        };
        let message = parse_changed(without).unwrap_err();
        assert!(
            message.contains("trend T1.over = samples.train"),
            "{message}"
        );
    }
}
