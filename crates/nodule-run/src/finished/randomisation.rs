//! Do maps depend on what was learned? Model parameter randomisation (Adebayo et al. 2018): the layers of
//! a trained network are replaced from the last to the first by freshly initialised ones, and the maps
//! compared with those of the trained network; or with those of one trained on random labels.

use std::collections::BTreeMap;
use std::path::Path;

use crate::{Error, Models};
use candle_core::Tensor;
use nodule_error::invalid_value;
use nodule_eval::saliency::ssim;
use nodule_eval::statistics::spearman;
use nodule_explain::{Method, applies_to, default_attribution};
use nodule_nn::{Network, set_parameters};
use nodule_seed::derive;
use nodule_study::records::{ExplainedImages, Randomisation, RandomisationCheck};
use rayon::prelude::*;

use super::explain::ExplainSettings;
use super::fitted::fitted_one;
use super::open::{OpenedRun, Sources, open_run};
use crate::images::{images_tensor, map_values};
use crate::measure::{LinearReadOut, decision, linear};

/// Randomises the run in `folder` layer by layer. What `settings` say of the kind of map is not used: all
/// methods are asked, with the read-out held.
///
/// # Errors
/// As [`super::explain_run`].
pub fn randomise_run(
    folder: &Path,
    models: &Models,
    sources: &Sources,
    settings: &ExplainSettings,
) -> Result<Vec<RandomisationCheck>, Error> {
    let run = open_run(folder, models, sources)?;
    let read_out = linear(&fitted_one(&run, settings.read_out)?)?;
    let (_, data) = settings.subject.images(&run, settings)?;
    let images = images_tensor(&data.images, data.image_size)?;
    let trained = all_maps(run.network.as_ref(), &read_out, settings.seed, &images)?;
    randomised_layers(&run, &read_out, settings.seed, &data, &trained)
}

/// The maps of one network: `[n, size, size]` for each method that suits it.
pub(super) type Maps = Vec<(Method, Vec<f32>)>;

/// Every method's maps of `images`; `seed` decides the noise of those that have any.
pub(super) fn all_maps(
    network: &dyn Network,
    read_out: &LinearReadOut,
    seed: u64,
    images: &Tensor,
) -> Result<Maps, Error> {
    let decision = decision(network, read_out)?;
    let methods = Method::ALL.into_par_iter();
    let methods = methods.filter(|m| applies_to(*m, &decision));
    let maps = methods.map(|method| {
        let maps = default_attribution(method, seed).attribute(&decision, images)?;
        Ok((method, map_values(&maps)?))
    });
    maps.collect()
}

/// The maps `trained` of `run` against those of the same network with ever more random layers, from the
/// last that the read-out uses to the first.
pub(super) fn randomised_layers(
    run: &OpenedRun,
    read_out: &LinearReadOut,
    seed: u64,
    data: &ExplainedImages,
    trained: &Maps,
) -> Result<Vec<RandomisationCheck>, Error> {
    let architecture = run.architecture.as_ref();
    let device = run.network.device();
    let fresh = architecture.build(derive(seed, &["sanity"]), device)?;
    let tensors = |network: &dyn Network| -> BTreeMap<_, _> {
        let all = network.parameters().into_iter();
        all.map(|(name, v)| (name, v.as_detached_tensor()))
            .collect()
    };
    let (mut mixed, fresh) = (tensors(run.network.as_ref()), tensors(fresh.as_ref()));
    let images = images_tensor(&data.images, data.image_size)?;
    let mut layers = run.network.layers();
    if !read_out.read_out.needs_head() {
        layers.pop();
    }
    let mut rows = Vec::new();
    for layer in layers.into_iter().rev() {
        let prefix = format!("{layer}.");
        for (name, tensor) in fresh.iter().filter(|(name, _)| name.starts_with(&prefix)) {
            mixed.insert(name.clone(), tensor.clone());
        }
        let network = architecture.build(0, device)?;
        set_parameters(network.as_ref(), &mixed)?;
        let random = all_maps(network.as_ref(), read_out, seed, &images)?;
        rows.extend(compare_all(
            &Randomisation::FromLayer(layer),
            trained,
            &random,
            data,
        )?);
    }
    Ok(rows)
}

/// Two networks' maps of the same images, method by method.
pub(super) fn compare_all(
    randomised: &Randomisation,
    before: &Maps,
    after: &Maps,
    data: &ExplainedImages,
) -> Result<Vec<RandomisationCheck>, Error> {
    let pairs = before.iter().map(|(method, before)| {
        let after = after.iter().find(|(other, _)| other == method);
        let after = after.ok_or_else(|| {
            invalid_value("method", method, "one that suits both networks").at("maps")
        })?;
        compare(*method, randomised, before, &after.1, data)
    });
    pairs.collect()
}

fn compare(
    method: Method,
    randomised: &Randomisation,
    before: &[f32],
    after: &[f32],
    data: &ExplainedImages,
) -> Result<RandomisationCheck, Error> {
    let (n, size) = (data.labels.len(), data.image_size);
    let (mut alike, mut ranks) = (Vec::new(), Vec::new());
    for (a, b) in before.chunks(size * size).zip(after.chunks(size * size)) {
        if let (Some(a), Some(b)) = (scaled(a), scaled(b)) {
            alike.push(ssim(&a, &b, size, 1.0)?);
            let wide = |map: &[f32]| map.iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
            ranks.extend(spearman(&wide(&a), &wide(&b))?);
        }
    }
    let mean = |values: &[f64]| {
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    Ok(RandomisationCheck {
        method,
        randomisation: randomised.clone(),
        n,
        blank: n - alike.len(),
        ssim: mean(&alike),
        rank_correlation: mean(&ranks),
    })
}

/// The absolute map over its largest value; none for a blank one.
fn scaled(map: &[f32]) -> Option<Vec<f32>> {
    let largest = map.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    (largest > 0.0).then(|| map.iter().map(|v| v.abs() / largest).collect())
}
