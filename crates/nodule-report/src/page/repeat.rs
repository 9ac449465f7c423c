//! Everything that is needed to repeat the study, and what it took.

use std::collections::BTreeSet;

use maud::{Markup, html};
use nodule_study::Study;
use nodule_study::records::FinishedRun;
use nodule_study::text::format_duration;

use super::{AuditOf, Contents};
use crate::Error;
use crate::tables::prose::prose;

/// Versions, machine, time, settings and where every number is.
///
/// # Errors
/// If the study cannot be spelled on the page.
pub(super) fn repeat(contents: &Contents) -> Result<Markup, Error> {
    if let Some(audit) = contents.audit {
        return Ok(repeat_audit(contents, audit));
    }
    let (study, runs) = (contents.runs.study, &contents.runs.all);
    let settings = toml::to_string_pretty(study);
    let settings = settings.map_err(|e| Error::made("the settings on the page", e))?;
    Ok(html! {
        @if let Some(first) = runs.first() {
            @let versions = &first.record.versions;
            @let mixed = runs.iter().any(|run| run.record.versions != *versions);
            p {
                "nodule " (versions.nodule) ", generator " (versions.generator) ", kernels " (versions.kernel)
                ", commit " code { (versions.commit) } ", device " (first.record.device) "."
                @if mixed { " Some runs were made by another build; each run's " code { "run.json" } " says which." }
            }
            @for machine in &machines(runs) { p { "Machine: " (machine) "." } }
            p { (total_time(runs)) }
        }
        p { "Seeds: root " (study.root_seed) "; each run's own are derived from it by name and are in its " code { "run.json" } "." }
        p { "Write the settings below to a file and run " code { "nodule study run --study FILE" } "." }
        p {
            "Intervals and standard deviations are over training seeds, and n is their number; intervals over test images are in each run's "
            code { "evaluation.json" } ". Every number of every run is in " code { "tables/*.csv" } ": a number links to its lines there (" code { "#row=" } ", the header being line 1). "
            code { "figures/*.txt" } " are the captions, " code { "report/cite.bib" } " cites the study and the data."
        }
        details.more id="settings" { summary { "Settings: the study file" } pre tabindex="0" { (settings) } }
    })
}

/// What repeats an audit: the battery, asked again.
fn repeat_audit(contents: &Contents, audit: &AuditOf) -> Markup {
    html! {
        @if let Some(first) = contents.runs.all.first() {
            @let versions = &first.record.versions;
            p { "nodule " (versions.nodule) ", generator " (versions.generator) ", commit " code { (versions.commit) } "." }
        }
        p {
            "Battery " code { (audit.battery) } " of the study " code { (contents.runs.study.name) }
            ": ask the same models again by " code { "nodule battery measure" } ", or by " code { "nodule.Battery(STUDY).audit(predict)" } " in Python."
        }
        p { "Intervals and standard deviations are over training seeds, and n is their number." }
    }
}

/// What became of the runs, and what was changed after results had been seen.
pub(super) fn deviations(study: &Study, notes: &[String]) -> Markup {
    html! {
        @for note in notes { p { (prose(note)) } }
        p {
            "Deviations, that is, changes after results had been seen: "
            @if study.deviations.is_empty() { "none declared." }
            @for deviation in &study.deviations { (prose(deviation)) " " }
        }
    }
}

/// The machines that runs were carried out on, each once.
fn machines<'a>(runs: &[&'a FinishedRun]) -> BTreeSet<&'a str> {
    let all = runs.iter().map(|run| run.record.machine.as_str());
    all.filter(|machine| !machine.is_empty()).collect()
}

fn total_time(runs: &[&FinishedRun]) -> String {
    let sum = |part: fn(&FinishedRun) -> f64| runs.iter().map(|run| part(run)).sum::<f64>();
    let (generate, train) = (
        sum(|r| r.record.timings.generate_s),
        sum(|r| r.record.timings.train_s),
    );
    let evaluate = sum(|r| r.record.timings.evaluate_s);
    let wall = wall_seconds(runs).map_or(String::new(), |seconds| {
        let text = format_duration(seconds);
        format!(" From the start of the first to the end of the last: {text}.")
    });
    let [all, generate, train, evaluate] =
        [generate + train + evaluate, generate, train, evaluate].map(format_duration);
    format!(
        "Time of the {} runs of the grid, each by itself: {all}, of which {generate} drawing images, {train} training, {evaluate} measuring.{wall}",
        runs.len()
    )
}

/// None where a run's record is older than the time in it.
fn wall_seconds(runs: &[&FinishedRun]) -> Option<f64> {
    let (mut first, mut last) = (f64::INFINITY, f64::NEG_INFINITY);
    for run in runs {
        let start = run.record.started_unix_s;
        let took = &run.record.timings;
        let end = start + took.generate_s + took.train_s + took.evaluate_s;
        (first, last) = (first.min(start), last.max(end));
    }
    (first > 0.0 && last > first).then_some(last - first)
}
