//! The report's sentences.

use nodule_study::Study;
use nodule_study::claims::MIN_SEEDS;
use nodule_study::text::{format_number, format_p_value};

use super::AuditOf;
use nodule_analysis::Runs;
use nodule_analysis::Verdict;

pub(super) fn title(study: &Study, audit: Option<&AuditOf>) -> String {
    if audit.is_some() {
        return format!("What models decide by: battery of study “{}”", study.name);
    }
    format!(
        "What the loss makes a network learn: study “{}”",
        study.name
    )
}

/// How much of the study the report is about, and what of it is missing.
pub(super) fn completeness(runs: &Runs, audit: Option<&AuditOf>) -> String {
    if let Some(audit) = audit {
        let said = format!("Battery {}.", audit.battery);
        return [&[said], audit.notes].concat().join(" ");
    }
    let planned = runs.planned_count();
    if runs.all.len() == planned {
        return format!("All {planned} runs are finished.");
    }
    format!(
        "Only {} of {planned} runs are finished: everything below is about those, and may change. Unfinished: {}.",
        runs.all.len(),
        unfinished(runs).join("; ")
    )
}

/// Cells of the grid with a seed missing.
fn unfinished(runs: &Runs) -> Vec<String> {
    let study = runs.study;
    let cells = study
        .train_names()
        .flat_map(|train| study.losses.iter().map(move |loss| (train, loss)));
    cells
        .map(|(train, loss)| (train, loss, runs.group(train, loss).len()))
        .filter(|(_, _, n)| *n < study.seeds)
        .map(|(train, loss, n)| format!("{loss} trained on {train} ({n} of {} seeds)", study.seeds))
        .collect()
}

/// The verdict, as a sentence begins with it.
pub(super) fn heading(v: &Verdict) -> String {
    capitalised(&v.ruling_text())
}

/// The numbers and the runs behind a verdict, as sentences.
pub(super) fn evidence(v: &Verdict) -> String {
    format!("{} {}.", numbers(v), capitalised(&v.coverage_text()))
}

/// The runs behind a verdict, as a sentence.
pub(super) fn behind(v: &Verdict) -> String {
    format!("{}.", capitalised(&v.coverage_text()))
}

/// An effect and its interval, in a few words.
pub(super) fn effect(v: &Verdict) -> String {
    match (v.effect, v.interval) {
        (Some(effect), Some(i)) => format!(
            "{} [{}, {}]; of interest: {}",
            format_number(effect),
            format_number(i.low),
            format_number(i.high),
            v.smallest_effect
        ),
        (Some(effect), None) => format!("{}, no interval", format_number(effect)),
        _ => v.missing_effect_reason().to_owned(),
    }
}

fn numbers(v: &Verdict) -> String {
    match (v.effect, v.interval, v.p_holm) {
        (Some(effect), Some(i), Some(p_holm)) => format!(
            "{}: {} (95% interval {} to {}, {} seeds, corrected p {}).",
            capitalised(&v.measure),
            format_number(effect),
            format_number(i.low),
            format_number(i.high),
            v.n,
            format_p_value(p_holm)
        ),
        _ => format!(
            "{}: {}.",
            capitalised(&v.measure),
            v.missing_effect_reason()
        ),
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + characters.as_str()
}

/// What an address leads to.
pub(super) fn kind(kind: &str) -> &'static str {
    match kind {
        "fig" => "Figure",
        _ => "Table",
    }
}

/// `1 table`, `2 tables`.
pub(super) fn counted(n: usize, what: &str) -> String {
    let plural = if n == 1 { "" } else { "s" };
    format!("{n} {what}{plural}")
}

pub(super) fn how_to_read_verdicts(study: &Study) -> String {
    let rule = "All claims were declared before the run and are judged two-sided over runs paired by seed: a sign-flip test of the mean difference, and a percentile bootstrap of seeds for its interval. Correlations over runs permute outcomes within seeds and resample whole seeds, since the runs of a seed share their data. Supported: p, corrected by Holm over all claims, is below 0.05 and the interval excludes 0. Not supported: the interval lies within the smallest effect of interest that the study declares. Inconclusive: neither, or none of the runs behind it learned. Smaller than matters: supported, and the interval lies within the smallest effect of interest. A run learned if the interval over images of its balanced accuracy in distribution lies above 0.5, and is at chance if it reaches down to 0.5 and stays below 0.75; leaving runs out by what became of them is no fair sample, so verdicts without them are for comparison alone. A spread is the standard deviation of the decision value over in-distribution validation images.";
    let n = study.seeds;
    if n < MIN_SEEDS {
        return format!(
            "{rule} With {n} seeds no paired test can reach p = 0.05 ({MIN_SEEDS} could), and intervals are too narrow: this study shows sizes and decides nothing."
        );
    }
    let claims = study.hypotheses.len();
    let smallest = claims as f64 * 2f64.powi(1 - n.min(60) as i32);
    if smallest < 0.05 {
        return rule.to_owned();
    }
    format!(
        "{rule} With {n} seeds the smallest p of a paired test is {}, which the correction for {claims} claims can raise to {smallest:.2}: do not count on it to support a difference.",
        format_p_value(smallest / claims as f64)
    )
}
