//! Trends: change of the differences between losses along a setting, such as the number of training images.

use nodule_analysis::Ruling;
use nodule_analysis::Runs;
use nodule_analysis::endpoints::claimed_tests;
use nodule_analysis::judge_all_runs;
use nodule_analysis::sweep::{Sweep, format_thousands, sweep_settings};
use nodule_analysis::sweep_differences::sweep_differences;
use nodule_analysis::trends::{TrendVerdict, judge_trends};
use nodule_analysis::variants::VariantRuns;
use nodule_study::Study;

use super::Content;
use crate::Error;
use crate::figures::sweep::{differences, levels};
use crate::tables::decodability_sweep::{costs, decodability};
use crate::tables::early_predictors;
use crate::tables::trends::{csv, sweep_csv, sweep_table, table};
use crate::text::list;
use crate::topic::Topic;

/// Returns figures, tables and verdicts; empty unless the study declares trends.
pub(super) fn content(
    runs: &Runs,
    variants: &[VariantRuns],
    outlines: usize,
) -> Result<Content, Error> {
    let study = runs.study;
    if study.trends.is_empty() {
        return Ok(Content::default());
    }
    let verdicts = judge_trends(study, variants)?;
    let mut content = Content {
        key_findings: vec![(Topic::Robustness, trend_verdicts(&verdicts))],
        tables: vec![(Topic::Robustness, table(&verdicts))],
        files: vec![csv(&verdicts)?],
        ..Content::default()
    };
    let mut all_points = Vec::new();
    for over in sweep_settings(study) {
        let sweep = Sweep::new(over, variants).with_outline_mark(outlines);
        let points = sweep_differences(study, &sweep)?;
        let at: Vec<_> = sweep
            .points
            .iter()
            .map(|(value, runs)| (value.to_string(), *runs))
            .collect();
        let tables = [
            (Topic::Robustness, Some(sweep_table(over, &points))),
            (Topic::Robustness, early_predictors::table(over, &at)?),
            (Topic::Embedding, decodability(over, &at)?),
            (Topic::Embedding, costs(over, &at)?),
        ];
        let levels = runs
            .main_read_out()
            .map(|read_out| levels(study, &sweep, &claimed_tests(runs), read_out))
            .transpose()?
            .flatten();
        content = content.and(Content {
            supported_along: supported_along(study, &sweep)?,
            main_result: differences(study, &sweep, &points),
            figures: levels
                .map(|figure| (Topic::Robustness, figure))
                .into_iter()
                .collect(),
            tables: tables
                .into_iter()
                .filter_map(|(topic, table)| Some((topic, table?)))
                .collect(),
            ..Content::default()
        });
        all_points.extend(points);
    }
    content.files.push(sweep_csv(&all_points)?);
    Ok(content)
}

/// Returns the values of the setting at which each claim is supported, with Holm correction over the claims at each
/// value.
fn supported_along(study: &Study, sweep: &Sweep) -> Result<String, Error> {
    let mut supported = vec![Vec::new(); study.hypotheses.len()];
    for (value, runs) in &sweep.points {
        let verdicts = judge_all_runs(&study.hypotheses, runs)?;
        for (values, verdict) in supported.iter_mut().zip(verdicts) {
            if verdict.ruling == Ruling::Supported {
                values.push(format_thousands(*value));
            }
        }
    }
    let claims = study.hypotheses.iter().zip(&supported);
    let parts: Vec<_> = claims
        .map(|(claim, values)| match values.as_slice() {
            [] => format!("{} at none", claim.id),
            // Values have commas themselves.
            values => format!("{} at {}", claim.id, values.join(" and ")),
        })
        .collect();
    Ok(format!(
        "Claims supported at each of the {} values of {}: {}.",
        sweep.points.len(),
        sweep.over,
        parts.join("; ")
    ))
}

/// Returns the trends by verdict.
fn trend_verdicts(verdicts: &[TrendVerdict]) -> String {
    let parts = Ruling::ALL.into_iter().filter_map(|ruling| {
        let own = verdicts.iter().filter(|v| v.ruling == ruling);
        let ids: Vec<_> = own
            .map(|v| format!("{} (of {})", v.trend.id, v.trend.of))
            .collect();
        (!ids.is_empty()).then(|| format!("{ruling}: {}", list(&ids)))
    });
    format!(
        "Trends of the differences along the setting, by verdict: {}.",
        parts.collect::<Vec<_>>().join("; ")
    )
}
