//! The claims and what the runs say of them.

use nodule_study::csv::{Cell, Column, CsvFile};
use nodule_study::text::{format_number, format_p_value};

use super::Table;
use super::cells::{NONE, interval_text, texts};
use super::escape::spreadsheet;
use super::source::{Key, Source};
use crate::Error;
use nodule_analysis::Verdict;

/// `hypotheses.csv`: one row a claim.
pub(crate) fn csv(verdicts: &[Verdict]) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("id", |v: &&Verdict| (&v.id).into()),
        Column::new("claim", |v| spreadsheet(&v.claim).into()),
        Column::new("effect", |v| v.effect.into()),
        Column::new("ci_low", |v| low(v)),
        Column::new("ci_high", |v| high(v)),
        Column::new("p", |v| v.p.into()),
        Column::new("p_holm", |v| v.p_holm.into()),
        Column::new("n", |v| v.n.into()),
        Column::new("verdict", |v| v.ruling.text().into()),
        Column::new("runs", |v| v.coverage.runs.into()),
        // Nothing to expect of controls: the field is empty.
        Column::new("not_learned", |v| {
            (!v.coverage.is_control)
                .then(|| v.coverage.not_learned())
                .into()
        }),
        Column::new("verdict_learned_only", |v| {
            v.ruling_learned_only().text().into()
        }),
    ];
    CsvFile::new("hypotheses", &columns, verdicts)
}

/// The lower end of a verdict's interval.
pub(super) fn low(verdict: &Verdict) -> Cell {
    verdict.interval.map(|i| i.low).into()
}

/// The upper end of it.
pub(super) fn high(verdict: &Verdict) -> Cell {
    verdict.interval.map(|i| i.high).into()
}

/// One row a claim, for people.
pub(crate) fn table(verdicts: &[Verdict]) -> Table {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| NONE.to_owned());
    let row = |v: &Verdict| {
        vec![
            v.id.clone(),
            v.claim.clone(),
            v.measure.clone(),
            or_none(v.effect.map(format_number)),
            interval_text(v.interval),
            or_none(v.standardised.map(format_number)),
            or_none(v.p.map(format_p_value)),
            or_none(v.p_holm.map(format_p_value)),
            v.n.to_string(),
            v.ruling_text(),
        ]
    };
    Table {
        source: Source {
            file: "hypotheses",
            keys: vec![("id", Key::Column(0))],
            first: 3,
        },
        name: "hypotheses".into(),
        caption: "Claims, declared before the run. Effect with its 95% bootstrap interval over n training seeds; dz: the effect in standard deviations of its paired values over seeds (Cohen's); p two-sided, and corrected by Holm over all claims.".into(),
        header: texts(&["", "claim", "measure", "effect", "95% interval", "dz", "p", "p (Holm)", "n", "verdict"]),
        rows: verdicts.iter().map(row).collect(),
    }
}
