//! The page: verdicts, figures, tables, and everything needed to repeat it.

use std::collections::{BTreeMap, BTreeSet};

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::words;
use crate::explorer::Explorer;
use crate::figures::Figure;
use crate::hypotheses::{Ruling, Verdict};
use crate::numbers::duration_text;
use crate::prose::prose;
use crate::record::FinishedRun;
use crate::settings::Study;
use crate::source::Lines;
use crate::table::Table;

const STYLE: &str = include_str!("style.css");

/// Everything the page shows.
pub(crate) struct Contents<'a> {
    pub(crate) study: &'a Study,
    pub(crate) runs: &'a [FinishedRun],
    pub(crate) verdicts: Vec<Verdict>,
    pub(crate) figures: Vec<Figure>,
    pub(crate) tables: Vec<Table>,
    /// The files behind the tables, by name.
    pub(crate) lines: BTreeMap<&'static str, Lines>,
    /// What else the page is about, in sentences.
    pub(crate) notes: Vec<String>,
    pub(crate) explorer: Option<Explorer>,
}

pub(crate) fn page(contents: &Contents) -> Markup {
    let Contents { study, runs, .. } = contents;
    let title = words::title(study);
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                // Nothing may be fetched: the page is whole.
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                main {
                    h1 { (title) }
                    p.lead { (prose(&study.description)) " " (words::completeness(study, runs)) @for note in &contents.notes { " " (prose(note)) } }
                    (verdicts(contents))
                    @if let Some(explorer) = &contents.explorer { (super::explorer::section(explorer)) }
                    h2 { "Figures" }
                    @for figure in &contents.figures { (drawing(figure)) }
                    h2 { "Tables" }
                    p {
                        "Intervals and spreads are over training seeds, and n is their number; intervals over test images are in each run's "
                        code { "evaluation.json" } ". Every number of every run is in " code { "tables/*.csv" } ": a number links to its lines there (" code { "#row=" } ", the header being line 1)."
                    }
                    @for table in &contents.tables { (folded(table, contents.lines.get(table.source.file))) }
                    (repeat(contents))
                }
            }
        }
    }
}

fn verdicts(contents: &Contents) -> Markup {
    html! {
        section {
            h2 { "Verdicts" }
            @if contents.verdicts.is_empty() { p { "The study declares no claims." } }
            @for verdict in &contents.verdicts {
                div class={ "verdict " (class(verdict.ruling)) } {
                    p { strong { (verdict.id) ": " (words::heading(verdict.ruling)) "." } " " (prose(&verdict.claim)) }
                    p.note { (words::evidence(verdict)) }
                }
            }
            p.note { (words::how_to_read_verdicts(contents.study)) }
        }
    }
}

fn class(ruling: Ruling) -> &'static str {
    match ruling {
        Ruling::Supported => "supported",
        Ruling::NotSupported => "not-supported",
        Ruling::Inconclusive => "inconclusive",
    }
}

/// Tables too long to read past are folded.
fn folded(table: &Table, lines: Option<&Lines>) -> Markup {
    const LONG: usize = 20;
    html! {
        @if table.rows.len() > LONG {
            details {
                summary { (prose(&table.caption)) }
                (table.html(lines))
            }
        } @else {
            (table.html(lines))
        }
    }
}

fn drawing(figure: &Figure) -> Markup {
    html! {
        figure.drawing id=(figure.name) {
            div.scroll { (PreEscaped(&figure.svg)) }
            figcaption { (figure.caption) }
        }
    }
}

fn repeat(contents: &Contents) -> Markup {
    let Contents { study, runs, .. } = contents;
    // The study was read from TOML: it can be written as TOML.
    let settings = toml::to_string_pretty(study).unwrap_or_default();
    html! {
        section {
            h2 { "To repeat this" }
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
            p {
                "Deviations, that is, changes after results had been seen: "
                @if study.deviations.is_empty() { "none declared." }
                @for deviation in &study.deviations { (prose(deviation)) " " }
            }
            p { "Seeds: root " (study.root_seed) "; each run's own are derived from it by name and are in its " code { "run.json" } "." }
            p { "Write the settings below to a file and run " code { "nodule study run --study FILE" } "." }
            details { summary { "Settings" } pre { (settings) } }
        }
    }
}

/// The machines that runs were carried out on, each once.
fn machines(runs: &[FinishedRun]) -> BTreeSet<&str> {
    let all = runs.iter().map(|run| run.record.machine.as_str());
    all.filter(|machine| !machine.is_empty()).collect()
}

fn total_time(runs: &[FinishedRun]) -> String {
    let sum = |part: fn(&FinishedRun) -> f64| runs.iter().map(part).sum::<f64>();
    let (generate, train) = (
        sum(|r| r.record.timings.generate_s),
        sum(|r| r.record.timings.train_s),
    );
    let evaluate = sum(|r| r.record.timings.evaluate_s);
    let wall = wall_seconds(runs).map_or(String::new(), |seconds| {
        let text = duration_text(seconds);
        format!(" From the start of the first to the end of the last: {text}.")
    });
    let [all, generate, train, evaluate] =
        [generate + train + evaluate, generate, train, evaluate].map(duration_text);
    format!(
        "Time of the {} runs of the grid, each by itself: {all}, of which {generate} drawing images, {train} training, {evaluate} measuring.{wall}",
        runs.len()
    )
}

/// None where a run's record is older than the time in it.
fn wall_seconds(runs: &[FinishedRun]) -> Option<f64> {
    let (mut first, mut last) = (f64::INFINITY, f64::NEG_INFINITY);
    for run in runs {
        let start = run.record.started_unix_s;
        let took = &run.record.timings;
        let end = start + took.generate_s + took.train_s + took.evaluate_s;
        (first, last) = (first.min(start), last.max(end));
    }
    (first > 0.0 && last > first).then_some(last - first)
}
