//! Trends along a setting, and the difference of each claim at each of its values.

use nodule_analysis::equal_loss::Moment;
use nodule_analysis::sweep_differences::SweepDifference;
use nodule_analysis::trends::TrendVerdict;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::text::{format_number, format_p_value};

use super::escape::spreadsheet;
use super::formatting::{MISSING, interval_and_n, interval_text, optional, strings};
use super::{Source, Table};
use crate::Error;

/// Returns `trends.csv`: one row per trend.
pub(crate) fn csv(verdicts: &[TrendVerdict]) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("id", |v: &&TrendVerdict| (&v.trend.id).into()),
        Column::new("claim", |v| spreadsheet(&v.trend.claim).into()),
        Column::new("of", |v| (&v.trend.of).into()),
        Column::new("over", |v| (&v.trend.over).into()),
        Column::new("slope", |v| v.evidence.effect.into()),
        Column::new("ci_low", |v| v.evidence.interval.map(|i| i.low).into()),
        Column::new("ci_high", |v| v.evidence.interval.map(|i| i.high).into()),
        Column::new("p", |v| v.evidence.p.into()),
        Column::new("p_holm", |v| v.evidence.p.map(|_| v.p_holm).into()),
        Column::new("n", |v| v.evidence.n.into()),
        Column::new("verdict", |v| v.ruling.text().into()),
    ];
    CsvFile::new("trends", &columns, verdicts)
}

/// Returns a table with one row per trend.
pub(crate) fn table(verdicts: &[TrendVerdict]) -> Table {
    let row = |v: &TrendVerdict| {
        vec![
            v.trend.id.clone(),
            v.trend.claim.clone(),
            v.measure.clone(),
            optional(v.evidence.effect, format_number),
            interval_text(v.evidence.interval),
            optional(v.evidence.p, format_p_value),
            optional(v.evidence.p.map(|_| v.p_holm), format_p_value),
            v.evidence.n.to_string(),
            v.ruling.text().to_owned(),
        ]
    };
    Table {
        name: "trends".into(),
        caption: "Trends, declared before the runs. Slope of a claim's difference per doubling of a setting, by least squares within each seed: mean with its 95% bootstrap interval over n training seeds; p of a sign-flip test, and corrected by Holm over all trends.".into(),
        header: strings(&["", "claim", "measure", "slope", "95% interval", "p", "p (Holm)", "n", "verdict"]),
        rows: verdicts.iter().map(row).collect(),
        source: Source::new("trends", &["id"]),
    }
}

/// Returns `along.csv`: one row per setting, value, claim and moment of comparison.
pub(crate) fn sweep_csv(points: &[SweepDifference]) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("over", |p: &&SweepDifference| (&p.over).into()),
        Column::new("id", |p| (&p.claim.id).into()),
        Column::new("value", |p| p.value.into()),
        Column::new("compared_at", |p| p.moment.name().into()),
        Column::new("effect", |p| p.evidence.effect.into()),
        Column::new("ci_low", |p| p.evidence.interval.map(|i| i.low).into()),
        Column::new("ci_high", |p| p.evidence.interval.map(|i| i.high).into()),
        Column::new("p", |p| p.evidence.p.into()),
        Column::new("n", |p| p.evidence.n.into()),
    ];
    CsvFile::new("along", &columns, points)
}

/// Returns a table with one row per claim and value of the setting, one column per moment of comparison.
pub(crate) fn sweep_table(over: &str, points: &[SweepDifference]) -> Table {
    let ends = points.iter().filter(|p| p.moment == Moment::End);
    let rows = ends.map(|end| {
        let cell = |moment: Moment| {
            let is_same = |p: &&SweepDifference| {
                p.claim.id == end.claim.id && p.value == end.value && p.moment == moment
            };
            let evidence = points.iter().find(is_same).map(|p| &p.evidence);
            let text = evidence.and_then(|e| Some(interval_and_n(e.effect?, e.interval, e.n)));
            text.unwrap_or_else(|| MISSING.to_owned())
        };
        let head = strings(&[&end.claim.id, &end.measure, &end.value.to_string()]);
        [head, Moment::ALL.map(cell).to_vec()].concat()
    });
    Table {
        name: format!("along-{over}"),
        caption: format!(
            "Differences between losses along {over}. After training, and at the first epochs of equal validation loss and of equal validation accuracy (measured on the fewer latents of the timeline); 95% bootstrap intervals over training seeds (n). A difference after training that vanishes at equal accuracy reflects how much was learned, not what was learned."
        ),
        header: [
            strings(&["", "measure", over]),
            strings(&Moment::ALL.map(Moment::title)),
        ]
        .concat(),
        rows: rows.collect(),
        source: Source::new("along", &["id"]),
    }
}
