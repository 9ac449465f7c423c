//! Maps of a finished run: which pixels it decides by.

use std::path::Path;
use std::sync::Arc;

use candle_core::Tensor;
use nodule_battery::scores::mass;
use nodule_eval::ReadOut;
use nodule_explain::score::pointing;
use nodule_explain::{Method, Model};
use nodule_study::records::Explanation;
use nodule_study::{Error, Registry};
use nodule_synth::{Distribution, Outlines, generate};

use super::explanation::MapKind;
use super::fitted::fitted_one;
use super::open::open_run;
use super::stability::stability;
use crate::images::{image_tensor, map_values};
use crate::measure::{decision, exact_maps, with_steps};

/// What to explain.
#[derive(Debug, Clone)]
pub struct ExplainSettings {
    /// What the maps show.
    pub kind: MapKind,
    /// Whose decision: one that has a derivative.
    pub read_out: ReadOut,
    /// Which images; without it those of the training distribution.
    pub distribution: Option<Distribution>,
    /// Seed of the images, and of the noise where the method has any.
    pub seed: u64,
    /// How many images.
    pub n: usize,
}

/// Maps of images under the run in `folder`, with their scores.
///
/// # Errors
/// [`Error::Folder`] if there is no finished run; [`Error::Setting`] if the run has no such read-out,
/// it has no derivative, the method does not suit the network, or there is no image.
pub fn explain_run(
    folder: &Path,
    registry: &Registry,
    outlines: Arc<Outlines>,
    settings: &ExplainSettings,
) -> Result<Explanation, Error> {
    let run = open_run(folder, registry, outlines)?;
    let fitted = fitted_one(&run, settings.read_out)?;
    let distribution = settings.distribution.as_ref();
    let distribution = distribution.unwrap_or(&run.settings.train);
    let data = generate(&run.generator, distribution, settings.seed, settings.n)?;
    let decision = decision(run.network.as_ref(), &fitted)?;
    let images = image_tensor(&data)?;
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
    let pairs = maps.chunks(pixels).zip(data.masks.chunks(pixels));
    let pointing = pairs.map(|(map, mask)| pointing(map, mask));
    Ok(Explanation {
        run: run.record.run.clone(),
        title: settings.kind.to_string(),
        legend: settings.kind.legend(),
        read_out: settings.read_out,
        distribution: distribution.name.clone(),
        seed: settings.seed,
        decisions: decided.map_err(nodule_explain::Error::from)?,
        mass: mass(&data, &maps)?,
        pointing: pointing.collect::<Result<_, _>>()?,
        infidelity: stability.infidelity,
        sensitivity: stability.sensitivity,
        completeness,
        maps,
        data,
    })
}
