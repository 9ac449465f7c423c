//! How do the losses' differences change with a setting, such as the number of images?

use nodule_study::Study;

use super::{Section, Topic};
use crate::Error;
use crate::figures::along::{differences, levels};
use crate::tables::foretold::predictors;
use crate::tables::held::{costs, held};
use crate::tables::trends::{csv, csv_along, table, table_along};
use nodule_analysis::Ruling;
use nodule_analysis::judge_all_runs;
use nodule_analysis::sweep::{Sweep, format_thousands, sweep_settings};
use nodule_analysis::sweep_differences::sweep_differences;
use nodule_analysis::trends::{TrendVerdict, judge_trends};
use nodule_analysis::variants::VariantRuns;
use nodule_analysis::{Runs, endpoints::claimed_tests};

/// Figures, tables and verdicts; nothing unless the study claims trends.
pub(super) fn section(
    runs: &Runs,
    variants: &[VariantRuns],
    outlines: usize,
) -> Result<Section, Error> {
    let study = runs.study;
    if study.trends.is_empty() {
        return Ok(Section::default());
    }
    let verdicts = judge_trends(study, variants)?;
    let mut section = Section {
        answers: vec![(Topic::Depends, answer(&verdicts))],
        tables: vec![(Topic::Depends, table(&verdicts))],
        files: vec![csv(&verdicts)?],
        ..Section::default()
    };
    let mut all = Vec::new();
    for over in sweep_settings(study) {
        let sweep = Sweep::new(over, variants).with_outline_mark(outlines);
        let points = sweep_differences(study, &sweep)?;
        section
            .tables
            .push((Topic::Depends, table_along(over, &points)));
        let places: Vec<_> = sweep
            .points
            .iter()
            .map(|(value, runs)| (value.to_string(), *runs))
            .collect();
        let tables = [
            (Topic::Depends, predictors(over, &places)?),
            (Topic::Embedding, held(over, &places)?),
            (Topic::Embedding, costs(over, &places)?),
        ];
        let tables = tables.into_iter();
        section
            .tables
            .extend(tables.filter_map(|(topic, table)| Some((topic, table?))));
        let levels = runs
            .main_read_out()
            .map(|read_out| levels(study, &sweep, &claimed_tests(runs), read_out));
        let along = supported_along(study, &sweep)?;
        section = section.and(Section {
            along,
            result: differences(study, &sweep, &points),
            ..Section::default()
        });
        let levels = levels.transpose()?.flatten();
        section
            .figures
            .extend(levels.map(|figure| (Topic::Depends, figure)));
        all.extend(points);
    }
    section.files.push(csv_along(&all)?);
    Ok(section)
}

/// At which values of the setting each claim is supported, each judged there by itself, Holm over the claims.
fn supported_along(study: &Study, sweep: &Sweep) -> Result<String, Error> {
    let mut supported = vec![Vec::new(); study.hypotheses.len()];
    for (value, runs) in &sweep.points {
        for (of_claim, verdict) in supported
            .iter_mut()
            .zip(judge_all_runs(&study.hypotheses, runs)?)
        {
            if verdict.ruling == Ruling::Supported {
                of_claim.push(format_thousands(*value));
            }
        }
    }
    let said = study
        .hypotheses
        .iter()
        .zip(&supported)
        .map(|(claim, at)| match at.as_slice() {
            [] => format!("{} nowhere", claim.id),
            at => format!("{} at {}", claim.id, at.join(", ")),
        });
    let n = sweep.points.len();
    Ok(format!(
        "Judged at each of the {n} values of {}, supported: {}.",
        sweep.over,
        said.collect::<Vec<_>>().join("; ")
    ))
}

/// Which differences change, in a sentence.
fn answer(verdicts: &[TrendVerdict]) -> String {
    let of = |ruling: Ruling| {
        let own = verdicts.iter().filter(|v| v.ruling == ruling);
        let ids: Vec<_> = own
            .map(|v| format!("{} (of {})", v.trend.id, v.trend.of))
            .collect();
        (!ids.is_empty()).then(|| format!("{ruling}: {}", ids.join(", ")))
    };
    let all: Vec<_> = Ruling::ALL.into_iter().filter_map(of).collect();
    format!(
        "Whether a difference changes with the setting: {}.",
        all.join("; ")
    )
}
