//! Data of the explorer: images, decision scores and saliency maps over the shape-texture plane, as JSON.

use nodule_analysis::plane::{CORNERS, display_order};
use nodule_analysis::unique;
use nodule_eval::ReadOut;
use nodule_study::records::{CornerMaps, PlaneNetwork, PlaneNodule, PlaneView};
use nodule_synth::Latents;
use rayon::prelude::*;
use serde::Serialize;

use super::raster::{LEVELS, Scale, ZERO, data_uri, levels_png, small_grey_png};
use super::sprite_sheet::sprite_sheet;
use crate::Error;

/// Largest width of an image and of a map in pixels: a page with many of them must stay small.
const MOST_IMAGE_PIXELS: usize = 96;
const MOST_MAP_PIXELS: usize = 32;

/// The shape-texture plane as the page shows it.
#[derive(Debug, Serialize)]
pub(crate) struct Explorer {
    /// Points along each axis of the plane.
    pub(crate) points: usize,
    /// Classifier whose decision score the maps explain; `None` without maps.
    pub(crate) map_read_out: Option<ReadOut>,
    /// Width of a map in pixels.
    map_size: usize,
    /// Grey level of 0, and grey levels from there to the end of the colour scale.
    zero: u8,
    levels: u8,
    pub(crate) nodules: Vec<Nodule>,
    /// Written as separate JSON parts, which the page parses when it shows them.
    #[serde(skip)]
    pub(crate) trained: Vec<TrainedNetworks>,
}

/// One nodule at every point of the plane.
#[derive(Debug, Serialize)]
pub(crate) struct Nodule {
    /// Its combination of shape and texture level.
    pub(crate) name: String,
    /// Levels with which it was generated.
    shape: f64,
    texture: f64,
    /// Text with its other latents.
    latents: String,
    /// Sprite sheet: one column per shape level, one row per texture level from the highest.
    pictures: String,
}

/// The networks of one training distribution.
#[derive(Debug)]
pub(crate) struct TrainedNetworks {
    pub(crate) train: String,
    pub(crate) networks: Vec<NetworkView>,
}

/// One network with one classifier.
#[derive(Debug, Serialize)]
pub(crate) struct NetworkView {
    pub(crate) loss: String,
    pub(crate) seed: usize,
    pub(crate) read_out: ReadOut,
    /// Decision scores of each nodule in thousandths of an SD unit, in the order of the sprite sheet.
    decisions: Vec<Vec<i64>>,
    pub(crate) maps: Vec<MethodMaps>,
}

/// Maps of a network by one method, at the corners of the plane.
#[derive(Debug, Serialize)]
pub(crate) struct MethodMaps {
    pub(crate) method: &'static str,
    /// End of the colour scale, in the unit of the maps.
    end: f32,
    /// Sprite sheet: one row per nodule, one column per corner.
    picture: String,
    /// Relevance mass of each map on contour, interior and background, as share of the mass over share of the area.
    mass: Vec<[Option<f64>; 3]>,
}

/// Returns the data of the explorer.
pub(crate) fn explorer(square: &PlaneView) -> Result<Explorer, Error> {
    let nodules = square.nodules.par_iter().map(|n| nodule_view(square, n));
    let trains = unique(square.networks.iter().map(|network| &network.train));
    let trained = trains.into_iter().map(|train| {
        let own = square.networks.par_iter().filter(|n| n.train == *train);
        Ok(TrainedNetworks {
            train: train.clone(),
            networks: own
                .map(|n| network_view(square, n))
                .collect::<Result<_, Error>>()?,
        })
    });
    let size = square.image_size;
    Ok(Explorer {
        points: square.points,
        map_read_out: square.map_read_out,
        map_size: size / size.div_ceil(MOST_MAP_PIXELS).max(1),
        zero: ZERO,
        levels: LEVELS,
        nodules: nodules.collect::<Result<_, _>>()?,
        trained: trained.collect::<Result<_, Error>>()?,
    })
}

fn nodule_view(square: &PlaneView, nodule: &PlaneNodule) -> Result<Nodule, Error> {
    let (points, size) = (square.points, square.image_size);
    let pixels = size * size;
    check_length("values", nodule.images.len(), points * points * pixels)?;
    let order: Vec<_> = display_order(points).collect();
    let images = order.iter().map(|i| &nodule.images[i * pixels..][..pixels]);
    let (sheet, width) = sprite_sheet(images, (points, size), MOST_IMAGE_PIXELS)?;
    let latents = &nodule.latents;
    Ok(Nodule {
        name: nodule.cell.to_string(),
        shape: latents.shape,
        texture: latents.texture,
        latents: describe_latents(latents),
        pictures: data_uri(&small_grey_png(&sheet, width)?),
    })
}

/// Returns the latents that are the same at every point, as levels.
fn describe_latents(latents: &Latents) -> String {
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

fn network_view(square: &PlaneView, network: &PlaneNetwork) -> Result<NetworkView, Error> {
    let points = square.points.pow(2);
    let needed = square.nodules.len() * points;
    check_length("decisions", network.decision_scores.len(), needed)?;
    let thousandths = |scores: &[f64]| {
        let shown = display_order(square.points).map(|i| scores[i]);
        shown.map(|d| (1000.0 * d).round() as i64).collect()
    };
    let maps = network.maps.iter().map(|maps| method_maps(square, maps));
    Ok(NetworkView {
        loss: network.loss.clone(),
        seed: network.seed,
        read_out: network.read_out,
        decisions: network
            .decision_scores
            .chunks(points)
            .map(thousandths)
            .collect(),
        maps: maps.collect::<Result<_, _>>()?,
    })
}

fn method_maps(square: &PlaneView, corners: &CornerMaps) -> Result<MethodMaps, Error> {
    let size = square.image_size;
    let n = square.nodules.len() * CORNERS.len();
    check_length("pixels of maps", corners.maps.len(), n * size * size)?;
    check_length("maps with a mass", corners.mass.len(), n)?;
    let maps = corners.maps.chunks_exact(size * size);
    let (sheet, width) = sprite_sheet(maps, (CORNERS.len(), size), MOST_MAP_PIXELS)?;
    let scale = Scale::fit(&sheet)?;
    let mass = corners.mass.iter();
    Ok(MethodMaps {
        method: corners.method.name(),
        end: scale.end,
        picture: data_uri(&levels_png(&sheet, width, &scale)?),
        mass: mass
            .map(|m| [m.contour, m.interior, m.background])
            .collect(),
    })
}

fn check_length(what: &str, found: usize, needed: usize) -> Result<(), Error> {
    let reason = format!("{found} {what}, not {needed}");
    match found == needed {
        true => Ok(()),
        false => Err(Error::cannot_make("the explorer", reason)),
    }
}
