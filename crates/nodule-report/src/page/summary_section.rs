//! Summary section: every claim with its verdict, the main result, and the terms of the page.

use maud::{Markup, PreEscaped, html};
use nodule_analysis::Verdict;

use super::anchor::anchor;
use super::terms::terms;
use super::topic_section::figure_with_link;
use super::{Report, sentences};
use crate::figures::claim_effect::{axis, axis_end, claim_row};
use crate::tables::prose::prose;

pub(super) fn summary_section(report: &Report) -> Markup {
    let content = report.content;
    html! {
        section id="summary" aria-labelledby="summary-title" {
            h2 id="summary-title" { "Summary" }
            p.findings {
                (content.verdict_counts) " "
                @if !content.supported_along.is_empty() { (prose(&content.supported_along)) " " }
                (sentences::completeness(report.runs, report.audit))
            }
            div.overview {
                div {
                    @if report.verdicts.is_empty() {
                        p {
                            @if report.audit.is_some() { "No claims were given: the page describes the models and decides nothing." }
                            @else { "The study declares no claims." }
                        }
                    }
                    @else { (forest_plot(report)) }
                }
                @if let Some(figure) = &content.main_result { (figure_with_link(figure)) }
            }
            dl.terms aria-label="Terms" {
                @for (term, definition) in terms(report.runs) {
                    div { dt { (prose(term)) } dd { (prose(definition)) } }
                }
            }
        }
    }
}

fn forest_plot(report: &Report) -> Markup {
    let verdicts = report.verdicts;
    let end = axis_end(verdicts);
    html! {
        table.verdicts {
            caption {
                "Effects in multiples of the smallest effect size of interest (SESOI), with 95% intervals over "
                @if report.audit.is_none() { "training " }
                "seeds. Filled dot: supported. Empty square: not supported, effects of interest are ruled out. Empty diamond with dashed interval: inconclusive. Band: negligible effects (within the SESOI). "
                a href="#how" { "Rules of the verdicts" } "."
            }
            thead { tr { th scope="col" { "Claim and verdict" } th scope="col" { "Effect / SESOI" } } }
            tbody { @for verdict in verdicts { (forest_row(verdict, end)) } }
            tfoot { tr { td {} td.drawing { (PreEscaped(axis(end))) } } }
        }
    }
}

fn forest_row(verdict: &Verdict, end: f64) -> Markup {
    let coverage = &verdict.coverage;
    let has_warning = coverage.not_learned() > 0 || coverage.failed > 0;
    html! {
        tr id=(anchor("claim", &verdict.id)) class=(verdict.ruling.text().replace(' ', "-")) {
            td {
                strong { (verdict.id) ": " (sentences::heading(verdict)) "." } " " (prose(&verdict.claim))
                @if has_warning { p.warning { (sentences::runs_behind(verdict)) } }
                details.numbers { summary { (sentences::effect(verdict)) } p { (sentences::evidence(verdict)) } }
            }
            td.drawing { (PreEscaped(claim_row(verdict, end))) }
        }
    }
}
