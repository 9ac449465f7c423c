//! The claims with their evidence and verdicts.

use nodule_analysis::{Runs, Verdict};
use nodule_study::csv::{Column, CsvFile};
use nodule_study::text::{format_number, format_p_value};

use super::escape::spreadsheet;
use super::formatting::{interval_text, optional, strings};
use super::{Source, Table};
use crate::Error;

/// Returns `hypotheses.csv`: one row per claim.
pub(crate) fn csv(verdicts: &[Verdict]) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("id", |v: &&Verdict| (&v.id).into()),
        Column::new("claim", |v| spreadsheet(&v.claim).into()),
        Column::new("effect", |v| v.effect.into()),
        Column::new("ci_low", |v| v.interval.map(|i| i.low).into()),
        Column::new("ci_high", |v| v.interval.map(|i| i.high).into()),
        Column::new("p", |v| v.p.into()),
        Column::new("p_holm", |v| v.p_holm.into()),
        Column::new("n", |v| v.n.into()),
        Column::new("verdict", |v| v.ruling.text().into()),
        Column::new("runs", |v| v.coverage.runs.into()),
        // Empty for controls, which are expected not to learn.
        Column::new("not_learned", |v| {
            (!v.coverage.is_control)
                .then(|| v.coverage.not_learned())
                .into()
        }),
        Column::new("verdict_learned_only", |v| {
            v.ruling_learned_only().text().into()
        }),
        Column::new("p_equivalence", |v| v.equivalence.map(|e| e.p).into()),
        Column::new("equivalence_power", |v| {
            v.equivalence.map(|e| e.power).into()
        }),
    ];
    CsvFile::new("hypotheses", &columns, verdicts)
}

/// Returns a table with one row per claim; `None` for external models without claims.
pub(crate) fn table(runs: &Runs, verdicts: &[Verdict]) -> Option<Table> {
    if runs.external && verdicts.is_empty() {
        return None;
    }
    let row = |v: &Verdict| {
        vec![
            v.id.clone(),
            v.claim.clone(),
            v.measure.clone(),
            optional(v.effect, format_number),
            interval_text(v.interval),
            optional(v.standardised, format_number),
            optional(v.p, format_p_value),
            optional(v.p_holm, format_p_value),
            v.n.to_string(),
            v.ruling_text(),
        ]
    };
    let (title, seeds) = match runs.external {
        true => ("Claims", "seeds"),
        false => ("Claims, declared before the runs", "training seeds"),
    };
    Some(Table {
        name: "hypotheses".into(),
        caption: format!(
            "{title}. Effect with its 95% bootstrap interval over n {seeds}; dz: Cohen's dz, the effect in standard deviations of its paired values over seeds; p two-sided, and corrected by Holm over all claims."
        ),
        header: strings(&[
            "",
            "claim",
            "measure",
            "effect",
            "95% interval",
            "dz",
            "p",
            "p (Holm)",
            "n",
            "verdict",
        ]),
        rows: verdicts.iter().map(row).collect(),
        source: Source::new("hypotheses", &["id"]),
    })
}
