//! Multiverse analysis: every claim in every setting, and the share of settings with each verdict.

use nodule_analysis::Ruling;
use nodule_analysis::multiverse::{ClaimShares, Outcome};
use nodule_study::Study;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::text::format_number;

use super::formatting::{MISSING, optional, strings};
use super::{Source, Table};
use crate::Error;

/// Returns `multiverse.csv`: one row per claim, variant and classifier.
pub(crate) fn csv(outcomes: &[Outcome]) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("variant", |o: &&Outcome| (&o.variant).into()),
        Column::new("readout", |o| o.read_out.map(|r| r.to_string()).into()),
        Column::new("id", |o| (&o.verdict.id).into()),
        Column::new("effect", |o| o.verdict.effect.into()),
        Column::new("ci_low", |o| o.verdict.interval.map(|i| i.low).into()),
        Column::new("ci_high", |o| o.verdict.interval.map(|i| i.high).into()),
        Column::new("p", |o| o.verdict.p.into()),
        Column::new("p_holm", |o| o.verdict.p_holm.into()),
        Column::new("n", |o| o.verdict.n.into()),
        Column::new("verdict", |o| o.verdict.ruling.text().into()),
    ];
    CsvFile::new("multiverse", &columns, outcomes)
}

/// Returns a table with one row per claim.
pub(crate) fn table(study: &Study, shares: &[ClaimShares]) -> Table {
    let if_counted = |(ruling, n): (Ruling, usize)| (n > 0).then_some(ruling);
    let counted = shares
        .iter()
        .flat_map(|s| Ruling::ALL.into_iter().zip(s.counts));
    let listed: Vec<Ruling> = Ruling::list_occurring(counted.filter_map(if_counted)).collect();
    let row = |shares: &ClaimShares| {
        let share = |n: usize| {
            let percent = 100.0 * n as f64 / shares.settings.max(1) as f64;
            format!("{percent:.0}% ({n})")
        };
        let effects = shares.effects.map(|effect| optional(effect, format_number));
        let head = [
            shares.claim.id.clone(),
            shares.claim.claim.clone(),
            shares.declared.map_or(MISSING, Ruling::text).to_owned(),
        ];
        let tail = vec![effects.join(", "), shares.settings.to_string()];
        // Refuted, which may not be listed, is the last verdict.
        let counts = shares.counts.iter().take(listed.len());
        [head.to_vec(), counts.map(|n| share(*n)).collect(), tail].concat()
    };
    Table {
        name: "multiverse".into(),
        caption: format!(
            "Multiverse analysis. Every claim, judged again with one design choice changed and with every classifier that all losses have; up to {} seeds per setting, Holm correction within each setting. Share (number) of settings by verdict; smallest, median and largest effect.",
            study.seeds
        ),
        header: [
            strings(&["", "claim", "as declared"]),
            listed
                .iter()
                .map(|ruling| ruling.text().to_owned())
                .collect(),
            strings(&["effect: smallest, median, largest", "settings"]),
        ]
        .concat(),
        rows: shares.iter().map(row).collect(),
        source: Source::new("multiverse", &["id"]),
    }
}
