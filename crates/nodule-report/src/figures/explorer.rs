//! What the page needs to show any point of the square of shape and texture: pictures, decisions, maps.

use nodule_eval::ReadOut;
use nodule_study::records::{CornerMaps, PlaneNetwork, PlaneNodule, PlaneView};
use nodule_synth::Latents;
use rayon::prelude::*;
use serde::Serialize;

use super::picture::{LEVELS, Scale, ZERO, data_uri, levels_png, small_grey_png};
use super::sheet::sheet;
use crate::Error;
use nodule_analysis::plane::{CORNERS, display_order};
use nodule_analysis::unique;

/// Pictures of nodules are not wider than this, in pixels, nor are maps: a page that holds many must stay small.
const WIDEST: usize = 96;
const WIDEST_MAP: usize = 32;

/// The square as the page shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Explorer {
    /// Points along each side of the square.
    pub(crate) points: usize,
    /// Whose decisions are mapped.
    pub(crate) map_read_out: Option<ReadOut>,
    /// Width of a map in pixels.
    map_size: usize,
    /// What grey levels of maps mean.
    zero: u8,
    levels: u8,
    pub(crate) nodules: Vec<Nodule>,
    /// Each for itself: a page reads a part when it shows it.
    #[serde(skip)]
    pub(crate) trained: Vec<Trained>,
}

/// One nodule at every point.
#[derive(Debug, Serialize)]
pub(crate) struct Nodule {
    /// Its cell.
    pub(crate) name: String,
    /// Its own levels.
    shape: f64,
    texture: f64,
    /// What else it was drawn with, in words.
    latents: String,
    /// All pictures in one: a column a shape level, a row a texture level from the highest.
    pictures: String,
}

/// The networks of one training distribution.
#[derive(Debug)]
pub(crate) struct Trained {
    pub(crate) train: String,
    pub(crate) networks: Vec<Shown>,
}

/// One network under one read-out.
#[derive(Debug, Serialize)]
pub(crate) struct Shown {
    pub(crate) loss: String,
    pub(crate) seed: usize,
    pub(crate) read_out: ReadOut,
    /// Of each nodule, the decision at each point in thousandths of a spread, in the order of the pictures.
    decisions: Vec<Vec<i64>>,
    pub(crate) maps: Vec<ShownMaps>,
}

/// Its maps by one method at the corners.
#[derive(Debug, Serialize)]
pub(crate) struct ShownMaps {
    pub(crate) method: &'static str,
    /// Where the colours end, in the map's unit.
    end: f32,
    /// All maps in one picture: a row a nodule, a column a corner.
    picture: String,
    /// Of each map, its share of contour, interior and background over their shares of the area.
    mass: Vec<[Option<f64>; 3]>,
}

/// Of networks seen from every point of the square.
///
/// # Errors
/// If an array does not hold what the square needs.
pub(crate) fn explorer(square: &PlaneView) -> Result<Explorer, Error> {
    let nodules = square.nodules.par_iter().map(|n| nodule(square, n));
    let trains = unique(square.networks.iter().map(|network| &network.train));
    let trained = trains.into_iter().map(|train| {
        let own = square.networks.par_iter().filter(|n| n.train == *train);
        Ok(Trained {
            train: train.clone(),
            networks: own
                .map(|n| shown(square, n))
                .collect::<Result<_, Error>>()?,
        })
    });
    let size = square.image_size;
    Ok(Explorer {
        points: square.points,
        map_read_out: square.map_read_out,
        map_size: size / size.div_ceil(WIDEST_MAP).max(1),
        zero: ZERO,
        levels: LEVELS,
        nodules: nodules.collect::<Result<_, _>>()?,
        trained: trained.collect::<Result<_, Error>>()?,
    })
}

fn nodule(square: &PlaneView, nodule: &PlaneNodule) -> Result<Nodule, Error> {
    let (points, size) = (square.points, square.image_size);
    let pixels = size * size;
    holds("values", nodule.images.len(), points * points * pixels)?;
    let order: Vec<_> = display_order(points).collect();
    let images = order.iter().map(|i| &nodule.images[i * pixels..][..pixels]);
    let (sheet, width) = sheet(images, (points, size), WIDEST)?;
    let latents = &nodule.latents;
    Ok(Nodule {
        name: nodule.cell.to_string(),
        shape: latents.shape,
        texture: latents.texture,
        latents: in_words(latents),
        pictures: data_uri(&small_grey_png(&sheet, width)?),
    })
}

/// What is the same at every point, in levels.
fn in_words(latents: &Latents) -> String {
    let Latents {
        size,
        elongation,
        rotation,
        contrast,
        brightness,
        blur,
        noise,
        ..
    } = latents;
    format!(
        "size {size:.2}, elongation {elongation:.2}, rotation {rotation:.2}, contrast {contrast:.2}, brightness {brightness:.2}, blur {blur:.2}, noise {noise:.2}"
    )
}

fn shown(square: &PlaneView, network: &PlaneNetwork) -> Result<Shown, Error> {
    let points = square.points.pow(2);
    let needed = square.nodules.len() * points;
    holds("decisions", network.decision_scores.len(), needed)?;
    let of_nodule = |found: &[f64]| {
        let shown = display_order(square.points).map(|i| found[i]);
        shown.map(|d| (1000.0 * d).round() as i64).collect()
    };
    let maps = network.maps.iter().map(|maps| corner_maps(square, maps));
    Ok(Shown {
        loss: network.loss.clone(),
        seed: network.seed,
        read_out: network.read_out,
        decisions: network
            .decision_scores
            .chunks(points)
            .map(of_nodule)
            .collect(),
        maps: maps.collect::<Result<_, _>>()?,
    })
}

fn corner_maps(square: &PlaneView, of: &CornerMaps) -> Result<ShownMaps, Error> {
    let size = square.image_size;
    let n = square.nodules.len() * CORNERS.len();
    holds("pixels of maps", of.maps.len(), n * size * size)?;
    holds("maps with a mass", of.mass.len(), n)?;
    let maps = of.maps.chunks_exact(size * size);
    let (sheet, width) = sheet(maps, (CORNERS.len(), size), WIDEST_MAP)?;
    let scale = Scale::of(&sheet)?;
    let mass = of.mass.iter();
    Ok(ShownMaps {
        method: of.method.name(),
        end: scale.end,
        picture: data_uri(&levels_png(&sheet, width, &scale)?),
        mass: mass
            .map(|m| [m.contour, m.interior, m.background])
            .collect(),
    })
}

fn holds(what: &str, found: usize, needed: usize) -> Result<(), Error> {
    let reason = format!("{found} {what}, not {needed}");
    match found == needed {
        true => Ok(()),
        false => Err(Error::made("the explorer", reason)),
    }
}
