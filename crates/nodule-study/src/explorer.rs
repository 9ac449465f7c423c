//! The explorer's contents: one nodule at every point of the square of shape and texture, and what
//! each loss under each read-out decides there and looks at.

use nodule_eval::{ReadOut, fit};
use nodule_explain::{Method, attribute};
use nodule_synth::Generator;
use nodule_train::infer;
use rayon::prelude::*;
use serde::Serialize;

use crate::Error;
use crate::csv_text::csv_bytes;
use crate::decision::{Decision, decision};
use crate::evaluate::{embeddings, scores};
use crate::figures::shade;
use crate::landscape::{Landscape, POINTS, level, over_square};
use crate::load::Resolved;
use crate::opened::OpenedRun;
use crate::picture::{Scale, data_uri, grey_png, small_map_png};
use crate::plan::shared_seed;
use crate::record::FinishedRun;
use crate::select::spread;
use crate::sets::{factorial, generator};
use crate::tensor::images_tensor;

/// The method that the paper uses.
const METHOD: Method = Method::Gradient;
/// Pictures are made smaller than this, so that the page stays small.
const WIDEST: usize = 96;
/// Decisions beyond this many spreads have the same colour.
const MOST: f64 = 1.5;

/// What the page needs to show any point of the square.
#[derive(Debug, Serialize)]
pub(crate) struct Explorer {
    pub(crate) train: String,
    /// Points along each side of the square.
    pub(crate) points: usize,
    /// All nodules in one picture: a column a shape level, a row a texture level from the highest.
    pub(crate) nodules: String,
    pub(crate) networks: Vec<Explored>,
}

/// One loss under one read-out.
#[derive(Debug, Serialize)]
pub(crate) struct Explored {
    pub(crate) loss: String,
    pub(crate) read_out: ReadOut,
    /// Decision value at each point in spreads, in the order of the picture.
    pub(crate) decisions: Vec<f64>,
    /// Their colours.
    colours: Vec<String>,
    /// All maps in one picture; none where the decision has no derivative.
    maps: Option<String>,
}

impl Explorer {
    /// `explorer.csv`: one row a network and point.
    pub(crate) fn csv(&self) -> Result<Vec<u8>, Error> {
        let header = ["train", "loss", "readout", "shape", "texture", "decision"];
        let rows = self.networks.iter().flat_map(|network| {
            let points = levels().zip(&network.decisions);
            points.map(|(level, decision)| {
                (
                    &self.train,
                    &network.loss,
                    network.read_out,
                    level,
                    decision,
                )
            })
        });
        csv_bytes("explorer", &header, rows)
    }
}

/// Of the first seed's networks, trained on `train`; `runs` hold the unit of their decisions.
pub(crate) fn explorer(
    resolved: &Resolved,
    train: &str,
    opened: &[OpenedRun],
    runs: &[FinishedRun],
) -> Result<Explorer, Error> {
    let study = &resolved.study;
    let seed = shared_seed(study.root_seed, "explorer", "factorial");
    let square = square(&generator(resolved)?, seed)?;
    let (sheet, width) = sheet(&square.images, study.generator.image_size);
    let explored = opened
        .par_iter()
        .map(|run| explored(run, &study.read_outs, &square, runs))
        .collect::<Result<Vec<_>, _>>()?;
    Ok(Explorer {
        train: train.to_owned(),
        points: POINTS,
        nodules: data_uri(&picture(grey_png(&sheet, width))?),
        networks: explored.into_iter().flatten().collect(),
    })
}

/// One nodule at every point.
fn square(generator: &Generator, seed: u64) -> Result<Landscape, Error> {
    Ok(over_square(
        generator,
        &factorial(generator, seed, 1)?.latents,
    ))
}

/// One network under each of the read-outs that it has.
fn explored(
    run: &OpenedRun,
    read_outs: &[ReadOut],
    square: &Landscape,
    runs: &[FinishedRun],
) -> Result<Vec<Explored>, Error> {
    let (network, training) = (&run.network, &run.training);
    let trained = infer(network, &training.images)?;
    let seen = infer(network, &square.images)?;
    let of_read_out = |read_out: &ReadOut| {
        let fitted = fit(*read_out, embeddings(&trained)?, &training.labels)?;
        let unit = 1.0 / spread(runs, &run.record.run, *read_out);
        let found = scores(&fitted, &seen)?;
        let decisions: Vec<f64> = order().map(|i| f64::from(found[i]) * unit).collect();
        let maps = match read_out {
            ReadOut::Knn => None,
            _ => Some(maps(
                &decision(network, *read_out, &fitted)?,
                square,
                training.image_size,
            )?),
        };
        Ok(Explored {
            loss: run.record.loss.clone(),
            read_out: *read_out,
            colours: decisions.iter().map(|d| shade(d / MOST)).collect(),
            decisions,
            maps,
        })
    };
    let read_outs = run.settings.loss.read_outs(read_outs);
    read_outs.par_iter().map(of_read_out).collect()
}

/// The maps of all points in one picture.
fn maps(decision: &Decision, square: &Landscape, size: usize) -> Result<String, Error> {
    let maps = attribute(METHOD, decision, &images_tensor(&square.images, size)?, 0)?;
    let maps = maps.flatten_all().and_then(|m| m.to_vec1::<f32>());
    let (sheet, width) = sheet(&maps.map_err(nodule_explain::Error::from)?, size);
    Ok(data_uri(&picture(small_map_png(
        &sheet,
        width,
        Scale::of(&sheet).end,
    ))?))
}

/// The points in the order of the picture, row by row: texture falls downwards, shape rises to the
/// right.
fn order() -> impl Iterator<Item = usize> {
    let texture = (0..POINTS).rev();
    texture.flat_map(|t| (0..POINTS).map(move |s| s * POINTS + t))
}

/// Shape and texture of the points in the order of the picture.
fn levels() -> impl Iterator<Item = (f64, f64)> {
    order().map(level)
}

/// All pictures in one, and its width.
fn sheet(images: &[f32], size: usize) -> (Vec<f32>, usize) {
    let shrink = size.div_ceil(WIDEST);
    let small = size / shrink;
    let width = small * POINTS;
    let mut sheet = vec![0.0; width * width];
    for (place, point) in order().enumerate() {
        let image = &images[point * size * size..][..size * size];
        let (left, top) = (place % POINTS * small, place / POINTS * small);
        for y in 0..small {
            for x in 0..small {
                let rows = (0..shrink).flat_map(|dy| {
                    let start = (y * shrink + dy) * size + x * shrink;
                    &image[start..start + shrink]
                });
                let mean = rows.sum::<f32>() / (shrink * shrink) as f32;
                sheet[(top + y) * width + left + x] = mean;
            }
        }
    }
    (sheet, width)
}

fn picture(png: Result<Vec<u8>, String>) -> Result<Vec<u8>, Error> {
    png.map_err(|reason| Error::Record {
        path: "explorer".into(),
        reason,
    })
}

#[cfg(test)]
mod tests {
    use nodule_synth::{GeneratorSettings, Outlines};

    use super::*;

    #[test]
    fn the_first_picture_is_the_most_heterogeneous_and_least_irregular() {
        let found: Vec<_> = levels().collect();
        assert_eq!(found.len(), POINTS * POINTS);
        assert_eq!((found[0], found[POINTS - 1]), ((0.0, 1.0), (1.0, 1.0)));
        assert_eq!(found[POINTS * POINTS - 1], (1.0, 0.0));
    }

    #[test]
    fn a_sheet_holds_every_picture_in_its_place_and_shrinks_large_ones() {
        let settings = GeneratorSettings {
            image_size: 128,
            ..GeneratorSettings::default()
        };
        let generator = Generator::new(settings, Outlines::embedded()).unwrap();
        let square = square(&generator, 1).unwrap();
        let (sheet, width) = sheet(&square.images, 128);
        assert_eq!(
            (width, sheet.len()),
            (64 * POINTS, 64 * 64 * POINTS * POINTS)
        );
        // The second picture of the first row: shape 1/8, texture 1; the mean of its first 2x2 pixels.
        let point = POINTS + POINTS - 1;
        assert_eq!(level(point), (0.125, 1.0));
        let image = &square.images[point * 128 * 128..];
        let mean = (image[0] + image[1] + image[128] + image[129]) / 4.0;
        assert!((sheet[64] - mean).abs() < 1e-6);
    }
}
