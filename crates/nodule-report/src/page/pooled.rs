//! Pooled effects of the claims that compared studies share: table, figures and CSV.

use maud::{Markup, PreEscaped, html};
use nodule_analysis::pooling::{PooledClaim, pool_claim};
use nodule_analysis::{Runs, unique};
use nodule_study::csv::{Column, CsvFile};
use nodule_study::text::{format_number, format_p_value};

use super::comparison::ComparedStudy;
use crate::Error;
use crate::figures::forest::{ForestRow, forest};
use crate::tables::escape::spreadsheet;
use crate::tables::formatting::MISSING;
use crate::tables::prose::prose;
use crate::text::with_interval;

/// A claim over several studies.
pub(super) struct Pooled<'a> {
    id: &'a str,
    claim: &'a str,
    smallest_effect: f64,
    /// Whether only runs that learned enter.
    is_learned_only: bool,
    pooled: PooledClaim,
}

/// Pools every claim that two or more studies share: over all runs, and over those that learned where others did not.
pub(super) fn pool_claims(studies: &[ComparedStudy]) -> Result<Vec<Pooled<'_>>, Error> {
    let all: Vec<_> = studies
        .iter()
        .map(|s| Runs::new(&s.study, &s.runs))
        .collect();
    let learned: Vec<_> = all.iter().map(Runs::only_learned).collect();
    let claims = unique(
        studies
            .iter()
            .flat_map(|s| &s.study.hypotheses)
            .map(|c| &c.id),
    );
    let mut found = Vec::new();
    for id in claims {
        let mut declared = studies.iter().flat_map(|s| &s.study.hypotheses);
        let Some(claim) = declared.find(|claim| claim.id == *id) else {
            continue;
        };
        let over_all = pool_claim(id, &all)?;
        let over_learned =
            pool_claim(id, &learned)?.filter(|pooled| Some(pooled) != over_all.as_ref());
        for (is_learned_only, pooled) in [(false, over_all), (true, over_learned)] {
            found.extend(pooled.map(|pooled| Pooled {
                id,
                claim: &claim.claim,
                smallest_effect: claim.smallest_effect,
                is_learned_only,
                pooled,
            }));
        }
    }
    Ok(found)
}

/// Returns the table `pooled.csv`.
pub(super) fn csv(pooled: &[Pooled]) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("id", |p: &&Pooled| p.id.into()),
        Column::new("claim", |p| spreadsheet(p.claim).into()),
        Column::new("runs", |p| runs_text(p).into()),
        Column::new("studies", |p| p.pooled.studies.len().into()),
        Column::new("roots", |p| p.pooled.roots.into()),
        Column::new("effect", |p| p.pooled.effect.mean.into()),
        Column::new("ci_low", |p| p.pooled.effect.interval.low.into()),
        Column::new("ci_high", |p| p.pooled.effect.interval.high.into()),
        Column::new("prediction_low", |p| {
            p.pooled.effect.prediction.map(|i| i.low).into()
        }),
        Column::new("prediction_high", |p| {
            p.pooled.effect.prediction.map(|i| i.high).into()
        }),
        Column::new("between_sd", |p| p.pooled.effect.between_sd.into()),
        Column::new("i_squared", |p| p.pooled.effect.i_squared.into()),
        Column::new("p", |p| p.pooled.effect.p.into()),
        Column::new("smallest_effect", |p| p.smallest_effect.into()),
    ];
    CsvFile::new("pooled", &columns, pooled.iter())
}

/// Returns the section of the page; nothing if the studies share no claim.
pub(super) fn section(studies: &[ComparedStudy], pooled: &[Pooled]) -> Markup {
    if pooled.is_empty() {
        return html! {};
    }
    let shares_roots = pooled
        .iter()
        .any(|p| p.pooled.roots < p.pooled.studies.len());
    html! {
        h2 { "Pooled over the studies" }
        p.note {
            "Random-effects model: the true effect differs between studies. Pooled effect with its 95% interval (Hartung and Knapp), and the 95% prediction interval for the true effect of a new study. Each study enters with its mean over seeds and the standard error over seeds. Exploratory: no claim was declared about the pooled effect. In the figures, dots are studies with all of their runs and intervals over seeds, the diamond is the pooled effect with its interval, the dashed line the prediction interval, and the band lies within the smallest effect size of interest."
            @if shares_roots { " Some studies have the same root seed: their errors are not independent, and the intervals are too narrow." }
        }
        div.scroll tabindex="0" role="group" aria-label="Pooled effects" { (table(pooled)) }
        @for p in pooled.iter().filter(|p| !p.is_learned_only) {
            figure.drawing {
                figcaption { (p.id) ": " (prose(p.claim)) }
                (PreEscaped(figure(studies, p)))
            }
        }
    }
}

fn table(pooled: &[Pooled]) -> Markup {
    let heads = [
        "claim",
        "runs",
        "studies (root seeds)",
        "pooled effect",
        "prediction interval",
        "SD between studies",
        "I²",
        "p",
    ];
    html! {
        table {
            thead { tr { @for head in heads { th scope="col" { (head) } } } }
            tbody {
                @for p in pooled {
                    @let effect = &p.pooled.effect;
                    tr {
                        th scope="row" { (p.id) }
                        td { (runs_text(p)) }
                        td { (p.pooled.studies.len()) " (" (p.pooled.roots) ")" }
                        td { (with_interval(effect.mean, Some(effect.interval))) }
                        td {
                            @match effect.prediction {
                                Some(i) => { "[" (format_number(i.low)) ", " (format_number(i.high)) "]" }
                                None => { (MISSING) }
                            }
                        }
                        td { (format_number(effect.between_sd)) }
                        td { (format!("{:.0}%", 100.0 * effect.i_squared)) }
                        td { (format_p_value(effect.p)) }
                    }
                }
            }
        }
    }
}

fn figure(studies: &[ComparedStudy], p: &Pooled) -> String {
    let row = |i: &usize| {
        let verdict = studies[*i].verdicts.iter().find(|v| v.id == p.id)?;
        Some(ForestRow {
            name: &studies[*i].label,
            effect: verdict.effect?,
            interval: verdict.interval,
        })
    };
    let rows: Vec<_> = p.pooled.studies.iter().filter_map(row).collect();
    let title = format!("Effects of {} over studies", p.id);
    forest(&title, &rows, &p.pooled.effect, p.smallest_effect)
}

fn runs_text(p: &Pooled) -> &'static str {
    match p.is_learned_only {
        true => "learned",
        false => "all",
    }
}
