//! How many seeds a difference needs: for the reader's own study.

use nodule_eval::{mean_sd, pairs_needed};

use super::{endpoints, shared_read_outs};
use crate::Error;
use crate::csv_text::csv_bytes;
use crate::extra::Extra;
use crate::hypotheses::{differences, quantity};
use crate::numbers::number;
use crate::record::FinishedRun;
use crate::settings::{Arm, Endpoint, Study};
use crate::source::{Key, Source};
use crate::table::Table;
use crate::tables::{NONE, texts};

/// Of a two-sided paired t test.
const LEVEL: f64 = 0.05;
const POWER: f64 = 0.8;
/// Differences that seeds are counted for, in each endpoint's unit.
const DIFFERENCES: [f64; 4] = [0.01, 0.02, 0.05, 0.1];
/// Fewer pairs tell next to nothing of their spread.
const FEWEST_PAIRS: usize = 3;

/// How paired differences of one number spread over seeds.
struct Row {
    train: String,
    losses: String,
    measure: String,
    sd: f64,
    n: usize,
    needed: Vec<Option<usize>>,
}

/// The first loss against every other one, under the first read-out that all have.
pub(super) fn extra(study: &Study, runs: &[FinishedRun]) -> Result<Extra, Error> {
    let rows = rows(study, runs);
    if rows.is_empty() {
        return Ok(Extra::default());
    }
    let csv = rows.iter().flat_map(|row| {
        let seeds = DIFFERENCES.iter().zip(&row.needed);
        seeds.map(move |(difference, needed)| {
            let key = (&row.train, &row.losses, &row.measure, row.sd, row.n);
            (key, *difference, *needed)
        })
    });
    Ok(Extra {
        csv: vec![("power".into(), csv_bytes("power", &COLUMNS, csv)?)],
        tables: vec![table(study, &rows)],
        ..Extra::default()
    })
}

fn rows(study: &Study, runs: &[FinishedRun]) -> Vec<Row> {
    let (Some(first), Some(&read_out)) = (study.losses.first(), shared_read_outs(study).first())
    else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    for train in &study.train {
        for other in &study.losses[1..] {
            for endpoint in endpoints(runs) {
                let arm = |loss: &String| Arm {
                    loss: loss.clone(),
                    read_out,
                };
                let found = differences(study, runs, train, &endpoint, (&arm(first), &arm(other)));
                rows.extend(row(train, format!("{first}, {other}"), &endpoint, &found));
            }
        }
    }
    rows
}

fn row(train: &str, losses: String, endpoint: &Endpoint, found: &[f64]) -> Option<Row> {
    let (_, sd) = mean_sd(found)?;
    let sd = sd.filter(|sd| *sd > 0.0 && found.len() >= FEWEST_PAIRS)?;
    Some(Row {
        train: train.to_owned(),
        losses,
        measure: quantity(endpoint),
        sd,
        n: found.len(),
        needed: DIFFERENCES
            .iter()
            .map(|d| pairs_needed(*d, sd, POWER, LEVEL))
            .collect(),
    })
}

fn table(study: &Study, rows: &[Row]) -> Table {
    let row = |row: &Row| {
        let needed = row.needed.iter();
        let needed = needed.map(|n| n.map_or(NONE.to_owned(), |n| n.to_string()));
        let head = vec![
            row.train.clone(),
            row.losses.clone(),
            row.measure.clone(),
            number(row.sd),
            row.n.to_string(),
        ];
        [head, needed.collect()].concat()
    };
    let read_out = shared_read_outs(study).first().map(ToString::to_string);
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
            "How many seeds a difference between two losses needs: the fewest with which a two-sided paired t test at 0.05 finds a true difference of that size with a chance of 80%, from the standard deviation over seeds of the difference seen here (n of them; {} read-out). Before any correction for several claims.",
            read_out.unwrap_or_default()
        ),
        header: [
            texts(&["train", "losses", "measure", "SD of the difference", "n"]),
            DIFFERENCES
                .iter()
                .map(|d| format!("seeds for {d}"))
                .collect(),
        ]
        .concat(),
        rows: rows.iter().map(row).collect(),
    }
}

const COLUMNS: [&str; 7] = [
    "train",
    "losses",
    "measure",
    "sd_of_difference",
    "n",
    "difference",
    "seeds_needed",
];
