//! `explorer.csv`: what every network decides at every point of the square of shape and texture.

use nodule_study::csv::{Column, CsvFile};
use nodule_study::records::{Explored, SquareView};

use crate::Error;
use crate::analysis::square::{levels, shown_order};

/// One network at one point.
struct Row<'a> {
    train: &'a str,
    network: &'a Explored,
    level: (f64, f64),
    decision: f64,
}

/// One row a network and point, in the order in which the page shows them.
pub(crate) fn csv(square: &SquareView) -> Result<CsvFile, Error> {
    let points = square.points;
    let rows = square.networks.iter().flat_map(|network| {
        let decided = shown_order(points).filter_map(|p| Some((p, network.decisions.get(p)?)));
        decided.map(|(point, decision)| Row {
            train: &square.train,
            network,
            level: levels(points, point),
            decision: *decision,
        })
    });
    let columns = [
        Column::new("train", |row: &Row| row.train.into()),
        Column::new("loss", |row| (&row.network.loss).into()),
        Column::new("readout", |row| row.network.read_out.to_string().into()),
        Column::new("shape", |row| row.level.0.into()),
        Column::new("texture", |row| row.level.1.into()),
        Column::new("decision", |row| row.decision.into()),
    ];
    CsvFile::new("explorer", &columns, rows)
}
