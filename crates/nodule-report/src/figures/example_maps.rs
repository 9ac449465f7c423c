//! Maps of one nodule of each cell, by every method and loss: image, mask, maps.

use nodule_study::records::{ExplainedNetwork, NetworkMaps};
use nodule_study::text::format_magnitude;

use super::Figure;
use super::picture::{Scale, data_uri, grey_png, small_map_png};
use super::plot::{Anchor, Drawing};
use super::seen::rounded;
use crate::Error;
use nodule_analysis::unique;

const LEFT: f64 = 128.0;
const TOP: f64 = 76.0;
const SIDE: f64 = 74.0;
const GAP: f64 = 6.0;
const BLOCK: f64 = 16.0;
const PITCH: f64 = SIDE + GAP;
/// The file's name, without its ending.
const NAME: &str = "maps-examples";

/// One block of rows a network; a method's colours have one scale in all of them.
pub(crate) fn figure(shown: &NetworkMaps) -> Result<Figure, Error> {
    are_whole(shown)?;
    let methods = methods(shown)?;
    let n = shown.images.labels.len();
    let block = PITCH * n as f64 + BLOCK;
    let height = TOP + block * shown.networks.len() as f64;
    let mut drawing = Drawing::new(LEFT + PITCH * (2 + methods.len()) as f64, height);
    headings(&mut drawing, &methods);
    for (b, network) in shown.networks.iter().enumerate() {
        let top = TOP + block * b as f64;
        drawing.text_upwards([18.0, top + PITCH * n as f64 / 2.0], &network.loss, 13.0);
        for i in 0..n {
            let y = top + PITCH * i as f64;
            beside(&mut drawing, y, shown, (i, network.decision_scores[i]));
            nodule(&mut drawing, y, shown, i)?;
            for (m, method) in methods.iter().enumerate() {
                if let Some(maps) = method.maps[b] {
                    let pixels = maps.len() / n;
                    let map = &maps[i * pixels..][..pixels];
                    let size = shown.images.image_size;
                    saliency(&mut drawing, [column(2 + m), y], (map, size), &method.scale)?;
                }
            }
        }
    }
    Ok(Figure {
        name: NAME.into(),
        caption: format!(
            "Maps of one nodule of each cell: networks of the first seed, trained on {}, {} read-out. Red raises the decision value (in spreads; abnormal above 0), blue lowers it. Each method has one scale for all losses: its colours end where 99.5% of the pixels lie within, and the largest value stands above.",
            shown.train, shown.read_out
        ),
        svg: drawing.finish("Maps of one nodule of each cell", &seen(shown, &methods)),
    })
}

/// What stands in the rows and columns, and what was decided.
fn seen(shown: &NetworkMaps, methods: &[OfMethod]) -> String {
    let names: Vec<_> = methods.iter().map(|method| method.name.as_str()).collect();
    let of_network = |network: &ExplainedNetwork| {
        let decisions = network.decision_scores.iter();
        let decisions: Vec<_> = decisions.map(|d| rounded(f64::from(*d))).collect();
        format!("{} decides {}", network.loss, decisions.join(", "))
    };
    let cells = shown.images.levels.iter();
    let cells: Vec<_> = cells
        .map(|c| format!("{} and {}", c.shape, c.texture))
        .collect();
    let networks: Vec<_> = shown.networks.iter().map(of_network).collect();
    format!(
        "A row a nodule ({}), a column each for image, mask and the maps by {}. In spreads, in the order of the nodules, {}.",
        cells.join("; "),
        names.join(", "),
        networks.join("; ")
    )
}

/// One method: its maps of every network that has them.
struct OfMethod<'a> {
    name: String,
    scale: Scale,
    maps: Vec<Option<&'a [f32]>>,
}

/// In order of appearance.
fn methods<'a>(shown: &'a NetworkMaps) -> Result<Vec<OfMethod<'a>>, Error> {
    let networks = &shown.networks;
    let all = networks.iter().flat_map(|network| &network.maps);
    let methods = unique(all.map(|(method, _)| method)).into_iter();
    let methods = methods.map(|method| {
        let by_method = |network: &'a ExplainedNetwork| {
            let found = network.maps.iter().find(|(other, _)| other == method);
            found.map(|(_, maps)| maps.as_slice())
        };
        let maps: Vec<_> = networks.iter().map(by_method).collect();
        Ok(OfMethod {
            name: method.to_string(),
            scale: Scale::of(maps.iter().flatten().copied().flatten())?,
            maps,
        })
    });
    methods.collect()
}

/// Refuses arrays that do not hold what is shown.
fn are_whole(shown: &NetworkMaps) -> Result<(), Error> {
    let data = &shown.images;
    let n = data.labels.len();
    let values = n * data.image_size * data.image_size;
    let same = |what: &str, found: usize, needed: usize| match found == needed {
        true => Ok(()),
        false => Err(Error::made(NAME, format!("{found} {what}, not {needed}"))),
    };
    same("pixels", data.images.len(), values)?;
    same("pixels of masks", data.masks.len(), values)?;
    same("cells", data.levels.len(), n)?;
    for network in &shown.networks {
        same("decisions", network.decision_scores.len(), n)?;
        for (_, maps) in &network.maps {
            same("pixels of maps", maps.len(), values)?;
        }
    }
    Ok(())
}

fn column(c: usize) -> f64 {
    LEFT + PITCH * c as f64
}

fn headings(drawing: &mut Drawing, methods: &[OfMethod]) {
    let named = |name: &str| (name.to_owned(), String::new());
    let of_maps = methods.iter().map(|method| {
        let largest = format_magnitude(f64::from(method.scale.largest));
        (method.name.clone(), largest)
    });
    let all = [named("image"), named("mask")].into_iter().chain(of_maps);
    for (c, (name, below)) in all.enumerate() {
        let middle = column(c) + SIDE / 2.0;
        // A long name takes two lines.
        let (first, rest) = name.split_once('-').unwrap_or(("", &name));
        let lines = [(38.0, first), (25.0, rest), (10.0, below.as_str())];
        for (up, text) in lines.iter().filter(|(_, text)| !text.is_empty()) {
            drawing.text([middle, TOP - up], text, 11.0, Anchor::Middle);
        }
    }
}

/// The cell of a nodule and what was decided, to the left of its row.
fn beside(drawing: &mut Drawing, y: f64, shown: &NetworkMaps, (i, decision): (usize, f32)) {
    let cell = shown.images.levels[i];
    let lines = [
        cell.shape.to_string(),
        cell.texture.to_string(),
        format!("decision {decision:+.2}").replace('-', "−"),
    ];
    for (line, text) in lines.iter().enumerate() {
        let place = [LEFT - 8.0, y + SIDE / 2.0 - 10.0 + 14.0 * line as f64];
        drawing.text(place, text, 11.0, Anchor::End);
    }
}

/// Image and mask.
fn nodule(drawing: &mut Drawing, y: f64, shown: &NetworkMaps, i: usize) -> Result<(), Error> {
    let data = &shown.images;
    let size = data.image_size;
    let span = i * size * size..(i + 1) * size * size;
    let mask = data.masks[span.clone()].iter().map(|m| f32::from(*m));
    let pictures = [data.images[span].to_vec(), mask.collect()];
    for (c, picture) in pictures.iter().enumerate() {
        let uri = data_uri(&grey_png(picture, size)?);
        drawing.picture([column(c), y], SIDE, &uri);
    }
    Ok(())
}

fn saliency(
    drawing: &mut Drawing,
    [x, y]: [f64; 2],
    (map, size): (&[f32], usize),
    scale: &Scale,
) -> Result<(), Error> {
    drawing.picture([x, y], SIDE, &data_uri(&small_map_png(map, size, scale)?));
    if map.iter().all(|v| *v == 0.0) {
        let middle = [x + SIDE / 2.0, y + SIDE / 2.0];
        drawing.text_on_patch(middle, "blank", 11.0);
    }
    Ok(())
}
