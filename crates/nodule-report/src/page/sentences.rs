//! Sentences of the report: title, completeness, verdicts and the rules behind them.

use nodule_analysis::Runs;
use nodule_analysis::Verdict;
use nodule_study::Study;
use nodule_study::claims::MIN_SEEDS;
use nodule_study::text::{format_number, format_p_value};

use super::AuditInfo;
use crate::text::{capitalise, count_of};

pub(super) fn title(study: &Study, audit: Option<&AuditInfo>) -> String {
    match audit {
        Some(_) => format!(
            "Features used by external models: battery of study “{}”",
            study.name
        ),
        None => format!(
            "Effect of the loss on learned features: study “{}”",
            study.name
        ),
    }
}

/// Returns how much of the study is finished, and what is missing.
pub(super) fn completeness(runs: &Runs, audit: Option<&AuditInfo>) -> String {
    if let Some(audit) = audit {
        let battery = format!("Battery {}.", audit.battery);
        return [&[battery], audit.notes].concat().join(" ");
    }
    let planned = count_of(runs.planned_count(), "run");
    match runs.all.len() {
        n if n == runs.planned_count() => format!("All {planned} are finished."),
        n => format!(
            "Only {n} of {planned} are finished, so all results are preliminary. Unfinished: {}.",
            list_unfinished(runs).join("; ")
        ),
    }
}

/// Returns training distributions and losses with a seed missing.
fn list_unfinished(runs: &Runs) -> Vec<String> {
    let study = runs.study;
    study
        .train_names()
        .flat_map(|train| study.losses.iter().map(move |loss| (train, loss)))
        .map(|(train, loss)| (train, loss, runs.group(train, loss).len()))
        .filter(|(_, _, n)| *n < study.seeds)
        .map(|(train, loss, n)| {
            format!(
                "{loss} trained on {train} ({n} of {})",
                count_of(study.seeds, "seed")
            )
        })
        .collect()
}

/// Returns the verdict with a capital letter.
pub(super) fn heading(v: &Verdict) -> String {
    capitalise(&v.ruling_text())
}

/// Returns the numbers and the runs behind a verdict, as sentences.
pub(super) fn evidence(v: &Verdict) -> String {
    let measure = capitalise(&v.measure);
    let numbers = match (v.effect, v.interval, v.p_holm) {
        (Some(effect), Some(i), Some(p_holm)) => format!(
            "{} (95% interval {} to {}, {}, corrected p {})",
            format_number(effect),
            format_number(i.low),
            format_number(i.high),
            count_of(v.n, "seed"),
            format_p_value(p_holm)
        ),
        _ => v.missing_effect_reason().to_owned(),
    };
    format!("{measure}: {numbers}. {}", runs_behind(v))
}

/// Returns a sentence on the runs behind a verdict.
pub(super) fn runs_behind(v: &Verdict) -> String {
    format!("{}.", capitalise(&v.coverage_text()))
}

/// Returns effect, interval and SESOI.
pub(super) fn effect(v: &Verdict) -> String {
    match (v.effect, v.interval) {
        (Some(effect), Some(i)) => format!(
            "{} [{}, {}]; SESOI {}",
            format_number(effect),
            format_number(i.low),
            format_number(i.high),
            v.smallest_effect
        ),
        (Some(effect), None) => format!("{}, no interval", format_number(effect)),
        _ => v.missing_effect_reason().to_owned(),
    }
}

/// Rules of the verdicts on the runs of a study.
const RULES: &str = "All claims were declared before the runs. Each is tested two-sided over runs paired by training seed: a sign-flip test of the mean difference, with a percentile bootstrap interval over seeds. Rank correlations over runs permute outcomes within seeds and resample whole seeds, because the runs of a seed share their data. Supported: the p value, corrected by Holm over all claims, is below 0.05 and the interval excludes 0. Not supported: the interval lies within the bounds of the smallest effect size of interest (SESOI), so the losses are equivalent. Inconclusive: neither, or no run behind the claim learned. Negligible: supported, but the interval lies within the bounds of the SESOI. A run learned if the interval over images of its balanced accuracy in distribution lies above 0.5; it is at chance if the interval includes 0.5 and stays below 0.75. Verdicts without the runs that did not learn are for comparison only, because excluding runs by their outcome biases the sample.";

/// Rules of the verdicts on external models.
const AUDIT_RULES: &str = "Each claim is tested two-sided over models paired by the number of their seed: a sign-flip test of the mean difference, with a percentile bootstrap interval over seeds. Rank correlations over models permute outcomes within seeds and resample whole seeds. Supported: the p value, corrected by Holm over all claims, is below 0.05 and the interval excludes 0. Not supported: the interval lies within the bounds of the smallest effect size of interest (SESOI), so the models are equivalent. Inconclusive: neither, or no model behind the claim learned. Negligible: supported, but the interval lies within the bounds of the SESOI. A model learned if the interval over images of its balanced accuracy on the validation images of its reference set lies above 0.5; it is at chance if the interval includes 0.5 and stays below 0.75. Verdicts without the models that did not learn are for comparison only, because excluding models by their outcome biases the sample.";

/// Returns the rules of the verdicts, with a warning if the study has too few seeds for them.
pub(super) fn verdict_rules(runs: &Runs) -> String {
    let study = runs.study;
    let rules = if runs.external { AUDIT_RULES } else { RULES };
    let subject = if runs.external { "audit" } else { "study" };
    let n = study.seeds;
    let seeds = count_of(n, "seed");
    if n < MIN_SEEDS {
        return format!(
            "{rules} With {seeds} no paired test can reach p = 0.05 (at least {MIN_SEEDS} seeds are needed) and intervals are too narrow: this {subject} estimates effects and decides nothing."
        );
    }
    let claims = study.hypotheses.len();
    let smallest = 2f64.powi(1 - n.min(60) as i32);
    let corrected = claims as f64 * smallest;
    if corrected < 0.05 {
        return rules.to_owned();
    }
    format!(
        "{rules} With {seeds} the smallest possible p of a paired test is {}, which the correction for {} can raise to {corrected:.2}: this {subject} can hardly support a difference.",
        format_p_value(smallest),
        count_of(claims, "claim")
    )
}
