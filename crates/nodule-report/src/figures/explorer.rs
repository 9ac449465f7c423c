//! What the page needs to show any point of the square of shape and texture: pictures, decisions and
//! their colours.

use nodule_eval::ReadOut;
use nodule_study::records::{Explored, SquareView};
use rayon::prelude::*;
use serde::Serialize;

use super::colours::shade;
use super::picture::{Scale, data_uri, grey_png, small_map_png};
use super::sheet::sheet;
use crate::Error;
use crate::analysis::square::shown_order;

/// Decisions beyond this many spreads have the same colour.
const MOST: f64 = 1.5;

/// The square as the page shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Explorer {
    pub(crate) train: String,
    /// Points along each side of the square.
    pub(crate) points: usize,
    /// All nodules in one picture: a column a shape level, a row a texture level from the highest.
    nodules: String,
    pub(crate) networks: Vec<Shown>,
}

/// One loss under one read-out.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) loss: String,
    pub(crate) read_out: ReadOut,
    /// Decision value at each point in spreads, in the order of the picture.
    decisions: Vec<f64>,
    /// Their colours.
    colours: Vec<String>,
    /// All maps in one picture; none where the decision has no derivative.
    maps: Option<String>,
}

/// Of networks seen from every point of the square.
///
/// # Errors
/// If an array does not hold what the square needs.
pub(crate) fn explorer(square: &SquareView) -> Result<Explorer, Error> {
    let (nodules, width) = sheet(&square.images, square.points, square.image_size)?;
    let networks = square.networks.par_iter();
    let networks = networks.map(|network| shown(square, network));
    Ok(Explorer {
        train: square.train.clone(),
        points: square.points,
        nodules: data_uri(&grey_png(&nodules, width)?),
        networks: networks.collect::<Result<_, _>>()?,
    })
}

fn shown(square: &SquareView, network: &Explored) -> Result<Shown, Error> {
    let found = &network.decisions;
    if found.len() != square.points.pow(2) {
        let reason = format!(
            "{} decisions at {} points",
            found.len(),
            square.points.pow(2)
        );
        return Err(Error::made("the explorer", reason));
    }
    let decisions: Vec<f64> = shown_order(square.points).map(|i| found[i]).collect();
    let maps = network.maps.as_ref().map(|maps| {
        let (sheet, width) = sheet(maps, square.points, square.image_size)?;
        let png = small_map_png(&sheet, width, &Scale::of(&sheet)?)?;
        Ok::<_, Error>(data_uri(&png))
    });
    Ok(Shown {
        loss: network.loss.clone(),
        read_out: network.read_out,
        colours: decisions.iter().map(|d| shade(d / MOST)).collect(),
        decisions,
        maps: maps.transpose()?,
    })
}
