//! Reproducibility section: versions, machine, time, seeds and the study file; and deviations from the plan.

use std::collections::BTreeSet;

use maud::{Markup, html};
use nodule_study::records::FinishedRun;
use nodule_study::text::format_duration;

use super::{AuditInfo, Report};
use crate::Error;
use crate::tables::prose::prose;
use crate::text::count_of;

/// Returns the section.
pub(super) fn reproducibility(report: &Report) -> Result<Markup, Error> {
    if let Some(audit) = report.audit {
        return Ok(audit_reproducibility(report, audit));
    }
    let (study, runs) = (report.runs.study, &report.runs.all);
    // Names of patients stay in the folder.
    let mut shown = study.clone();
    let has_groups = shown.held_out.as_mut().is_some_and(|fold| {
        let groups = std::mem::take(&mut fold.groups);
        !groups.is_empty()
    });
    let settings = toml::to_string_pretty(&shown)
        .map_err(|e| Error::cannot_make("the settings on the page", e))?;
    Ok(html! {
        @if let Some(first) = runs.first() {
            @let versions = &first.record.versions;
            @let is_mixed = runs.iter().any(|run| run.record.versions != *versions);
            p {
                "nodule " (versions.nodule) ", generator " (versions.generator) ", kernels " (versions.kernel)
                ", commit " code { (versions.commit) } ", device " (first.record.device) "."
                @if is_mixed { " Some runs have other versions; see the " code { "run.json" } " of each run." }
            }
            @for machine in &machines(runs) { p { "Machine: " (machine) "." } }
            p { (total_time(runs)) }
        }
        p { "Seeds: root seed " (study.root_seed) "; the seeds of each run are derived from it by name and are in its " code { "run.json" } "." }
        p { "To repeat the study, write the settings below to a file and run " code { "nodule study run --study FILE" } "." }
        @if has_groups {
            p { "The settings leave out the fold of each group, which follows from the training images; " code { "study.toml" } " lists it." }
        }
        p {
            "Intervals and standard deviations are over training seeds, and n is their number; intervals over test images are in "
            code { "evaluation.json" } " of each run. Every number of every run is in " code { "tables/*.csv" }
            "; the caption of each table names its file and the columns that identify the rows behind a number. "
            code { "figures/*.txt" } " are the captions of the figures; " code { "report/cite.bib" } " has the citations of the study, its data and related work."
        }
        details.more id="settings" { summary { "Study file" } pre tabindex="0" { (settings) } }
    })
}

fn audit_reproducibility(report: &Report, audit: &AuditInfo) -> Markup {
    html! {
        @if let Some(first) = report.runs.all.first() {
            @let versions = &first.record.versions;
            p { "nodule " (versions.nodule) ", generator " (versions.generator) ", commit " code { (versions.commit) } "." }
        }
        p {
            "To repeat the audit, import the same predictions for battery " code { (audit.battery) } " of study " code { (report.runs.study.name) }
            " with " code { "nodule battery measure" } ", or evaluate each model again with " code { "nodule.Battery(STUDY).audit(predict)" } " in Python."
        }
        p {
            "Intervals of a single model are over pairs or images: bootstrap for reliance, Wilson's interval for shares; every one is in "
            code { "tables/reliance.csv" } " and " code { "tables/results.csv" } "."
            @if report.runs.study.seeds > 1 { " Other intervals and standard deviations are over the seeds of a model, and n is their number." }
        }
    }
}

/// Returns the notes on the runs and the declared deviations from the plan.
pub(super) fn notes_and_deviations(report: &Report) -> Markup {
    let (study, notes) = (report.runs.study, &report.content.notes);
    html! {
        @for note in notes { p { (prose(note)) } }
        @if report.audit.is_none() {
            p {
                "Deviations (changes after results were known): "
                @if study.deviations.is_empty() { "none declared." }
                @for deviation in &study.deviations { (prose(deviation)) " " }
            }
        }
    }
}

/// Returns the machines of the runs, each once.
fn machines<'a>(runs: &[&'a FinishedRun]) -> BTreeSet<&'a str> {
    let all = runs.iter().map(|run| run.record.machine.as_str());
    all.filter(|machine| !machine.is_empty()).collect()
}

fn total_time(runs: &[&FinishedRun]) -> String {
    let sum = |part: fn(&FinishedRun) -> f64| runs.iter().map(|run| part(run)).sum::<f64>();
    let parts = [
        sum(|r| r.record.timings.generate_s),
        sum(|r| r.record.timings.train_s),
        sum(|r| r.record.timings.evaluate_s),
    ];
    let all = format_duration(parts.iter().sum());
    let [generate, train, evaluate] = parts.map(format_duration);
    let wall = wall_seconds(runs).map_or_else(String::new, |seconds| {
        format!(
            " From the start of the first run to the end of the last: {}.",
            format_duration(seconds)
        )
    });
    format!(
        "Total time of the {}: {all} (image generation {generate}, training {train}, evaluation {evaluate}).{wall}",
        count_of(runs.len(), "run")
    )
}

/// Returns the time from the first start to the last end; `None` if a record does not have its start.
fn wall_seconds(runs: &[&FinishedRun]) -> Option<f64> {
    let (mut first, mut last) = (f64::INFINITY, f64::NEG_INFINITY);
    for run in runs {
        let start = run.record.started_unix_s;
        let timings = &run.record.timings;
        let end = start + timings.generate_s + timings.train_s + timings.evaluate_s;
        (first, last) = (first.min(start), last.max(end));
    }
    (first > 0.0 && last > first).then_some(last - first)
}
