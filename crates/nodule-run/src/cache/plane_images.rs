//! Images over the shape-texture plane that every network in the report is evaluated on.

use nodule_battery::scores::score_regions;
use nodule_battery::sets::{POINTS, build_generator, plane_points, render_plane};
use nodule_config::Method;
use nodule_eval::ReadOut;
use nodule_eval::saliency::Regions;
use nodule_study::Resolved;
use nodule_study::plan::derive_shared_seed;
use nodule_study::records::{PlaneNodule, PlaneView};
use nodule_study::settings::choose_map_read_out;
use nodule_synth::{Generator, Mode, Split};
use sha2::{Digest, Sha256};

use crate::Error;
use crate::images::one_nodule_per_combination;
use crate::measure::NOISE_SEED;

/// One nodule per combination of shape and texture, at every point of the shape-texture plane.
#[derive(Debug)]
pub(crate) struct PlaneImages {
    /// Nodules and read-out of the maps, without networks. The read-out is `None` if the study has no maps.
    pub(crate) view: PlaneView,
    /// All images, nodule by nodule.
    pub(super) images: Vec<f32>,
    /// Images at the corners of the plane, which maps are computed for.
    pub(super) corners: Vec<f32>,
    /// Regions of the corner images, for the relevance mass of their maps.
    pub(crate) corner_regions: Vec<Regions>,
    /// Hash of images, read-out and methods, the beginning of every cache key.
    pub(super) hash: Sha256,
}

impl PlaneImages {
    /// Renders the images of a study.
    pub(crate) fn render(resolved: &Resolved) -> Result<Self, Error> {
        let study = &resolved.study;
        let map_read_out = choose_map_read_out(&study.read_outs).filter(|_| study.samples.maps > 0);
        let generator = build_generator(resolved, Split::Test)?;
        let seed = derive_shared_seed(study.root_seed, "explorer", "factorial");
        let data = one_nodule_per_combination(&generator, seed)?;
        let nodules = data.levels.iter().zip(data.latents);
        let nodules = nodules.map(|(levels, latents)| {
            Ok(PlaneNodule {
                cell: *levels,
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
        let images: Vec<f32> = (view.nodules.iter())
            .flat_map(|nodule| &nodule.images)
            .copied()
            .collect();
        let (corners, masks) = render_corners(&generator, &view.nodules)?;
        Ok(Self {
            corner_regions: score_regions(view.image_size, &masks)?,
            hash: hash_images(&view, [&images, &corners]),
            images,
            corners,
            view,
        })
    }
}

fn hash_images(view: &PlaneView, images: [&[f32]; 2]) -> Sha256 {
    let mut hash = Sha256::new();
    let map_read_out = view.map_read_out.map(ReadOut::name);
    let methods = Method::ALL.map(Method::name);
    let sizes = (view.points, view.image_size, NOISE_SEED);
    hash.update(format!("{map_read_out:?} {methods:?} {sizes:?}\n"));
    for images in images {
        let bytes: Vec<_> = images.iter().flat_map(|v| v.to_le_bytes()).collect();
        hash.update(bytes);
    }
    hash
}

/// Returns images and masks at the corners, nodule by nodule.
fn render_corners(
    generator: &Generator,
    nodules: &[PlaneNodule],
) -> Result<(Vec<f32>, Vec<u8>), Error> {
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
    let is_end = |level: &f64| *level == 0.0 || *level == 1.0;
    is_end(shape) && is_end(texture)
}
