//! The page: verdicts, figures, tables, and everything needed to repeat it.

use std::collections::BTreeSet;

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};
use nodule_study::records::FinishedRun;
use nodule_study::text::duration_text;

use super::{AuditOf, Contents, explorer, words};
use crate::Error;
use crate::figures::Figure;
use crate::tables::Table;
use crate::tables::links::Links;
use crate::tables::prose::prose;

const STYLE: &str = include_str!("style.css");

/// The page's text.
///
/// # Errors
/// If the study cannot be spelled on it.
pub(crate) fn html(contents: &Contents) -> Result<String, Error> {
    let (runs, section) = (contents.runs, contents.section);
    let title = words::title(runs.study, contents.audit);
    let explorer = section.explorer.as_ref().map(explorer::explorer);
    let (explorer, repeat) = (explorer.transpose()?, repeat(contents)?);
    let page = markup! {
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
                    p.lead { (prose(&runs.study.description)) " " (words::completeness(runs, contents.audit)) @for note in &section.notes { " " (prose(note)) } }
                    (verdicts(contents))
                    @if let Some(explorer) = explorer { (explorer) }
                    h2 { "Figures" }
                    @for figure in &section.figures { (drawing(figure)) }
                    h2 { "Tables" }
                    @if contents.links.is_some() {
                        p {
                            "Intervals and standard deviations are over training seeds, and n is their number; intervals over test images are in each run's "
                            code { "evaluation.json" } ". Every number of every run is in " code { "tables/*.csv" } ": a number links to its lines there (" code { "#row=" } ", the header being line 1)."
                        }
                    } @else {
                        p { "Intervals and standard deviations are over training seeds, and n is their number." }
                    }
                    @for (i, table) in section.tables.iter().enumerate() { (folded(table, contents.links.and_then(|all| all.get(i)))) }
                    (repeat)
                }
            }
        }
    };
    Ok(page.into_string())
}

fn verdicts(contents: &Contents) -> Markup {
    markup! {
        section {
            h2 { "Verdicts" }
            @if contents.verdicts.is_empty() { p { "The study declares no claims." } }
            @for verdict in contents.verdicts {
                @let ruling = verdict.ruling;
                div class={ "verdict " (ruling.class()) } style={ "border-color: " (ruling.colour()) } {
                    p { strong { (verdict.id) ": " (words::heading(verdict)) "." } " " (prose(&verdict.claim)) }
                    p.note { (words::evidence(verdict)) }
                }
            }
            p.note { (words::how_to_read_verdicts(contents.runs.study)) }
        }
    }
}

/// Tables too long to read past are folded.
fn folded(table: &Table, links: Option<&Links>) -> Markup {
    const LONG: usize = 20;
    markup! {
        @if table.rows.len() > LONG {
            details {
                summary { (prose(&table.caption)) }
                (table.html(links))
            }
        } @else {
            (table.html(links))
        }
    }
}

fn drawing(figure: &Figure) -> Markup {
    markup! {
        figure.drawing id=(figure.name) {
            div.scroll { (PreEscaped(&figure.svg)) }
            figcaption { (figure.caption) }
        }
    }
}

fn repeat(contents: &Contents) -> Result<Markup, Error> {
    if let Some(audit) = contents.audit {
        return Ok(repeat_audit(contents, audit));
    }
    let (study, runs) = (contents.runs.study, &contents.runs.all);
    let settings = toml::to_string_pretty(study);
    let settings = settings.map_err(|e| Error::made("the settings on the page", e))?;
    Ok(markup! {
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
    })
}

/// What repeats an audit: the battery, asked again.
fn repeat_audit(contents: &Contents, audit: &AuditOf) -> Markup {
    let first = contents.runs.all.first();
    markup! {
        section {
            h2 { "To repeat this" }
            @if let Some(first) = first {
                @let versions = &first.record.versions;
                p { "nodule " (versions.nodule) ", generator " (versions.generator) ", commit " code { (versions.commit) } "." }
            }
            p {
                "Battery " code { (audit.battery) } " of the study " code { (contents.runs.study.name) }
                ": ask the same models again by " code { "nodule battery measure" } ", or by " code { "nodule.Battery(STUDY).audit(predict)" } " in Python."
            }
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
