//! Attribution maps of single images by a finished run, with their scores.

use std::path::Path;
use std::sync::Arc;

use candle_core::Tensor;
use nodule_battery::scores::relevance_masses;
use nodule_config::Method;
use nodule_error::conflict;
use nodule_eval::ReadOut;
use nodule_eval::saliency::{RelevanceMass, pointing_game};
use nodule_explain::Model;
use nodule_images::LabelledImages;
use nodule_study::plan::TrainRecord;
use nodule_study::records::{ExplainedImages, Explanation};
use nodule_synth::Distribution;

use super::read_outs::fit_read_out;
use super::stability::score_stability;
use super::{MapKind, OpenedRun, Sources, open_run};
use crate::images::{images_to_tensor, tensor_to_vec};
use crate::measure::{
    DecisionModel, LinearReadOut, attribute_until_complete, attribute_with_steps,
};
use crate::{Error, Models};

/// Settings of [`explain_run`].
///
/// ```
/// use nodule_eval::ReadOut;
/// use nodule_run::{ExplainSettings, MapKind, Subject};
///
/// let settings = ExplainSettings {
///     kind: MapKind::parse("gradient", None)?,
///     read_out: ReadOut::Head,
///     subject: Subject::TrainingDistribution,
///     seed: 0,
///     n: 8,
/// };
/// assert_eq!(settings.kind.to_string(), "gradient");
/// # Ok::<(), nodule_error::InvalidInput>(())
/// ```
#[derive(Debug, Clone)]
pub struct ExplainSettings {
    /// Kind of maps.
    pub kind: MapKind,
    /// Read-out whose decision score is explained; it must have a derivative.
    pub read_out: ReadOut,
    /// Images to explain.
    pub subject: Subject,
    /// Seed of generated images, and of the noise of `SmoothGrad`.
    pub seed: u64,
    /// Number of images; the first ones of the user's images.
    pub n: usize,
}

/// Images to explain.
#[derive(Debug, Clone)]
pub enum Subject {
    /// Images of the run's training distribution.
    TrainingDistribution,
    /// Images of another distribution.
    Distribution(Distribution),
    /// Images of the user. Those of groups that the run was trained on are left out.
    Images(Arc<LabelledImages>),
}

impl Subject {
    /// Returns the images and their name for tables.
    pub(super) fn images(
        &self,
        run: &OpenedRun,
        settings: &ExplainSettings,
    ) -> Result<(String, ExplainedImages), Error> {
        let distribution = match self {
            Self::TrainingDistribution => match &run.settings.train {
                TrainRecord::Distribution(distribution) => distribution,
                TrainRecord::UserImages(images) => {
                    let name = &images.name;
                    let reason =
                        format!("trained on images ({name}); give a distribution or images");
                    return Err(conflict("run", reason).at(&run.record.run).into());
                }
            },
            Self::Distribution(distribution) => distribution,
            Self::Images(images) => {
                run.check_size(images)?;
                let images = run.testable_images(images)?;
                return Ok((images.name.clone(), first_images(&images, settings.n)));
            }
        };
        let (seed, n) = (settings.seed, settings.n);
        let data = run.test_generator.generate(distribution, seed, 0..n)?;
        Ok((distribution.name.clone(), data.into()))
    }
}

/// Returns the user's images that the run in `folder` may be tested on: all but those of groups that it was trained on.
///
/// # Errors
/// If the run cannot be opened, the images have another size, or a class is missing among those that are left.
pub fn select_testable_images(
    folder: &Path,
    models: &Models,
    sources: &Sources,
    images: &Arc<LabelledImages>,
) -> Result<Arc<LabelledImages>, Error> {
    let run = open_run(folder, models, sources)?;
    run.check_size(images)?;
    run.testable_images(images)
}

/// Returns the first `n` images, with their ratings as notes.
fn first_images(images: &LabelledImages, n: usize) -> ExplainedImages {
    let n = n.min(images.labels.len());
    let pixels = n * images.image_size * images.image_size;
    let rating = |name: &str, ratings: &Option<Vec<f64>>, i: usize| {
        let rating = ratings.as_ref()?.get(i)?;
        Some(format!("{name} {rating}"))
    };
    let notes = (0..n).map(|i| {
        let shape = rating("shape", &images.shape, i);
        let texture = rating("texture", &images.texture, i);
        let ratings: Vec<_> = shape.into_iter().chain(texture).collect();
        ratings.join(", ")
    });
    ExplainedImages {
        image_size: images.image_size,
        images: images.images[..pixels].to_vec(),
        masks: images.masks.as_ref().map(|masks| masks[..pixels].to_vec()),
        labels: images.labels[..n].to_vec(),
        notes: notes.collect(),
    }
}

/// Computes maps of images with the run in `folder`, and their scores.
///
/// # Errors
/// If the run cannot be opened, does not have the read-out, or the method does not apply to its network; if the read-out
/// has no derivative, or the number of images is 0.
pub fn explain_run(
    folder: &Path,
    models: &Models,
    sources: &Sources,
    settings: &ExplainSettings,
) -> Result<Explanation, Error> {
    let run = open_run(folder, models, sources)?;
    let read_out = LinearReadOut::from_fitted(&fit_read_out(&run, settings.read_out)?)?;
    let (distribution, data) = settings.subject.images(&run, settings)?;
    let decision = DecisionModel::new(run.network.as_ref(), &read_out)?;
    let images = images_to_tensor(&data.images, data.image_size)?;
    let (kind, seed) = (settings.kind, settings.seed);
    let (maps, completeness) = match kind {
        MapKind::Attribution(Method::IntegratedGradients) => {
            let (maps, completeness) = attribute_until_complete(&decision, &images)?;
            (maps, Some(completeness))
        }
        kind => (kind.compute(&decision, &images, seed)?, None),
    };
    let explain = |images: &Tensor| match &completeness {
        Some(completeness) => attribute_with_steps(&decision, images, &completeness.steps),
        None => kind.compute(&decision, images, seed),
    };
    let stability = score_stability(explain, kind.unit(), &decision, (&images, &maps))?;
    let scores = decision.decide(&images)?.to_vec1()?;
    let maps = tensor_to_vec(&maps)?;
    let (mass, pointing_game) = score_regions(&data, &maps)?;
    Ok(Explanation {
        run: run.record.run.clone(),
        title: kind.to_string(),
        legend: kind.legend(),
        read_out: settings.read_out,
        distribution,
        seed,
        decision_scores: scores,
        mass,
        pointing_game,
        infidelity: stability.infidelity,
        max_sensitivity: stability.max_sensitivity,
        completeness,
        maps,
        data,
    })
}

/// Returns relevance mass and pointing game of each map; undefined for images without masks.
fn score_regions(
    data: &ExplainedImages,
    maps: &[f32],
) -> Result<(Vec<RelevanceMass>, Vec<Option<bool>>), Error> {
    let n = data.labels.len();
    let Some(masks) = &data.masks else {
        return Ok((vec![RelevanceMass::default(); n], vec![None; n]));
    };
    let pixels = data.image_size * data.image_size;
    let pairs = maps.chunks(pixels).zip(masks.chunks(pixels));
    let hits = pairs.map(|(map, mask)| pointing_game(map, mask));
    Ok((
        relevance_masses(data.image_size, masks, maps)?,
        hits.collect::<Result<_, _>>()?,
    ))
}
