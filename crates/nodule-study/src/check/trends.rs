//! Checks of trends: each needs a claim with a paired difference and a setting that the study varies.

use std::collections::BTreeSet;

use nodule_error::{InvalidInput, conflict, invalid_value};
use toml::Value;

use super::check_known;
use crate::claims::{Contrast, PairedDifference};
use crate::file::{Combine, Study, Trend, Vary, to_f64};
use crate::resolved::StudyLoss;

/// Checks that every trend has a unique id, names a claim with a paired difference, and a setting that the study varies.
pub(super) fn check_trends(study: &Study, losses: &[StudyLoss]) -> Result<(), InvalidInput> {
    let claims = study.hypotheses.iter();
    let mut ids: BTreeSet<&str> = claims.map(|claim| claim.id.as_str()).collect();
    for trend in &study.trends {
        if !ids.insert(&trend.id) {
            let reason = format!("{} is used twice", trend.id);
            return Err(conflict("trend.id", reason));
        }
        check_trend(trend, study, losses)
            .map_err(|e| e.in_table(&format!("trend {}", trend.id)))?;
    }
    Ok(())
}

fn check_trend(trend: &Trend, study: &Study, losses: &[StudyLoss]) -> Result<(), InvalidInput> {
    let differences: Vec<String> = study
        .hypotheses
        .iter()
        .filter(|claim| matches!(claim.contrast, Contrast::PairedDifference(_)))
        .map(|claim| claim.id.clone())
        .collect();
    check_known("of", &trend.of, &differences)?;
    check_over(trend, study)?;
    let claim = study.hypotheses.iter().find(|claim| claim.id == trend.of);
    if let Some(Contrast::PairedDifference(pair)) = claim.map(|claim| &claim.contrast) {
        check_effect(&trend.over, pair, losses)?;
    }
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

/// Checks that the setting takes several positive numbers, each once.
fn check_over(trend: &Trend, study: &Study) -> Result<(), InvalidInput> {
    let vary = study.vary.as_ref();
    let Some(values) = vary.and_then(|vary| vary.values.get(&trend.over)) else {
        let varied: Vec<String> = vary.iter().flat_map(|v| v.values.keys().cloned()).collect();
        let reason = match varied.is_empty() {
            true => format!("the study does not vary {}; add it to [vary]", trend.over),
            false => format!(
                "the study does not vary {}, but {}",
                trend.over,
                varied.join(", ")
            ),
        };
        return Err(conflict("over", reason));
    };
    let is_positive = |value: &Value| to_f64(value).is_some_and(|n| n > 0.0);
    let reason = if !values.iter().all(is_positive) {
        "has values that are not positive numbers"
    } else if is_crossed(vary) || has_duplicates(values) {
        // A slope needs one difference per value, with all other settings as declared.
        "must take each value once: it is crossed with other settings, or a value is listed twice"
    } else if count_points(values, study.number(&trend.over)) < 2 {
        "has a single value, which has no slope; add another one to [vary]"
    } else {
        return Ok(());
    };
    Err(conflict("over", format!("{} {reason}", trend.over)))
}

/// Returns the number of different values, with the declared one.
fn count_points(values: &[Value], declared: Option<f64>) -> usize {
    let mut all: Vec<f64> = values.iter().filter_map(to_f64).chain(declared).collect();
    all.sort_by(f64::total_cmp);
    all.dedup();
    all.len()
}

/// Checks that a setting of losses changes a loss that the claim compares.
fn check_effect(
    over: &str,
    pair: &PairedDifference,
    losses: &[StudyLoss],
) -> Result<(), InvalidInput> {
    let parts: Vec<&str> = over.split('.').collect();
    let has_effect = |name: &str| match parts.as_slice() {
        ["loss", setting] => losses
            .iter()
            .any(|loss| loss.name == name && loss.settings.contains_key(*setting)),
        ["loss", own, _] | ["training", "loss", own, ..] => *own == name,
        _ => true,
    };
    if [&pair.a.loss, &pair.b.loss]
        .iter()
        .any(|name| has_effect(name))
    {
        return Ok(());
    }
    let reason = format!(
        "{over} has no effect on {} and {}, which the claim compares",
        pair.a.loss, pair.b.loss
    );
    Err(conflict("over", reason))
}

fn is_crossed(vary: Option<&Vary>) -> bool {
    vary.is_some_and(|vary| vary.how == Combine::Crossed && vary.values.len() > 1)
}

fn has_duplicates(values: &[Value]) -> bool {
    values.iter().enumerate().any(|(i, value)| {
        values[..i]
            .iter()
            .any(|earlier| to_f64(earlier) == to_f64(value))
    })
}

#[cfg(test)]
mod tests {
    use crate::load::tests::{built_in, load_text};

    /// Loads the study `regimes` after `change`.
    fn load_changed(change: impl Fn(&str) -> String) -> Result<crate::Resolved, String> {
        load_text(&change(built_in("regimes")))
    }

    #[test]
    fn a_trend_needs_a_difference_and_a_varied_setting() {
        let study = load_changed(str::to_owned).unwrap();
        assert_eq!(study.study.trends.len(), 4);
        assert_eq!(study.variants.len(), 5);
        for variant in &study.variants {
            assert!(variant.resolved.study.trends.is_empty());
        }
        let values = "[256, 512, 1024, 2048, 8192]\n";
        for (from, to, expected) in [
            ("of = \"R1\"", "of = \"R9\"", "trend T1.of = R9"),
            ("id = \"T2\"", "id = \"T1\"", "trend.id: T1 is used twice"),
            ("id = \"T2\"", "id = \"R1\"", "trend.id: R1 is used twice"),
            (
                "over = \"samples.train\"",
                "over = \"samples.trian\"",
                "does not vary samples.trian, but samples.train, training.epochs",
            ),
            (
                "smallest_effect = 0.004",
                "smallest_effect = 0.0",
                "trend T2.smallest_effect = 0",
            ),
            (values, "[-256, 512, 1024, 2048, 8192]\n", "samples.train"),
            ("how = \"together\"", "how = \"crossed\"", "each value once"),
            (values, "[256, 512, 512, 2048, 8192]\n", "each value once"),
        ] {
            let message = load_changed(|text| text.replacen(from, to, 1)).unwrap_err();
            assert!(
                message.starts_with("mine.toml") && message.contains(expected),
                "{expected}: {message}"
            );
        }
    }

    #[test]
    fn a_trend_needs_two_points_and_an_effect_on_its_claim() {
        let load_along = |over: &str, values: &str| {
            let smoke = built_in("smoke");
            let (head, claims) = smoke.split_once("[[hypothesis]]").unwrap();
            load_text(&format!(
                "{head}[vary]\nhow = \"one-at-a-time\"\n[vary.values]\n\"{over}\" = {values}\n[[hypothesis]]{claims}\n[[trend]]\nid = \"T\"\nclaim = \"c\"\nof = \"H1\"\nover = \"{over}\"\nsmallest_effect = 0.1\n"
            ))
        };
        for (over, values, expected) in [
            // H1 compares ce with contrastive; ce+contrastive alone has a weight.
            (
                "loss.weight",
                "[0.5, 2.0]",
                "loss.weight has no effect on ce and contrastive",
            ),
            (
                "loss.ce+contrastive.margin",
                "[0.5, 2.0]",
                "has no effect on ce and",
            ),
            ("loss.margin", "[0.5]", "loss.margin has a single value"),
            (
                "training.epochs",
                "[2]",
                "training.epochs has a single value",
            ),
        ] {
            let message = load_along(over, values).unwrap_err();
            assert!(message.contains(expected), "{expected}: {message}");
        }
        load_along("loss.margin", "[0.5, 2.0]").unwrap();
        load_along("training.epochs", "[3]").unwrap();
    }

    #[test]
    fn a_study_without_vary_rejects_trends() {
        let without_vary = |text: &str| {
            let (head, rest) = text.split_once("[vary]").unwrap();
            let (_, claims) = rest.split_once("# The claims").unwrap();
            format!("{head}# {claims}")
        };
        let message = load_changed(without_vary).unwrap_err();
        assert!(
            message.contains("trend T1.over: the study does not vary samples.train"),
            "{message}"
        );
    }
}
