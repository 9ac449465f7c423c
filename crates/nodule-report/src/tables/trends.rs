//! Trends over a setting, and each claim's difference at each of its values.

use nodule_study::csv::{Column, CsvFile};
use nodule_study::text::{format_number, format_p_value};

use super::Table;
use super::cells::{NONE, bracketed, interval_text, texts};
use super::escape::spreadsheet;
use super::source::{Key, Source};
use crate::Error;
use nodule_analysis::equal_loss::Moment;
use nodule_analysis::sweep_differences::SweepDifference;
use nodule_analysis::trends::TrendVerdict;

/// `trends.csv`: one row a trend.
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

/// One row a trend, for people.
pub(crate) fn table(verdicts: &[TrendVerdict]) -> Table {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| NONE.to_owned());
    let row = |v: &TrendVerdict| {
        vec![
            v.trend.id.clone(),
            v.trend.claim.clone(),
            v.measure.clone(),
            or_none(v.evidence.effect.map(format_number)),
            interval_text(v.evidence.interval),
            or_none(v.evidence.p.map(format_p_value)),
            or_none(v.evidence.p.map(|_| format_p_value(v.p_holm))),
            v.evidence.n.to_string(),
            v.ruling.text().to_owned(),
        ]
    };
    Table {
        source: Source {
            file: "trends",
            keys: vec![("id", Key::Column(0))],
            first: 3,
        },
        name: "trends".into(),
        caption: "Trends, declared before the run: the slope of a claim's difference over doublings of a setting, by least squares in each seed. Mean with its 95% bootstrap interval over n training seeds; p of a sign-flip test, and corrected by Holm over all trends.".into(),
        header: texts(&["", "claim", "measure", "slope", "95% interval", "p", "p (Holm)", "n", "verdict"]),
        rows: verdicts.iter().map(row).collect(),
    }
}

/// `along.csv`: one row a setting, value of it, claim and place where the runs are compared.
pub(crate) fn csv_along(points: &[SweepDifference]) -> Result<CsvFile, Error> {
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

/// One row a claim and value of the setting, one column a moment.
pub(crate) fn table_along(over: &str, points: &[SweepDifference]) -> Table {
    let ends = points.iter().filter(|p| p.moment == Moment::End);
    let rows = ends.map(|end| {
        let cell = |moment: Moment| {
            let same = |p: &&SweepDifference| {
                p.claim.id == end.claim.id && p.value == end.value && p.moment == moment
            };
            let found = points.iter().find(same);
            let text = found.and_then(|p| {
                Some(bracketed(
                    p.evidence.effect?,
                    p.evidence.interval,
                    p.evidence.n,
                ))
            });
            text.unwrap_or_else(|| NONE.to_owned())
        };
        let head = vec![
            end.claim.id.clone(),
            end.measure.clone(),
            end.value.to_string(),
        ];
        [head, Moment::ALL.map(cell).to_vec()].concat()
    });
    Table {
        source: Source::whole("along", 3),
        name: format!("along-{over}"),
        caption: format!(
            "Each claim's difference at each value of {over}, where training ends, and at the first epochs of equal validation loss and of equal validation accuracy, which are seen on the fewer latents of the timeline: with 95% bootstrap intervals over (n) seeds. What is there at the end and gone at equal accuracy is a difference in how much was learned, not in what."
        ),
        header: [
            texts(&["", "measure", over]),
            Moment::ALL.map(|m| m.title().to_owned()).to_vec(),
        ]
        .concat(),
        rows: rows.collect(),
    }
}
