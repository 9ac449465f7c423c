//! How do the losses' differences change with a setting, such as the number of images?

use super::{Section, Topic};
use crate::Error;
use crate::analysis::along::along;
use crate::analysis::ruling::Ruling;
use crate::analysis::sweep::{sweep, swept};
use crate::analysis::trends::{TrendVerdict, judge_trends};
use crate::analysis::variants::VariantRuns;
use crate::analysis::{Runs, endpoint::claimed_tests};
use crate::figures::along::{differences, levels};
use crate::tables::foretold::{costs, held, predictors};
use crate::tables::trends::{csv, csv_along, table, table_along};

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
    for over in swept(study) {
        let sweep = sweep(over, variants).beside_outlines(outlines);
        let points = along(study, &sweep)?;
        section
            .tables
            .push((Topic::Depends, table_along(over, &points)));
        let places: Vec<_> = sweep
            .at
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
            .read_out()
            .map(|read_out| levels(study, &sweep, &claimed_tests(runs), read_out));
        let drawn = [
            differences(study, &sweep, &points),
            levels.transpose()?.flatten(),
        ];
        let drawn = drawn.into_iter().flatten();
        section
            .figures
            .extend(drawn.map(|figure| (Topic::Depends, figure)));
        all.extend(points);
    }
    section.files.push(csv_along(&all)?);
    Ok(section)
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
