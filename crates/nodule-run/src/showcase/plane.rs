//! Outputs of one network over the shape-texture plane, in SD units.

use nodule_battery::scores::relevance_masses_in;
use nodule_eval::ReadOut;
use nodule_study::records::{CornerMaps, FinishedRun, PlaneNetwork};

use super::outputs::FinishedNetwork;
use super::sd_factor;
use crate::Error;
use crate::cache::{NetworkOutputs, PlaneImages};

/// Returns one entry per read-out of the network; `runs` hold the SD of its decision scores.
pub(super) fn describe_network(
    plane: &PlaneImages,
    network: &FinishedNetwork,
    runs: &[FinishedRun],
) -> Result<Vec<PlaneNetwork>, Error> {
    let FinishedNetwork { run, outputs } = network;
    let map_read_out = outputs.map_read_out.as_ref().map(|m| m.read_out);
    let describe = |(read_out, scores): &(ReadOut, Vec<f32>)| {
        let factor = sd_factor(runs, &run.record.run, *read_out);
        let maps = match map_read_out == Some(*read_out) {
            true => scale_maps(plane, outputs, factor)?,
            false => Vec::new(),
        };
        Ok(PlaneNetwork {
            train: run.settings.train.name().to_owned(),
            loss: run.record.loss.clone(),
            seed: run.record.seed,
            read_out: *read_out,
            decision_scores: scores.iter().map(|s| f64::from(*s) * factor).collect(),
            maps,
        })
    };
    outputs.scores.iter().map(describe).collect()
}

fn scale_maps(
    plane: &PlaneImages,
    outputs: &NetworkOutputs,
    factor: f64,
) -> Result<Vec<CornerMaps>, Error> {
    let maps = outputs.maps.iter().map(|(method, maps)| {
        let maps: Vec<f32> = maps.iter().map(|v| v * factor as f32).collect();
        Ok(CornerMaps {
            method: *method,
            mass: relevance_masses_in(&plane.corner_regions, &maps)?,
            maps,
        })
    });
    maps.collect()
}
