//! Every claim in every setting, and the shares of settings in which each verdict holds.

use nodule_study::Study;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::text::format_number;

use super::Table;
use super::cells::{NONE, texts};
use super::source::{Key, Source};
use super::verdicts::{high, low};
use crate::Error;
use nodule_analysis::Ruling;
use nodule_analysis::multiverse::{ClaimShares, Outcome};

/// `multiverse.csv`: one row a claim, variant and read-out.
pub(crate) fn csv(outcomes: &[Outcome]) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("variant", |o: &&Outcome| (&o.variant).into()),
        Column::new("readout", |o| o.read_out.map(|r| r.to_string()).into()),
        Column::new("id", |o| (&o.verdict.id).into()),
        Column::new("effect", |o| o.verdict.effect.into()),
        Column::new("ci_low", |o| low(&o.verdict)),
        Column::new("ci_high", |o| high(&o.verdict)),
        Column::new("p", |o| o.verdict.p.into()),
        Column::new("p_holm", |o| o.verdict.p_holm.into()),
        Column::new("n", |o| o.verdict.n.into()),
        Column::new("verdict", |o| o.verdict.ruling.text().into()),
    ];
    CsvFile::new("multiverse", &columns, outcomes)
}

/// One row a claim, for people.
pub(crate) fn table(study: &Study, shares: &[ClaimShares]) -> Table {
    let row = |shares: &ClaimShares| {
        let share = |n: usize| {
            let percent = 100.0 * n as f64 / shares.settings.max(1) as f64;
            format!("{percent:.0}% ({n})")
        };
        let effects = shares
            .effects
            .map(|e| e.map_or(NONE.to_owned(), format_number));
        let head = [
            shares.claim.id.clone(),
            shares.claim.claim.clone(),
            shares.declared.map_or(NONE, Ruling::text).to_owned(),
        ];
        let tail = vec![effects.join(", "), shares.settings.to_string()];
        [head.to_vec(), shares.counts.map(share).to_vec(), tail].concat()
    };
    let rulings = Ruling::ALL.map(Ruling::text);
    Table {
        source: Source {
            file: "multiverse",
            keys: vec![("id", Key::Column(0))],
            first: 2,
        },
        name: "multiverse".into(),
        caption: format!(
            "The multiverse: every claim judged again with one of our choices changed, under every read-out that all losses have; up to {} seeds a setting, Holm within each. Share (number) of settings by verdict, and the least, median and greatest effect.",
            study.seeds
        ),
        header: [
            texts(&["", "claim", "as declared"]),
            texts(&rulings),
            texts(&["effect: least, median, greatest", "settings"]),
        ]
        .concat(),
        rows: shares.iter().map(row).collect(),
    }
}
