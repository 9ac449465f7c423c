//! Maps of one nodule of each cell, by every method and loss: image, mask, maps.

use nodule_eval::ReadOut;
use nodule_explain::Method;
use nodule_synth::DataSet;

use super::Figure;
use super::plot::{Anchor, Drawing};
use crate::Error;
use crate::picture::{Scale, data_uri, grey_png, map_png};

const LEFT: f64 = 130.0;
const TOP: f64 = 64.0;
const SIDE: f64 = 84.0;
const GAP: f64 = 6.0;
const BLOCK: f64 = 16.0;

/// The maps of one network.
pub(crate) struct Maps {
    pub(crate) loss: String,
    /// Decision value of each image, in spreads.
    pub(crate) decisions: Vec<f32>,
    /// `[images, size, size]` for each method, of the decision value in spreads.
    pub(crate) maps: Vec<Vec<f32>>,
}

/// One block of rows a network; a method's colours have one scale in all of them.
pub(crate) fn example_maps(
    train: &str,
    read_out: ReadOut,
    data: &DataSet,
    networks: &[Maps],
) -> Result<Figure, Error> {
    let pixels = data.image_size * data.image_size;
    let pitch = SIDE + GAP;
    let (columns, n) = (2 + Method::ALL.len(), data.labels.len());
    let height = TOP + (pitch * n as f64 + BLOCK) * networks.len() as f64;
    let mut drawing = Drawing::new(LEFT + pitch * columns as f64, height);
    // One scale a method, over all networks.
    let of_method = |m: usize| Scale::of(networks.iter().filter_map(|n| n.maps.get(m)).flatten());
    let scales: Vec<Scale> = (0..Method::ALL.len()).map(of_method).collect();
    let column = |c: usize| LEFT + pitch * c as f64;
    let heading = |drawing: &mut Drawing, c: usize, name: &str, below: &str| {
        let middle = column(c) + SIDE / 2.0;
        drawing.text([middle, TOP - 26.0], name, 10.0, Anchor::Middle);
        drawing.text([middle, TOP - 12.0], below, 10.0, Anchor::Middle);
    };
    heading(&mut drawing, 0, "image", "");
    heading(&mut drawing, 1, "mask", "");
    for (m, method) in Method::ALL.into_iter().enumerate() {
        let most = format!("largest {:.3}", scales[m].largest);
        heading(&mut drawing, 2 + m, &method.to_string(), &most);
    }
    for (block, network) in networks.iter().enumerate() {
        let top = TOP + (pitch * n as f64 + BLOCK) * block as f64;
        drawing.text_upwards([18.0, top + pitch * n as f64 / 2.0], &network.loss, 13.0);
        for i in 0..n {
            let (y, span) = (top + pitch * i as f64, i * pixels..(i + 1) * pixels);
            let lines = [
                data.cells[i].shape.to_string(),
                data.cells[i].texture.to_string(),
                format!("decision {:+.2}", network.decisions[i]).replace('-', "−"),
            ];
            for (line, text) in lines.iter().enumerate() {
                let place = [LEFT - 8.0, y + SIDE / 2.0 - 10.0 + 14.0 * line as f64];
                drawing.text(place, text, 10.0, Anchor::End);
            }
            let mask: Vec<f32> = data.masks[span.clone()]
                .iter()
                .map(|m| f32::from(*m))
                .collect();
            let size = data.image_size;
            let mut pictures = vec![
                grey_png(&data.images[span.clone()], size),
                grey_png(&mask, size),
            ];
            for (m, maps) in network.maps.iter().enumerate() {
                pictures.push(map_png(&maps[span.clone()], size, scales[m].end));
            }
            for (c, picture) in pictures.into_iter().enumerate() {
                let png = picture.map_err(|reason| Error::Record {
                    path: "maps-examples.svg".into(),
                    reason,
                })?;
                drawing.picture([column(c), y], SIDE, &data_uri(&png));
                let blank = c >= 2 && network.maps[c - 2][span.clone()].iter().all(|v| *v == 0.0);
                if blank {
                    let middle = [column(c) + SIDE / 2.0, y + SIDE / 2.0];
                    drawing.text_on_patch(middle, "blank", 10.0);
                }
            }
        }
    }
    Ok(Figure {
        name: "maps-examples".into(),
        caption: format!(
            "Maps of one nodule of each cell: networks of the first seed, trained on {train}, {read_out} read-out. Red raises the decision value (in spreads; abnormal above 0), blue lowers it. Each method has one scale for all losses: its colours end where 99.5% of the pixels lie within, and the largest value stands above."
        ),
        svg: drawing.finish("Maps of one nodule of each cell"),
    })
}
