//! Maps of a finished run: which pixels it decides by.

use std::path::Path;
use std::sync::Arc;

use crate::{Error, Models};
use candle_core::Tensor;
use nodule_battery::scores::relevance_masses;
use nodule_error::invalid_value;
use nodule_eval::ReadOut;
use nodule_eval::saliency::{RelevanceMass, pointing_game};
use nodule_explain::{Method, Model};
use nodule_images::LabelledImages;
use nodule_study::plan::TrainRecord;
use nodule_study::records::{ExplainedImages, Explanation};
use nodule_synth::Distribution;

use super::explanation::MapKind;
use super::fitted::fitted_one;
use super::open::{OpenedRun, Sources, open_run};
use super::stability::stability;
use crate::images::{images_tensor, map_values};
use crate::measure::{decision, exact_maps, linear, with_steps};

/// What to explain.
#[derive(Debug, Clone)]
pub struct ExplainSettings {
    /// What the maps show.
    pub kind: MapKind,
    /// Whose decision: one that has a derivative.
    pub read_out: ReadOut,
    /// Which images.
    pub subject: Subject,
    /// Seed of images that are drawn, and of the noise where the method has any.
    pub seed: u64,
    /// How many images; of those that are given, the first.
    pub n: usize,
}

/// The images that a run is asked about.
#[derive(Debug, Clone)]
pub enum Subject {
    /// Drawn from its training distribution.
    Own,
    /// Drawn from another one.
    Drawn(Distribution),
    /// Brought by the user.
    Given(Arc<LabelledImages>),
}

impl Subject {
    /// What tables call them, and the images.
    pub(super) fn images(
        &self,
        run: &OpenedRun,
        settings: &ExplainSettings,
    ) -> Result<(String, ExplainedImages), Error> {
        let distribution = match self {
            Self::Own => match &run.settings.train {
                TrainRecord::Distribution(distribution) => distribution,
                TrainRecord::UserImages(given) => {
                    let allowed =
                        "a distribution or images to ask about: the run was trained on images";
                    return Err(
                        invalid_value("what it was trained on", &given.name, allowed)
                            .at(&run.record.run)
                            .into(),
                    );
                }
            },
            Self::Drawn(distribution) => distribution,
            Self::Given(images) => {
                run.fits(images)?;
                return Ok((images.name.clone(), first(images, settings.n)));
            }
        };
        let data = run
            .asking
            .generate(distribution, settings.seed, 0..settings.n)?;
        Ok((distribution.name.clone(), data.into()))
    }
}

/// The first `n` of these images.
fn first(images: &LabelledImages, n: usize) -> ExplainedImages {
    let n = n.min(images.labels.len());
    let pixels = n * images.image_size * images.image_size;
    let rating = |what: &str, ratings: &Option<Vec<f64>>, i: usize| {
        let rating = ratings.as_ref()?.get(i)?;
        Some(format!("{what} {rating}"))
    };
    let known = (0..n).map(|i| {
        let shape = rating("shape", &images.shape, i);
        let texture = rating("texture", &images.texture, i);
        let parts: Vec<_> = shape.into_iter().chain(texture).collect();
        parts.join(", ")
    });
    ExplainedImages {
        image_size: images.image_size,
        images: images.images[..pixels].to_vec(),
        masks: images.masks.as_ref().map(|masks| masks[..pixels].to_vec()),
        labels: images.labels[..n].to_vec(),
        notes: known.collect(),
    }
}

/// Maps of images under the run in `folder`, with their scores.
///
/// # Errors
/// [`Error::Folder`] if there is no finished run; [`Error::Setting`] if the run has no such read-out,
/// it has no derivative, the method does not suit the network, or there is no image.
pub fn explain_run(
    folder: &Path,
    models: &Models,
    sources: &Sources,
    settings: &ExplainSettings,
) -> Result<Explanation, Error> {
    let run = open_run(folder, models, sources)?;
    let fitted = fitted_one(&run, settings.read_out)?;
    let (distribution, data) = settings.subject.images(&run, settings)?;
    let decision = decision(run.network.as_ref(), &linear(&fitted)?)?;
    let images = images_tensor(&data.images, data.image_size)?;
    let (maps, completeness) = match settings.kind {
        MapKind::Map(Method::IntegratedGradients) => {
            let (maps, completeness) = exact_maps(&decision, &images)?;
            (maps, Some(completeness))
        }
        kind => (kind.maps(&decision, &images, settings.seed)?, None),
    };
    let explain = |images: &Tensor| match &completeness {
        Some(exact) => with_steps(&decision, images, exact.steps),
        None => settings.kind.maps(&decision, images, settings.seed),
    };
    let unit = settings.kind.unit();
    let stability = stability(explain, unit, &decision, (&images, &maps))?;
    let decided = decision.decide(&images).and_then(|d| d.to_vec1());
    let maps = map_values(&maps)?;
    let pixels = data.image_size * data.image_size;
    let pointing = match &data.masks {
        Some(masks) => {
            let pairs = maps.chunks(pixels).zip(masks.chunks(pixels));
            pairs.map(|(map, mask)| pointing_game(map, mask)).collect()
        }
        None => Ok(vec![None; data.labels.len()]),
    };
    let mass = match &data.masks {
        Some(masks) => relevance_masses(data.image_size, masks, &maps)?,
        None => vec![RelevanceMass::default(); data.labels.len()],
    };
    Ok(Explanation {
        run: run.record.run.clone(),
        title: settings.kind.to_string(),
        legend: settings.kind.legend(),
        read_out: settings.read_out,
        distribution,
        seed: settings.seed,
        decision_scores: decided.map_err(nodule_explain::Error::from)?,
        mass,
        pointing_game: pointing?,
        infidelity: stability.infidelity,
        max_sensitivity: stability.sensitivity,
        completeness,
        maps,
        data,
    })
}
