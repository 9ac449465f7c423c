//! Maps of several networks for the same images, and their randomisation checks.

use nodule_battery::sets::{build_generator, generate_factorial};
use nodule_eval::ReadOut;
use nodule_explain::Model;
use nodule_study::Resolved;
use nodule_study::plan::derive_shared_seed;
use nodule_study::records::{
    ExplainedImages, ExplainedNetwork, FinishedRun, NetworkMaps, Randomisation, RandomisationCheck,
};
use nodule_synth::{DataSet, Split};
use rayon::prelude::*;

use super::outputs::FinishedNetwork;
use super::sd_factor;
use crate::Error;
use crate::images::{dataset_to_tensor, images_to_tensor, one_nodule_per_combination};
use crate::inspect::{compare_maps, compare_randomised_layers};
use crate::measure::{DecisionModel, LinearReadOut, NOISE_SEED, compute_maps};

/// Computes maps of `networks`, trained on `train`, for the decision score of `read_out`. `controls` are networks trained
/// on labels that are independent of the images; `runs` hold the SD of the decision scores.
pub(super) fn explain_networks(
    resolved: &Resolved,
    (train, read_out): (&str, ReadOut),
    (networks, controls): (&[FinishedNetwork], &[FinishedNetwork]),
    runs: &[FinishedRun],
) -> Result<NetworkMaps, Error> {
    let study = &resolved.study;
    let generator = build_generator(resolved, Split::Test)?;
    let seed = |purpose: &str| derive_shared_seed(study.root_seed, purpose, "factorial");
    let examples = one_nodule_per_combination(&generator, seed("examples"))?;
    let compared = generate_factorial(&generator, seed("maps"), study.samples.maps)?;
    let compared = ExplainedImages::from(compared);
    let explained = networks.par_iter().map(|network| {
        let loss = &network.run.record.loss;
        let control = controls.iter().find(|c| c.run.record.loss == *loss);
        let explained = explain_network(network, read_out, &examples, runs)?;
        let checks = check_network(network, control, read_out, &compared)?;
        let checks: Vec<_> = checks.into_iter().map(|c| (loss.clone(), c)).collect();
        Ok((explained, checks))
    });
    let explained = explained.collect::<Result<Vec<_>, Error>>()?;
    let (networks, checks): (Vec<_>, Vec<_>) = explained.into_iter().unzip();
    Ok(NetworkMaps {
        train: train.to_owned(),
        read_out,
        images: examples,
        networks,
        randomisation: checks.into_iter().flatten().collect(),
    })
}

fn linear_read_out(network: &FinishedNetwork, read_out: ReadOut) -> Result<&LinearReadOut, Error> {
    let found = network.outputs.map_read_out.as_ref();
    let found = found.filter(|linear| linear.read_out == read_out);
    found
        .ok_or_else(|| Error::cannot_make("maps", format!("a loss of the study has no {read_out}")))
}

/// Returns maps and decision scores of the example images, in SD units.
fn explain_network(
    network: &FinishedNetwork,
    read_out: ReadOut,
    examples: &DataSet,
    runs: &[FinishedRun],
) -> Result<ExplainedNetwork, Error> {
    let run = &network.run;
    let linear = linear_read_out(network, read_out)?;
    let images = dataset_to_tensor(examples)?;
    let factor = sd_factor(runs, &run.record.run, read_out) as f32;
    let mut maps = compute_maps(run.network.as_ref(), linear, NOISE_SEED, &images)?;
    for value in maps.iter_mut().flat_map(|(_, values)| values) {
        *value *= factor;
    }
    let decision = DecisionModel::new(run.network.as_ref(), linear)?;
    let scores = decision.decide(&images)?.to_vec1::<f32>()?;
    Ok(ExplainedNetwork {
        loss: run.record.loss.clone(),
        maps,
        decision_scores: scores.iter().map(|score| score * factor).collect(),
    })
}

/// Compares the maps of a network with those of networks with random layers, and of its control.
fn check_network(
    network: &FinishedNetwork,
    control: Option<&FinishedNetwork>,
    read_out: ReadOut,
    data: &ExplainedImages,
) -> Result<Vec<RandomisationCheck>, Error> {
    let linear = linear_read_out(network, read_out)?;
    let images = images_to_tensor(&data.images, data.image_size)?;
    let trained = compute_maps(network.run.network.as_ref(), linear, NOISE_SEED, &images)?;
    let mut checks = compare_randomised_layers(&network.run, linear, NOISE_SEED, data, &trained)?;
    if let Some(control) = control {
        let linear = linear_read_out(control, read_out)?;
        let maps = compute_maps(control.run.network.as_ref(), linear, NOISE_SEED, &images)?;
        checks.extend(compare_maps(&Randomisation::Labels, &trained, &maps, data)?);
    }
    Ok(checks)
}
