//! `explorer.csv`: what every network decides at every point of the square of shape and texture;
//! `explorer-maps.csv`: where its maps lie at the corners.

use nodule_study::csv::{Column, CsvFile};
use nodule_study::records::{CornerMaps, PlaneNetwork, PlaneNodule, PlaneView};

use crate::Error;
use nodule_analysis::plane::{CORNERS, display_order, point_levels};

/// One network and nodule at one point.
struct Row<'a> {
    network: &'a PlaneNetwork,
    nodule: &'a PlaneNodule,
    level: (f64, f64),
    decision: f64,
}

/// One row a network, nodule and point, in the order in which the page shows them.
pub(crate) fn csv(square: &PlaneView) -> Result<CsvFile, Error> {
    let points = square.points;
    let rows = square.networks.iter().flat_map(|network| {
        let of_nodules = network.decision_scores.chunks(points * points);
        let of_nodules = square.nodules.iter().zip(of_nodules);
        of_nodules.flat_map(move |(nodule, decisions)| {
            let decided = display_order(points).filter_map(|p| Some((p, decisions.get(p)?)));
            decided.map(move |(point, decision)| Row {
                network,
                nodule,
                level: point_levels(points, point),
                decision: *decision,
            })
        })
    });
    let columns = [
        Column::new("train", |row: &Row| (&row.network.train).into()),
        Column::new("loss", |row| (&row.network.loss).into()),
        Column::new("seed", |row| row.network.seed.into()),
        Column::new("readout", |row| row.network.read_out.to_string().into()),
        Column::new("nodule", |row| row.nodule.cell.to_string().into()),
        Column::new("shape", |row| row.level.0.into()),
        Column::new("texture", |row| row.level.1.into()),
        Column::new("decision", |row| row.decision.into()),
    ];
    CsvFile::new("explorer", &columns, rows)
}

/// One map.
struct MapRow<'a> {
    network: &'a PlaneNetwork,
    by: &'a CornerMaps,
    nodule: &'a PlaneNodule,
    level: (f64, f64),
    /// Contour, interior, background.
    mass: [Option<f64>; 3],
}

/// One row a network, method, nodule and corner.
pub(crate) fn maps_csv(square: &PlaneView) -> Result<CsvFile, Error> {
    let corners = square.nodules.iter();
    let corners = corners.flat_map(|nodule| CORNERS.map(|level| (nodule, level)));
    let corners: Vec<_> = corners.collect();
    let all = square.networks.iter();
    let all = all.flat_map(|network| network.maps.iter().map(move |by| (network, by)));
    let rows = all.flat_map(|(network, by)| {
        let masses = corners.iter().zip(&by.mass);
        masses.map(move |((nodule, level), mass)| MapRow {
            network,
            by,
            nodule,
            level: *level,
            mass: [mass.contour, mass.interior, mass.background],
        })
    });
    let columns = [
        Column::new("train", |row: &MapRow| (&row.network.train).into()),
        Column::new("loss", |row| (&row.network.loss).into()),
        Column::new("seed", |row| row.network.seed.into()),
        Column::new("readout", |row| row.network.read_out.to_string().into()),
        Column::new("method", |row| row.by.method.name().into()),
        Column::new("nodule", |row| row.nodule.cell.to_string().into()),
        Column::new("shape", |row| row.level.0.into()),
        Column::new("texture", |row| row.level.1.into()),
        Column::new("contour", |row| row.mass[0].into()),
        Column::new("interior", |row| row.mass[1].into()),
        Column::new("background", |row| row.mass[2].into()),
    ];
    CsvFile::new("explorer-maps", &columns, rows)
}
