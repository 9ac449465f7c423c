//! Example saliency maps: image, mask and the map of every method, for one nodule of each combination and every loss.

use nodule_analysis::unique;
use nodule_study::records::{ExplainedNetwork, NetworkMaps};
use nodule_study::text::format_magnitude;

use super::Figure;
use super::alt_text::two_digits;
use super::drawing::{Anchor, Drawing};
use super::raster::{Scale, data_uri, grey_png, indexed_map_png};
use crate::Error;
use crate::text::classifier;

const LEFT: f64 = 128.0;
const TOP: f64 = 76.0;
const IMAGE: f64 = 74.0;
const PITCH: f64 = IMAGE + 6.0;
/// Room between the rows of two networks.
const BLOCK_GAP: f64 = 16.0;
const NAME: &str = "maps-examples";

/// A method with its colour scale and its maps of every network.
struct MethodMaps<'a> {
    name: String,
    scale: Scale,
    /// Maps of each network, one after another; `None` if it has none by this method.
    maps: Vec<Option<&'a [f32]>>,
}

/// Returns the figure: one block of rows per network.
pub(crate) fn figure(networks: &NetworkMaps) -> Result<Figure, Error> {
    check_lengths(networks)?;
    let methods = methods(networks)?;
    let data = &networks.images;
    let n = data.labels.len();
    let block = PITCH * n as f64 + BLOCK_GAP;
    let height = TOP + block * networks.networks.len() as f64;
    let mut drawing = Drawing::new(column_left(2 + methods.len()), height);
    draw_headings(&mut drawing, &methods);
    for (b, network) in networks.networks.iter().enumerate() {
        let top = TOP + block * b as f64;
        drawing.text_upwards([18.0, top + PITCH * n as f64 / 2.0], &network.loss, 13.0);
        for i in 0..n {
            let y = top + PITCH * i as f64;
            draw_row_label(&mut drawing, y, networks, (i, network.decision_scores[i]));
            draw_image_and_mask(&mut drawing, y, networks, i)?;
            for (m, method) in methods.iter().enumerate() {
                if let Some(maps) = method.maps[b] {
                    let pixels = maps.len() / n;
                    let map = &maps[i * pixels..][..pixels];
                    let place = [column_left(2 + m), y];
                    draw_map(&mut drawing, place, (map, data.image_size), &method.scale)?;
                }
            }
        }
    }
    let caption = format!(
        "Saliency maps of one nodule of each combination of shape and texture: networks of the first seed trained on the `{}` distribution, {}. Red pixels raise the decision score (SD units; abnormal above 0), blue pixels lower it. Each method has one colour scale for all losses; it ends at the 99.5th percentile of the absolute values. The largest absolute value is above each column.",
        networks.train,
        classifier(networks.read_out)
    );
    let description = describe(networks, &methods);
    let title = "Example saliency maps";
    Ok(Figure::new(NAME, title, drawing, &description, caption))
}

/// Returns rows, columns and decision scores.
fn describe(networks: &NetworkMaps, methods: &[MethodMaps]) -> String {
    let names: Vec<_> = methods.iter().map(|method| method.name.as_str()).collect();
    let nodules = networks.images.levels.iter();
    let nodules = nodules.map(|c| format!("{} and {}", c.shape, c.texture));
    let scores = networks.networks.iter().map(|network| {
        let scores = network.decision_scores.iter();
        let scores = scores.map(|d| two_digits(f64::from(*d)));
        format!("{} {}", network.loss, scores.collect::<Vec<_>>().join(", "))
    });
    format!(
        "One row per nodule ({}), one column each for image, mask and the maps by {}. Decision scores in SD units, in the order of the nodules: {}.",
        nodules.collect::<Vec<_>>().join("; "),
        names.join(", "),
        scores.collect::<Vec<_>>().join("; ")
    )
}

/// Returns the methods in order of appearance.
fn methods<'a>(networks: &'a NetworkMaps) -> Result<Vec<MethodMaps<'a>>, Error> {
    let all = networks.networks.iter().flat_map(|network| &network.maps);
    let methods = unique(all.map(|(method, _)| method)).into_iter();
    methods
        .map(|method| {
            let maps_of = |network: &'a ExplainedNetwork| {
                let found = network.maps.iter().find(|(other, _)| other == method);
                found.map(|(_, maps)| maps.as_slice())
            };
            let maps: Vec<_> = networks.networks.iter().map(maps_of).collect();
            Ok(MethodMaps {
                name: method.to_string(),
                scale: Scale::fit(maps.iter().flatten().copied().flatten())?,
                maps,
            })
        })
        .collect()
}

/// Checks the length of every array.
fn check_lengths(networks: &NetworkMaps) -> Result<(), Error> {
    let data = &networks.images;
    let n = data.labels.len();
    let values = n * data.image_size * data.image_size;
    let check = |what: &str, found: usize, needed: usize| match found == needed {
        true => Ok(()),
        false => {
            let reason = format!("{found} {what}, not {needed}");
            Err(Error::cannot_make(NAME, reason))
        }
    };
    check("pixels", data.images.len(), values)?;
    check("pixels of masks", data.masks.len(), values)?;
    check("combinations", data.levels.len(), n)?;
    for network in &networks.networks {
        check("decisions", network.decision_scores.len(), n)?;
        for (_, maps) in &network.maps {
            check("pixels of maps", maps.len(), values)?;
        }
    }
    Ok(())
}

fn column_left(column: usize) -> f64 {
    LEFT + PITCH * column as f64
}

fn draw_headings(drawing: &mut Drawing, methods: &[MethodMaps]) {
    let images = ["image", "mask"].map(|name| (name.to_owned(), String::new()));
    let maps = methods.iter().map(|method| {
        let largest = format_magnitude(f64::from(method.scale.largest));
        (method.name.clone(), largest)
    });
    for (c, (name, largest)) in images.into_iter().chain(maps).enumerate() {
        // A name with a hyphen takes two lines.
        let (first, rest) = name.split_once('-').unwrap_or(("", &name));
        for (up, text) in [(38.0, first), (25.0, rest), (10.0, largest.as_str())] {
            if !text.is_empty() {
                let place = [column_left(c) + IMAGE / 2.0, TOP - up];
                drawing.small(place, text, Anchor::Middle);
            }
        }
    }
}

/// Writes the levels of a nodule and its decision score to the left of its row.
fn draw_row_label(drawing: &mut Drawing, y: f64, networks: &NetworkMaps, (i, score): (usize, f32)) {
    let levels = networks.images.levels[i];
    let lines = [
        levels.shape.to_string(),
        levels.texture.to_string(),
        format!("score {score:+.2}").replace('-', "−"),
    ];
    for (line, text) in lines.iter().enumerate() {
        let place = [LEFT - 8.0, y + IMAGE / 2.0 - 10.0 + 14.0 * line as f64];
        drawing.small(place, text, Anchor::End);
    }
}

fn draw_image_and_mask(
    drawing: &mut Drawing,
    y: f64,
    networks: &NetworkMaps,
    i: usize,
) -> Result<(), Error> {
    let data = &networks.images;
    let size = data.image_size;
    let span = i * size * size..(i + 1) * size * size;
    let mask = data.masks[span.clone()].iter().map(|m| f32::from(*m));
    let pictures = [data.images[span].to_vec(), mask.collect()];
    for (c, pixels) in pictures.iter().enumerate() {
        let uri = data_uri(&grey_png(pixels, size)?);
        drawing.image([column_left(c), y], IMAGE, &uri);
    }
    Ok(())
}

fn draw_map(
    drawing: &mut Drawing,
    [x, y]: [f64; 2],
    (map, size): (&[f32], usize),
    scale: &Scale,
) -> Result<(), Error> {
    let uri = data_uri(&indexed_map_png(map, size, scale)?);
    drawing.image([x, y], IMAGE, &uri);
    if map.iter().all(|v| *v == 0.0) {
        drawing.text_on_patch([x + IMAGE / 2.0, y + IMAGE / 2.0], "blank", 11.0);
    }
    Ok(())
}
