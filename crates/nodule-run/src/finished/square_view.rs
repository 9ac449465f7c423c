//! A few nodules at every point of the square of shape and texture, and what networks decide there and look
//! at.

use nodule_battery::scores::mass;
use nodule_battery::sets::{POINTS, generator, points, square};
use nodule_eval::{FittedReadOut, ReadOut};
use nodule_explain::{Method, attribute};
use nodule_study::plan::shared_seed;
use nodule_study::records::{CornerMaps, Explored, FinishedRun, SquareNodule, SquareView};
use nodule_study::{Error, Resolved};
use nodule_synth::{Generator, Mode, Part};
use nodule_train::infer;
use rayon::prelude::*;

use super::NOISE;
use super::cells::one_a_cell;
use super::fitted::unit;
use super::open::OpenedRun;
use crate::images::{images_tensor, map_values};
use crate::measure::{decision, decision_values};

/// The nodules over the square, before any network has seen them.
pub(super) struct Shown {
    generator: Generator,
    /// Without networks yet.
    pub(super) view: SquareView,
    /// All images, a nodule after the other.
    images: Vec<f32>,
    /// Those at the corners, and their masks.
    corners: Vec<f32>,
    masks: Vec<u8>,
}

/// One nodule of each cell; `map_read_out` is the one whose decisions are mapped.
pub(super) fn shown(resolved: &Resolved, map_read_out: Option<ReadOut>) -> Result<Shown, Error> {
    let generator = generator(resolved, Part::Test)?;
    let seed = shared_seed(resolved.study.root_seed, "explorer", "factorial");
    let drawn = one_a_cell(&generator, seed)?;
    let nodules = drawn
        .cells
        .iter()
        .zip(drawn.latents)
        .map(|(cell, latents)| {
            Ok(SquareNodule {
                cell: *cell,
                images: square(&generator, std::slice::from_ref(&latents))?.images,
                latents,
            })
        });
    let view = SquareView {
        points: POINTS,
        image_size: resolved.study.generator.image_size,
        map_read_out,
        nodules: nodules.collect::<Result<_, Error>>()?,
        networks: Vec::new(),
    };
    let images = view.nodules.iter().flat_map(|nodule| &nodule.images);
    let mut shown = Shown {
        generator,
        images: images.copied().collect(),
        corners: Vec::new(),
        masks: Vec::new(),
        view,
    };
    shown.draw_corners()?;
    Ok(shown)
}

impl Shown {
    fn draw_corners(&mut self) -> Result<(), Error> {
        for nodule in &self.view.nodules {
            for (shape, texture) in points().into_iter().filter(is_corner) {
                let latents = nodule.latents.with(Mode::Shape, shape);
                let rendered = self
                    .generator
                    .render(&latents.with(Mode::Texture, texture))?;
                self.corners.extend(rendered.image);
                self.masks.extend(rendered.mask);
            }
        }
        Ok(())
    }

    /// One network under each of the read-outs that it has; `runs` hold the unit of its decisions.
    pub(super) fn explored(
        &self,
        run: &OpenedRun,
        read_outs: &[FittedReadOut],
        runs: &[FinishedRun],
    ) -> Result<Vec<Explored>, Error> {
        let seen = infer(run.network.as_ref(), &self.images)?;
        let of_read_out = |fitted: &FittedReadOut| {
            let read_out = fitted.read_out();
            let unit = unit(runs, &run.record.run, read_out);
            let decided = decision_values(fitted, &seen)?;
            let mapped = self.view.map_read_out == Some(read_out);
            let maps = mapped.then(|| self.maps(run, fitted, unit)).transpose()?;
            Ok(Explored {
                train: run.settings.train.name().to_owned(),
                loss: run.record.loss.clone(),
                seed: run.record.seed,
                read_out,
                decisions: decided.iter().map(|d| f64::from(*d) * unit).collect(),
                maps: maps.unwrap_or_default(),
            })
        };
        read_outs.par_iter().map(of_read_out).collect()
    }

    /// By every method that suits the network, at the corners.
    fn maps(
        &self,
        run: &OpenedRun,
        fitted: &FittedReadOut,
        unit: f64,
    ) -> Result<Vec<CornerMaps>, Error> {
        let size = self.view.image_size;
        let decision = decision(run.network.as_ref(), fitted)?;
        let images = images_tensor(&self.corners, size)?;
        let methods = Method::ALL.into_par_iter();
        let methods = methods.filter(|method| method.applies_to(&decision));
        let maps = methods.map(|method| {
            let maps = attribute(method, &decision, &images, NOISE)?;
            let maps = map_values(&(maps * unit).map_err(nodule_explain::Error::from)?)?;
            Ok(CornerMaps {
                method,
                mass: mass(size, &self.masks, &maps)?,
                maps,
            })
        });
        maps.collect()
    }
}

fn is_corner((shape, texture): &(f64, f64)) -> bool {
    [shape, texture]
        .iter()
        .all(|level| **level == 0.0 || **level == 1.0)
}
