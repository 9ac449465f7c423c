//! The page: a summary, then one section a question.

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::anchor::anchor;
use super::overview::overview;
use super::question::question;
use super::repeat::{deviations, repeat};
use super::side_by_side::side_by_side;
use super::{Contents, explorer, words};
use crate::Error;
use crate::sections::Topic;
use crate::tables::prose::prose;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("page.js");
const TABLES: &str = include_str!("tables.js");

/// The page's text.
///
/// # Errors
/// If the study cannot be spelled on it.
pub(crate) fn html(contents: &Contents) -> Result<String, Error> {
    let (study, section) = (contents.runs.study, contents.section);
    let title = words::title(study, contents.audit);
    let explorer = section.explorer.as_ref().map(explorer::explorer);
    let beside = section.landscapes.as_ref().map(side_by_side).transpose()?;
    let (explorer, repeat) = (explorer.transpose()?, repeat(contents)?);
    let explored = markup! {
        @if let Some(explorer) = explorer { (explorer) }
        @if let Some(beside) = beside { (beside) }
    };
    let own = |topic| match topic {
        Topic::Reliance => Some(explored.clone()),
        Topic::Trust => Some(deviations(study, &section.notes)),
        Topic::Repeat => Some(repeat.clone()),
        _ => None,
    };
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
                a.skip href="#summary" { "Skip to the summary" }
                (table_of_contents(contents))
                main {
                    header {
                        h1 { (title) }
                        p.lead { (prose(&study.description)) }
                    }
                    (overview(contents))
                    @for topic in Topic::ALL { (question(contents, topic, own(topic))) }
                }
                script { (PreEscaped(SCRIPT)) }
                script { (PreEscaped(TABLES)) }
            }
        }
    };
    Ok(page.into_string())
}

/// The questions; below each, its figures and tables.
fn table_of_contents(contents: &Contents) -> Markup {
    let section = contents.section;
    let entries = |topic| {
        let figures = section.figures_of(topic);
        let figures = figures.map(|figure| ("fig", figure.name.as_str()));
        let tables = section.tables.iter().filter(move |(of, _)| *of == topic);
        let tables = tables.map(|(_, table)| ("table", table.name.as_str()));
        figures.chain(tables).collect::<Vec<_>>()
    };
    markup! {
        nav id="contents" aria-label="Contents" {
            ol {
                li { a href="#summary" { "Summary" } }
                @for topic in Topic::ALL {
                    li {
                        a href={ "#" (topic.id()) } { (topic.spelled().short) }
                        ol {
                            @if topic == Topic::Reliance && section.explorer.is_some() { li { a href="#explorer" { "Explorer" } } }
                            @if topic == Topic::Reliance && section.landscapes.is_some() { li { a href="#side-by-side" { "Side by side" } } }
                            @for (kind, name) in entries(topic) {
                                li { a href={ "#" (anchor(kind, name)) } { (words::kind(kind)) " " (name) } }
                            }
                        }
                    }
                }
            }
            p.all { a href="#everything" { "Open all folds" } " " button type="button" hidden data-print { "Print with appendix" } }
        }
    }
}
