//! The HTML page: summary, then one section per topic.

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::anchor::anchor;
use super::reproducibility::{notes_and_deviations, reproducibility};
use super::summary_section::summary_section;
use super::topic_section::topic_section;
use super::{Report, explorer, sentences};
use crate::Error;
use crate::tables::prose::prose;
use crate::topic::Topic;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");
const TABLES: &str = include_str!("tables.js");

/// Returns the page.
pub(crate) fn html(report: &Report) -> Result<String, Error> {
    let (study, content) = (report.runs.study, report.content);
    let title = sentences::title(study, report.audit);
    let mut explorer = content
        .explorer
        .as_ref()
        .map(explorer::explorer)
        .transpose()?;
    let mut reproducibility = Some(reproducibility(report)?);
    let mut own_content = |topic| match topic {
        Topic::Reliance => explorer.take(),
        Topic::QualityChecks => Some(notes_and_deviations(report)),
        Topic::Reproducibility => reproducibility.take(),
        _ => None,
    };
    let page = markup! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                // The page is self-contained: the policy forbids it to load anything.
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                a.skip href="#summary" { "Skip to the summary" }
                (table_of_contents(report))
                main {
                    header {
                        h1 { (title) }
                        p.lead { (prose(&study.description)) }
                    }
                    (summary_section(report))
                    @for topic in report.topics() { (topic_section(report, topic, own_content(topic))) }
                }
                script { (PreEscaped(SCRIPT)) }
                script { (PreEscaped(TABLES)) }
            }
        }
    };
    Ok(page.into_string())
}

/// Returns the topics with their figures and tables.
fn table_of_contents(report: &Report) -> Markup {
    let content = report.content;
    let entries = |topic| {
        let figures = content.figures_of(topic);
        let figures =
            figures.map(|figure| (anchor("fig", &figure.name), "Figure", figure.title.as_str()));
        let tables = content.tables_of(topic);
        let tables = tables.map(|table| (anchor("table", &table.name), "Table", table.title()));
        figures.chain(tables).collect::<Vec<_>>()
    };
    markup! {
        nav id="contents" aria-label="Contents" {
            ol {
                li { a href="#summary" { "Summary" } }
                @for topic in report.topics() {
                    li {
                        a href={ "#" (topic.text(report.runs.external).id) } { (topic.text(report.runs.external).short) }
                        ol {
                            @if topic == Topic::Reliance && content.explorer.is_some() { li { a href="#explorer" { "Explorer" } } }
                            @for (id, kind, title) in entries(topic) {
                                li { a href={ "#" (id) } { (kind) ": " (prose(title)) } }
                            }
                        }
                    }
                }
            }
            p.all { a href="#everything" { "Open all sections" } " " button type="button" hidden data-print { "Print with appendix" } }
        }
    }
}
