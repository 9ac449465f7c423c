//! A few nodules at every point of the square of shape and texture, and what networks decide there and look
//! at.

use crate::Error;
use nodule_battery::scores::{relevance_masses_in, score_regions};
use nodule_battery::sets::{POINTS, build_generator, plane_points, render_plane};
use nodule_eval::saliency::Regions;
use nodule_eval::{FittedReadOut, ReadOut};
use nodule_explain::Method;
use nodule_nn::Network;
use nodule_study::Resolved;
use nodule_study::plan::derive_shared_seed;
use nodule_study::records::{CornerMaps, FinishedRun, PlaneNetwork, PlaneNodule, PlaneView};
use nodule_study::settings::choose_map_read_out;
use nodule_synth::{Generator, Mode, Split};
use nodule_train::infer;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use super::NOISE;
use super::cells::one_a_cell;
use super::fitted::unit;
use super::open::OpenedRun;
use super::randomisation::all_maps;
use super::seen::Seen;
use crate::images::images_tensor;
use crate::measure::{decision_values, linear};

/// The nodules over the square, before any network has seen them.
#[derive(Debug)]
pub(crate) struct Shown {
    /// Without networks yet. Which read-out is mapped is said here too; none where the study asks for no maps.
    pub(super) view: PlaneView,
    /// All images, a nodule after the other.
    images: Vec<f32>,
    /// Those at the corners, and where the mass of their maps is told apart.
    corners: Vec<f32>,
    regions: Vec<Regions>,
    /// What is asked of every network: the beginning of a hash.
    pub(super) question: Sha256,
}

/// One nodule of each cell.
pub(crate) fn shown(resolved: &Resolved) -> Result<Shown, Error> {
    let study = &resolved.study;
    let map_read_out = choose_map_read_out(&study.read_outs).filter(|_| study.samples.maps > 0);
    let generator = build_generator(resolved, Split::Test)?;
    let seed = derive_shared_seed(study.root_seed, "explorer", "factorial");
    let drawn = one_a_cell(&generator, seed)?;
    let nodules = drawn
        .levels
        .iter()
        .zip(drawn.latents)
        .map(|(cell, latents)| {
            Ok(PlaneNodule {
                cell: *cell,
                images: render_plane(&generator, std::slice::from_ref(&latents))?.images,
                latents,
            })
        });
    let view = PlaneView {
        points: POINTS,
        image_size: study.generator.image_size,
        map_read_out,
        nodules: nodules.collect::<Result<_, Error>>()?,
        networks: Vec::new(),
    };
    let images = view.nodules.iter().flat_map(|nodule| &nodule.images);
    let (corners, masks) = corners(&generator, &view.nodules)?;
    let images: Vec<f32> = images.copied().collect();
    Ok(Shown {
        regions: score_regions(view.image_size, &masks)?,
        question: question(&view, [&images, &corners]),
        images,
        corners,
        view,
    })
}

fn question(view: &PlaneView, images: [&[f32]; 2]) -> Sha256 {
    let mut hash = Sha256::new();
    let mapped = view.map_read_out.map(ReadOut::name);
    let methods = Method::ALL.map(Method::name);
    let sizes = (view.points, view.image_size, NOISE);
    hash.update(format!("{mapped:?} {methods:?} {sizes:?}\n"));
    for images in images {
        let bytes: Vec<_> = images.iter().flat_map(|v| v.to_le_bytes()).collect();
        hash.update(bytes);
    }
    hash
}

/// The images at the corners, and their masks.
fn corners(generator: &Generator, nodules: &[PlaneNodule]) -> Result<(Vec<f32>, Vec<u8>), Error> {
    let (mut images, mut masks) = (Vec::new(), Vec::new());
    for nodule in nodules {
        for (shape, texture) in plane_points().into_iter().filter(is_corner) {
            let latents = nodule.latents.with(Mode::Shape, shape);
            let rendered = generator.render(&latents.with(Mode::Texture, texture))?;
            images.extend(rendered.image);
            masks.extend(rendered.mask);
        }
    }
    Ok((images, masks))
}

fn is_corner((shape, texture): &(f64, f64)) -> bool {
    [shape, texture]
        .iter()
        .all(|level| **level == 0.0 || **level == 1.0)
}

impl Shown {
    /// What `network` makes of the nodules under its read-outs, on the CPU.
    pub(crate) fn seen(
        &self,
        network: &dyn Network,
        fitted: &[FittedReadOut],
    ) -> Result<Seen, Error> {
        let inference = infer(network, &self.images)?;
        let decided = fitted.par_iter().map(|fitted| {
            let values = decision_values(fitted, &inference)?;
            Ok((fitted.read_out(), values))
        });
        let is_mapped = |f: &&FittedReadOut| self.view.map_read_out == Some(f.read_out());
        let mapped = fitted.iter().find(is_mapped).map(linear).transpose()?;
        let corners = images_tensor(&self.corners, self.view.image_size)?;
        let maps = mapped.as_ref();
        let maps = maps.map(|read_out| all_maps(network, read_out, NOISE, &corners));
        Ok(Seen {
            decisions: decided.collect::<Result<_, Error>>()?,
            maps: maps.transpose()?.unwrap_or_default(),
            mapped,
        })
    }

    /// The same in spreads, under each of the run's read-outs; `runs` hold the unit of its decisions.
    pub(super) fn explored(
        &self,
        run: &OpenedRun,
        seen: &Seen,
        runs: &[FinishedRun],
    ) -> Result<Vec<PlaneNetwork>, Error> {
        let of_read_out = |(read_out, decided): &(ReadOut, Vec<f32>)| {
            let unit = unit(runs, &run.record.run, *read_out);
            let maps = match &seen.mapped {
                Some(mapped) if mapped.read_out == *read_out => self.corner_maps(seen, unit)?,
                _ => Vec::new(),
            };
            Ok(PlaneNetwork {
                train: run.settings.train.name().to_owned(),
                loss: run.record.loss.clone(),
                seed: run.record.seed,
                read_out: *read_out,
                decision_scores: decided.iter().map(|d| f64::from(*d) * unit).collect(),
                maps,
            })
        };
        seen.decisions.iter().map(of_read_out).collect()
    }

    fn corner_maps(&self, seen: &Seen, unit: f64) -> Result<Vec<CornerMaps>, Error> {
        let maps = seen.maps.iter().map(|(method, maps)| {
            let maps: Vec<f32> = maps.iter().map(|v| v * unit as f32).collect();
            Ok(CornerMaps {
                method: *method,
                mass: relevance_masses_in(&self.regions, &maps)?,
                maps,
            })
        });
        maps.collect()
    }
}
