//! How many seeds a difference needs, in rows.

use nodule_eval::ReadOut;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::text::format_number;

use super::Table;
use super::cells::{NONE, texts};
use super::source::{Key, Source};
use crate::Error;
use nodule_analysis::power::{DIFFERENCES, PairedSd};

/// One difference of one pair of losses.
struct Row<'a> {
    pair: &'a PairedSd,
    difference: f64,
    needed: Option<usize>,
}

/// `power.csv`: one row a pair of losses, endpoint and difference.
pub(crate) fn csv(pairs: &[PairedSd]) -> Result<CsvFile, Error> {
    let rows = pairs.iter().flat_map(|pair| {
        let seeds = DIFFERENCES.into_iter().zip(&pair.needed);
        seeds.map(move |(difference, needed)| Row {
            pair,
            difference,
            needed: *needed,
        })
    });
    let columns = [
        Column::new("train", |row: &Row| (&row.pair.train).into()),
        Column::new("losses", |row| (&row.pair.losses).into()),
        Column::new("measure", |row| (&row.pair.measure).into()),
        Column::new("sd_of_difference", |row| row.pair.sd.into()),
        Column::new("n", |row| row.pair.n.into()),
        Column::new("difference", |row| row.difference.into()),
        Column::new("seeds_needed", |row| row.needed.into()),
    ];
    CsvFile::new("power", &columns, rows)
}

/// One row a pair of losses and endpoint, for people; under `read_out`.
pub(crate) fn table(pairs: &[PairedSd], read_out: ReadOut) -> Table {
    let row = |pair: &PairedSd| {
        let needed = pair.needed.iter();
        let needed = needed.map(|n| n.map_or(NONE.to_owned(), |n| n.to_string()));
        let head = vec![
            pair.train.clone(),
            pair.losses.clone(),
            pair.measure.clone(),
            format_number(pair.sd),
            pair.n.to_string(),
        ];
        [head, needed.collect()].concat()
    };
    let seeds = DIFFERENCES.map(|d| format!("seeds for {d}"));
    Table {
        source: Source {
            file: "power",
            keys: vec![
                ("train", Key::Column(0)),
                ("losses", Key::Column(1)),
                ("measure", Key::Column(2)),
            ],
            first: 3,
        },
        name: "power".into(),
        caption: format!(
            "How many seeds a difference between two losses needs: the fewest with which a two-sided paired t test at 0.05 finds a true difference of that size with a chance of 80%, from the standard deviation over seeds of the difference seen here (n of them; {read_out} read-out). Before any correction for several claims."
        ),
        header: [
            texts(&["train", "losses", "measure", "SD of the difference", "n"]),
            seeds.to_vec(),
        ]
        .concat(),
        rows: pairs.iter().map(row).collect(),
    }
}
