//! Numbers of the explorer: decision scores over the shape-texture plane (`explorer.csv`) and relevance mass of the
//! saliency maps at its corners (`explorer-maps.csv`).

use nodule_analysis::plane::{CORNERS, display_order, point_levels};
use nodule_study::csv::{Column, CsvFile};
use nodule_study::records::{CornerMaps, PlaneNetwork, PlaneNodule, PlaneView};

use crate::Error;

/// Decision score of a network on a nodule at one point.
struct Row<'a> {
    network: &'a PlaneNetwork,
    nodule: &'a PlaneNodule,
    level: (f64, f64),
    decision: f64,
}

/// Returns `explorer.csv`: one row per network, nodule and point, in the order of the page.
pub(crate) fn csv(square: &PlaneView) -> Result<CsvFile, Error> {
    let points = square.points;
    let rows = square.networks.iter().flat_map(|network| {
        let scores = network.decision_scores.chunks(points * points);
        square
            .nodules
            .iter()
            .zip(scores)
            .flat_map(move |(nodule, scores)| {
                let shown = display_order(points).filter_map(|p| Some((p, scores.get(p)?)));
                shown.map(move |(point, decision)| Row {
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

/// Relevance mass of a map.
struct MapRow<'a> {
    network: &'a PlaneNetwork,
    maps: &'a CornerMaps,
    nodule: &'a PlaneNodule,
    level: (f64, f64),
    /// Contour, interior, background.
    mass: [Option<f64>; 3],
}

/// Returns `explorer-maps.csv`: one row per network, method, nodule and corner.
pub(crate) fn maps_csv(square: &PlaneView) -> Result<CsvFile, Error> {
    let corners: Vec<_> = square
        .nodules
        .iter()
        .flat_map(|nodule| CORNERS.map(|level| (nodule, level)))
        .collect();
    let maps = square
        .networks
        .iter()
        .flat_map(|network| network.maps.iter().map(move |maps| (network, maps)));
    let rows = maps.flat_map(|(network, maps)| {
        let masses = corners.iter().zip(&maps.mass);
        masses.map(move |((nodule, level), mass)| MapRow {
            network,
            maps,
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
        Column::new("method", |row| row.maps.method.name().into()),
        Column::new("nodule", |row| row.nodule.cell.to_string().into()),
        Column::new("shape", |row| row.level.0.into()),
        Column::new("texture", |row| row.level.1.into()),
        Column::new("contour", |row| row.mass[0].into()),
        Column::new("interior", |row| row.mass[1].into()),
        Column::new("background", |row| row.mass[2].into()),
    ];
    CsvFile::new("explorer-maps", &columns, rows)
}
