//! Section of a topic: key findings, claims, first figure, interpretation and limitations; other figures and tables
//! are collapsed.

use maud::{Markup, PreEscaped, html};

use super::anchor::anchor;
use super::{Report, sentences};
use crate::figures::Figure;
use crate::tables::Table;
use crate::tables::prose::prose;
use crate::text::count_of;
use crate::topic::Topic;

/// Returns the section; `own_content` follows the interpretation.
pub(super) fn topic_section(report: &Report, topic: Topic, own_content: Option<Markup>) -> Markup {
    let (content, text) = (report.content, topic.text(report.runs.external));
    let mut figures = content.figures_of(topic);
    let first = figures.next();
    let rest: Vec<_> = figures.collect();
    let tables: Vec<_> = content.tables_of(topic).collect();
    let has_more = !rest.is_empty() || !tables.is_empty() || has_rules(report, topic);
    html! {
        section.topic id=(text.id) aria-labelledby={ (text.id) "-title" } {
            h2 id={ (text.id) "-title" } { (text.title) }
            p.findings { (prose(&content.key_findings_of(topic, report.runs.external))) }
            (claims(report, topic))
            @if let Some(figure) = first { (figure_with_link(figure)) }
            div.interpretation {
                p { strong { "Interpretation: " } (prose(text.interpretation)) }
                p { strong { "Limitations: " } (prose(text.limitations)) }
                @if !text.related_work.is_empty() {
                    p { strong { "Related work: " } (text.related_work) }
                }
            }
            @if let Some(own_content) = own_content { (own_content) }
            @if has_more {
                details.more {
                    summary { "More: " (count_of(rest.len(), "figure")) ", " (count_of(tables.len(), "table")) }
                    @if has_rules(report, topic) { p.note id="how" { (sentences::verdict_rules(report.runs)) } }
                    @for figure in &rest { (figure_with_link(figure)) }
                    @for table in &tables { (table_with_link(table, report.has_files)) }
                }
            }
        }
    }
}

/// Whether the section explains the verdicts: every study does, an audit only with claims.
fn has_rules(report: &Report, topic: Topic) -> bool {
    topic == Topic::Setup && (report.audit.is_none() || !report.verdicts.is_empty())
}

/// Returns the verdicts of the claims about a topic.
fn claims(report: &Report, topic: Topic) -> Markup {
    let claims = report.runs.study.hypotheses.iter().zip(report.verdicts);
    let own: Vec<_> = claims
        .filter(|(claim, _)| Topic::for_claim(&claim.contrast) == topic)
        .map(|(_, verdict)| verdict)
        .collect();
    html! {
        @if !own.is_empty() {
            p.claims {
                @if own.len() == 1 { "Claim: " } @else { "Claims: " }
                @for (i, verdict) in own.iter().enumerate() {
                    @if i > 0 { "; " }
                    a href={ "#" (anchor("claim", &verdict.id)) } { (verdict.id) } " " (verdict.ruling_text())
                }
                "."
            }
        }
    }
}

/// Returns a figure with its caption and a link to it.
pub(super) fn figure_with_link(figure: &Figure) -> Markup {
    let id = anchor("fig", &figure.name);
    html! {
        figure.drawing id=(id) {
            div.scroll tabindex="0" role="group" aria-label={ "Figure " (figure.name) } { (PreEscaped(&figure.svg)) }
            figcaption { (prose(&figure.caption)) " " (link_to(&id, "figure")) }
        }
    }
}

fn table_with_link(table: &Table, has_files: bool) -> Markup {
    let id = anchor("table", &table.name);
    html! {
        div id=(id) { (table.html(has_files, &link_to(&id, "table"))) }
    }
}

fn link_to(id: &str, kind: &str) -> Markup {
    html! { a.link href={ "#" (id) } { "Link to this " (kind) } }
}
