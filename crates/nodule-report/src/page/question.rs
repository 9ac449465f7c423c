//! One question: its answer in a sentence, the figure that shows it, what it means and what it does not, and
//! everything else behind a fold.

use maud::{Markup, PreEscaped, html};

use super::anchor::anchor;
use super::{Contents, words};
use crate::figures::Figure;
use crate::sections::Topic;
use crate::tables::Table;
use crate::tables::links::Links;
use crate::tables::prose::prose;

/// Its section of the page; `own` is what it alone has, after the figure.
pub(super) fn question(contents: &Contents, topic: Topic, own: Option<Markup>) -> Markup {
    let section = contents.section;
    let mut figures = section.figures_of(topic);
    let key = figures.next();
    let rest: Vec<_> = figures.collect();
    let tables = section.tables.iter().enumerate();
    let tables = tables.filter(|(_, (of, _))| *of == topic);
    let links = |i| contents.links.and_then(|all| all.get(i));
    let tables: Vec<_> = tables.map(|(i, (_, table))| (table, links(i))).collect();
    let answer = section.answer(topic);
    let answer = answer.as_deref().unwrap_or(topic.spelled().no_answer);
    html! {
        section.question id=(topic.id()) aria-labelledby={ (topic.id()) "-title" } {
            h2 id={ (topic.id()) "-title" } { (topic.spelled().title) }
            p.answer { (prose(answer)) }
            (claims(contents, topic))
            @if let Some(figure) = key { (drawing(figure)) }
            div.meaning {
                p { strong { "It means: " } (topic.spelled().means) }
                p { strong { "It does not mean: " } (topic.spelled().means_not) }
                @if !topic.spelled().before.is_empty() {
                    p { strong { "Asked before by: " } (topic.spelled().before) }
                }
            }
            @if let Some(own) = own { (own) }
            @if !rest.is_empty() || !tables.is_empty() || topic == Topic::Asked {
                details.more {
                    summary { "Everything else: " (words::counted(rest.len(), "figure")) ", " (words::counted(tables.len(), "table")) }
                    @if topic == Topic::Asked { p.note id="how" { (words::how_to_read_verdicts(contents.runs.study)) } }
                    @for figure in &rest { (drawing(figure)) }
                    @for (table, links) in &tables { (told(table, *links)) }
                }
            }
        }
    }
}

/// The claims that are about it, with what became of them.
fn claims(contents: &Contents, topic: Topic) -> Markup {
    let hypotheses = contents.runs.study.hypotheses.iter();
    let own = hypotheses.zip(contents.verdicts);
    let own = own.filter(|(claim, _)| Topic::of(&claim.contrast) == topic);
    let own: Vec<_> = own.map(|(_, verdict)| verdict).collect();
    html! {
        @if !own.is_empty() {
            p.claims {
                "Claims about this: "
                @for (i, verdict) in own.iter().enumerate() {
                    @if i > 0 { "; " }
                    a href={ "#" (anchor("claim", &verdict.id)) } { (verdict.id) } " " (verdict.ruling_text())
                }
                "."
            }
        }
    }
}

/// A figure with its caption and its address.
pub(super) fn drawing(figure: &Figure) -> Markup {
    let id = anchor("fig", &figure.name);
    html! {
        figure.drawing id=(id) {
            div.scroll tabindex="0" role="group" aria-label={ "Figure " (figure.name) } { (PreEscaped(&figure.svg)) }
            figcaption { (figure.caption) " " (address(&id, "figure")) }
        }
    }
}

/// A table with its address.
fn told(table: &Table, links: Option<&Links>) -> Markup {
    let id = anchor("table", &table.name);
    html! {
        div.told id=(id) { (table.html(links, &address(&id, "table"))) }
    }
}

fn address(id: &str, what: &str) -> Markup {
    html! { a.address href={ "#" (id) } { "Link to this " (what) } }
}
