//! Assembly of the showcase.

use nodule_battery::sets::{build_generator, generate_factorial, generate_gallery};
use nodule_study::plan::derive_shared_seed;
use nodule_study::records::{
    FinishedRun, PlaneNetwork, PlaneView, RepresentationSimilarity, Showcase,
};
use nodule_study::settings::TrainingSet;
use nodule_study::{Output, Resolved, RunSpec};
use nodule_synth::{DataSet, Split};
use rayon::prelude::*;

use super::cka::compare_representations;
use super::network_maps::explain_networks;
use super::outputs::{FinishedNetwork, FinishedNetworks};
use super::plane::describe_network;
use crate::cache::{PlaneImages, report_seeds};
use crate::{Error, Models};

/// Builds the showcase: decisions over the shape-texture plane and representation similarity of the networks of the
/// first seeds, and maps of the first seed's networks for the training set of the first claim.
///
/// `runs` are the finished and whole runs of `specs`, the study's own grid. Outputs come from the caches in the runs'
/// folders; missing ones are computed and cached.
///
/// # Errors
/// If a finished run cannot be opened, or the device fails.
pub fn build_showcase(
    resolved: &Resolved,
    specs: &[RunSpec],
    runs: &[FinishedRun],
    output: &Output,
    models: &Models,
) -> Result<Showcase, Error> {
    let study = &resolved.study;
    let claim = study.hypotheses.first().map(|h| h.train.as_str());
    let claimed = claim.or(study.train_names().next()).unwrap_or_default();
    let control = resolved.train.iter().find(|set| !set.is_learnable());
    let control = control.map(TrainingSet::name);
    let plane = PlaneImages::render(resolved)?;
    let networks = FinishedNetworks {
        resolved,
        specs,
        runs,
        output,
        models,
        plane: &plane,
    };
    let has_maps = |train: &str| train == claimed || Some(train) == control;
    let shown = evaluate_seeds(&networks, has_maps)?;

    let find = |train: &str| {
        let found = shown.explained.iter().find(|(name, _)| name == train);
        found.map_or(&[][..], |(_, networks)| networks)
    };
    let (claimed_networks, controls) = (find(claimed), control.map_or(&[][..], find));
    let map_read_out = plane.view.map_read_out;
    let map_read_out = map_read_out.filter(|_| !claimed_networks.is_empty());
    let maps = map_read_out.map(|read_out| {
        let networks = (claimed_networks, controls);
        explain_networks(resolved, (claimed, read_out), networks, runs)
    });
    let maps = maps.transpose()?;
    let view = PlaneView {
        networks: shown.plane_networks,
        ..plane.view
    };
    Ok(Showcase {
        gallery: generate_gallery(resolved)?,
        plane: (!view.networks.is_empty()).then_some(view),
        maps,
        similarity: shown.similarity,
    })
}

/// Results of the networks of some seeds.
#[derive(Default)]
struct SeedResults {
    plane_networks: Vec<PlaneNetwork>,
    similarity: RepresentationSimilarity,
    /// Networks of the first seed that maps are computed for, by training set.
    explained: Vec<(String, Vec<FinishedNetwork>)>,
}

/// Evaluates the networks of the first seeds for every training set, in the study's order. Keeps the first seed's
/// networks of the training sets for which `has_maps` holds.
fn evaluate_seeds(
    networks: &FinishedNetworks,
    has_maps: impl Fn(&str) -> bool + Sync,
) -> Result<SeedResults, Error> {
    let study = &networks.resolved.study;
    let images = representation_images(networks.resolved)?;
    let seeds = 0..report_seeds(study);
    let combinations: Vec<_> = study
        .train_names()
        .flat_map(|train| seeds.clone().map(move |seed| (train, seed)))
        .collect();
    let results = combinations.into_par_iter().map(|(train, seed)| {
        let mut result = evaluate_seed(networks, train, seed, images.as_ref())?;
        if seed != 0 || !has_maps(train) {
            result.explained.clear();
        }
        Ok(result)
    });
    let mut merged = SeedResults::default();
    for result in results.collect::<Result<Vec<_>, Error>>()? {
        let similarity = result.similarity;
        merged.plane_networks.extend(result.plane_networks);
        merged.similarity.layers.extend(similarity.layers);
        merged.similarity.neighbours.extend(similarity.neighbours);
        merged.explained.extend(result.explained);
    }
    Ok(merged)
}

/// Evaluates the finished networks of one seed and training set.
fn evaluate_seed(
    networks: &FinishedNetworks,
    train: &str,
    seed: usize,
    representation_images: Option<&DataSet>,
) -> Result<SeedResults, Error> {
    let found = networks.load(train, seed)?;
    let plane_networks = found
        .iter()
        .map(|network| describe_network(networks.plane, network, networks.runs))
        .collect::<Result<Vec<_>, _>>()?;
    let runs = found.par_iter().map(|network| &network.run);
    let similarity = representation_images.map(|data| compare_representations(runs, data));
    Ok(SeedResults {
        plane_networks: plane_networks.into_iter().flatten().collect(),
        similarity: similarity.transpose()?.unwrap_or_default(),
        explained: vec![(train.to_owned(), found)],
    })
}

/// Returns the images of the runs' own representation measurements, or `None` if the study has none.
fn representation_images(resolved: &Resolved) -> Result<Option<DataSet>, Error> {
    let study = &resolved.study;
    if study.samples.representation == 0 {
        return Ok(None);
    }
    let generator = build_generator(resolved, Split::Test)?;
    let seed = derive_shared_seed(study.root_seed, "representation", "factorial");
    let images = generate_factorial(&generator, seed, study.samples.representation)?;
    Ok(Some(images))
}
