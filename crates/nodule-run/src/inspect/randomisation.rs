//! Randomisation checks (Adebayo et al. 2018): whether maps depend on the trained weights.
//!
//! The layers of a trained network are replaced by randomly initialised ones, from the last to the first, and the maps
//! are compared with those of the trained network; or with those of a network trained on random labels.

use std::collections::BTreeMap;
use std::path::Path;

use nodule_config::Method;
use nodule_error::conflict;
use nodule_eval::saliency::ssim;
use nodule_eval::statistics::spearman;
use nodule_nn::{Network, set_parameters};
use nodule_seed::derive;
use nodule_study::records::{ExplainedImages, Randomisation, RandomisationCheck};

use super::read_outs::fit_read_out;
use super::{ExplainSettings, OpenedRun, Sources, open_run};
use crate::images::images_to_tensor;
use crate::measure::{LinearReadOut, MethodMaps, compute_maps};
use crate::{Error, Models};

/// Checks the run in `folder` layer by layer, by every method that applies; `settings.kind` is ignored. The read-out
/// stays that of the trained network.
///
/// # Errors
/// As [`super::explain_run`].
pub fn check_randomisation(
    folder: &Path,
    models: &Models,
    sources: &Sources,
    settings: &ExplainSettings,
) -> Result<Vec<RandomisationCheck>, Error> {
    let run = open_run(folder, models, sources)?;
    let read_out = LinearReadOut::from_fitted(&fit_read_out(&run, settings.read_out)?)?;
    let (_, data) = settings.subject.images(&run, settings)?;
    let images = images_to_tensor(&data.images, data.image_size)?;
    let trained = compute_maps(run.network.as_ref(), &read_out, settings.seed, &images)?;
    compare_randomised_layers(&run, &read_out, settings.seed, &data, &trained)
}

/// Compares the maps `trained` of `run` with those of the same network with more and more random layers, from the last
/// that the read-out uses to the first.
pub(crate) fn compare_randomised_layers(
    run: &OpenedRun,
    read_out: &LinearReadOut,
    noise_seed: u64,
    data: &ExplainedImages,
    trained: &MethodMaps,
) -> Result<Vec<RandomisationCheck>, Error> {
    let architecture = run.architecture.as_ref();
    let device = run.network.device();
    let random = architecture.build(derive(noise_seed, &["sanity"]), device)?;
    let parameters = |network: &dyn Network| -> BTreeMap<_, _> {
        let parameters = network.parameters().into_iter();
        parameters
            .map(|(name, var)| (name, var.as_detached_tensor()))
            .collect()
    };
    let mut mixed = parameters(run.network.as_ref());
    let random = parameters(random.as_ref());
    let images = images_to_tensor(&data.images, data.image_size)?;
    let mut layers = run.network.layers();
    if !read_out.read_out.needs_head() {
        layers.pop();
    }
    let mut checks = Vec::new();
    for layer in layers.into_iter().rev() {
        let prefix = format!("{layer}.");
        for (name, tensor) in random.iter().filter(|(name, _)| name.starts_with(&prefix)) {
            mixed.insert(name.clone(), tensor.clone());
        }
        let network = architecture.build(0, device)?;
        set_parameters(network.as_ref(), &mixed)?;
        let maps = compute_maps(network.as_ref(), read_out, noise_seed, &images)?;
        let randomisation = Randomisation::FromLayer(layer);
        checks.extend(compare_maps(&randomisation, trained, &maps, data)?);
    }
    Ok(checks)
}

/// Compares the maps of two networks for the same images, method by method.
pub(crate) fn compare_maps(
    randomisation: &Randomisation,
    trained: &MethodMaps,
    randomised: &MethodMaps,
    data: &ExplainedImages,
) -> Result<Vec<RandomisationCheck>, Error> {
    let checks = trained.iter().map(|(method, maps)| {
        let other = randomised.iter().find(|(other, _)| other == method);
        let (_, other) = other
            .ok_or_else(|| conflict("maps", format!("{method} does not apply to both networks")))?;
        compare_method(*method, randomisation, maps, other, data)
    });
    checks.collect()
}

fn compare_method(
    method: Method,
    randomisation: &Randomisation,
    trained: &[f32],
    randomised: &[f32],
    data: &ExplainedImages,
) -> Result<RandomisationCheck, Error> {
    let (n, size) = (data.labels.len(), data.image_size);
    let (mut similarities, mut correlations) = (Vec::new(), Vec::new());
    let pairs = trained
        .chunks(size * size)
        .zip(randomised.chunks(size * size));
    for (a, b) in pairs {
        if let (Some(a), Some(b)) = (scale_to_maximum(a), scale_to_maximum(b)) {
            similarities.push(ssim(&a, &b, size, 1.0)?);
            let to_f64 = |map: &[f32]| map.iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
            correlations.extend(spearman(&to_f64(&a), &to_f64(&b))?);
        }
    }
    let mean = |values: &[f64]| {
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    Ok(RandomisationCheck {
        method,
        randomisation: randomisation.clone(),
        n,
        blank: n - similarities.len(),
        ssim: mean(&similarities),
        rank_correlation: mean(&correlations),
    })
}

/// Returns the absolute map divided by its maximum, or `None` for a blank map.
fn scale_to_maximum(map: &[f32]) -> Option<Vec<f32>> {
    let maximum = map.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    (maximum > 0.0).then(|| map.iter().map(|v| v.abs() / maximum).collect())
}
