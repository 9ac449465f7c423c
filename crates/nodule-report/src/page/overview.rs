//! The first screen: every claim with its verdict, and the one picture that is the result.

use maud::{Markup, PreEscaped, html};

use super::anchor::anchor;
use super::question::drawing;
use super::{Contents, words};
use crate::figures::effect::{axis, effect, reach};
use crate::tables::prose::prose;
use nodule_analysis::Verdict;

/// Its section of the page.
pub(super) fn overview(contents: &Contents) -> Markup {
    let section = contents.section;
    html! {
        section id="summary" aria-labelledby="summary-title" {
            h2 id="summary-title" { "Summary" }
            p.answer {
                (section.judged) " "
                @if !section.along.is_empty() { (prose(&section.along)) " " }
                (words::completeness(contents.runs, contents.audit))
            }
            div.overview {
                div {
                    @if contents.verdicts.is_empty() {
                        p {
                            @if contents.audit.is_some() { "No claims were given: below is what the models do, and nothing is decided." }
                            @else { "The study declares no claims." }
                        }
                    }
                    @else { (verdicts(contents.verdicts)) }
                }
                @if let Some(figure) = &section.result { (drawing(figure)) }
            }
        }
    }
}

fn verdicts(all: &[Verdict]) -> Markup {
    let reach = reach(all);
    html! {
        table.verdicts {
            caption {
                "Filled dot: supported. Empty square: not supported, what is of interest is ruled out. Empty diamond on dashes: inconclusive. Lines: 95% intervals over seeds. Band: smaller than matters. "
                a href="#how" { "How verdicts are made" } "."
            }
            thead { tr { th scope="col" { "Claim and verdict" } th scope="col" { "Effect / smallest of interest" } } }
            tbody { @for verdict in all { (row(verdict, reach)) } }
            tfoot { tr { td {} td.drawing { (PreEscaped(axis(reach))) } } }
        }
    }
}

fn row(verdict: &Verdict, reach: f64) -> Markup {
    let coverage = &verdict.coverage;
    let warns = coverage.not_learned() > 0 || coverage.failed > 0;
    html! {
        tr id=(anchor("claim", &verdict.id)) class=(verdict.ruling.text().replace(' ', "-")) {
            td {
                strong { (verdict.id) ": " (words::heading(verdict)) "." } " " (prose(&verdict.claim))
                @if warns { p.warns { (words::behind(verdict)) } }
                details.numbers { summary { (words::effect(verdict)) } p { (words::evidence(verdict)) } }
            }
            td.drawing { (PreEscaped(effect(verdict, reach))) }
        }
    }
}
