//! Power analysis: number of training seeds that a difference between losses needs.

use nodule_analysis::power::{DIFFERENCES, PairedSd};
use nodule_eval::ReadOut;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::text::format_number;

use super::formatting::{MISSING, strings};
use super::{Source, Table};
use crate::Error;
use crate::text::classifier;

/// A difference between two losses, with the seeds that it needs.
struct Row<'a> {
    pair: &'a PairedSd,
    difference: f64,
    needed: Option<usize>,
}

/// Returns `power.csv`: one row per pair of losses, endpoint and difference.
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

/// Returns a table with one row per pair of losses and endpoint.
pub(crate) fn table(pairs: &[PairedSd], read_out: ReadOut) -> Table {
    let row = |pair: &PairedSd| {
        let needed = pair.needed.iter();
        let needed = needed.map(|n| n.map_or(MISSING.to_owned(), |n| n.to_string()));
        let (sd, n) = (format_number(pair.sd), pair.n.to_string());
        let head = strings(&[&pair.train, &pair.losses, &pair.measure, &sd, &n]);
        [head, needed.collect()].concat()
    };
    let first = [
        "training set",
        "losses",
        "measure",
        "SD of the difference",
        "n",
    ];
    let seeds = DIFFERENCES.map(|d| format!("seeds for {d}"));
    Table {
        name: "power".into(),
        caption: format!(
            "Power analysis. Smallest number of training seeds with which a two-sided paired t test at level 0.05 detects a true difference of the given size with power 0.8, from the standard deviation of the paired difference over the n seeds of this study, {}. Not corrected for multiple claims.",
            classifier(read_out)
        ),
        header: [strings(&first), seeds.to_vec()].concat(),
        rows: pairs.iter().map(row).collect(),
        source: Source::new("power", &["train", "losses", "measure"]),
    }
}
