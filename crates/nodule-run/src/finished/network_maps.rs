//! Maps of networks side by side, and whether they depend on what was learned.

use crate::Error;
use nodule_battery::sets::{build_generator, generate_factorial};
use nodule_eval::ReadOut;
use nodule_explain::{Method, Model, applies_to, default_attribution};
use nodule_study::Resolved;
use nodule_study::plan::derive_shared_seed;
use nodule_study::records::{
    ExplainedImages, ExplainedNetwork, FinishedRun, NetworkMaps, Randomisation, RandomisationCheck,
};
use nodule_synth::{DataSet, Split};
use rayon::prelude::*;

use super::NOISE;
use super::cells::one_a_cell;
use super::fitted::unit;
use super::open::OpenedRun;
use super::randomisation::{all_maps, compare_all, randomised_layers};
use super::seen::Seen;
use crate::images::{image_tensor, images_tensor, map_values};
use crate::measure::{LinearReadOut, decision};

/// One network a loss.
type Networks<'a> = &'a [(OpenedRun, Seen)];

/// Maps of `networks`, trained on `train`, under `read_out`; `controls` are those trained on labels that say nothing
/// of the images, and `runs` hold the unit of decisions.
pub(super) fn network_maps(
    resolved: &Resolved,
    (train, read_out): (&str, ReadOut),
    (networks, controls): (Networks, Networks),
    runs: &[FinishedRun],
) -> Result<NetworkMaps, Error> {
    let study = &resolved.study;
    let generator = build_generator(resolved, Split::Test)?;
    let seed = |purpose: &str| derive_shared_seed(study.root_seed, purpose, "factorial");
    let shown = one_a_cell(&generator, seed("examples"))?;
    let compared = generate_factorial(&generator, seed("maps"), study.samples.maps)?;
    let of_run = |(run, seen): &(OpenedRun, Seen)| {
        let own = of_read_out(seen, read_out)?;
        let mut controls = controls.iter();
        let control = controls.find(|(c, _)| c.record.loss == run.record.loss);
        let explained = explained(run, own, &shown, runs)?;
        let rows = randomised(run, own, control, &compared)?;
        let rows = rows.into_iter().map(|row| (run.record.loss.clone(), row));
        Ok((explained, rows.collect::<Vec<_>>()))
    };
    let made = networks.par_iter().map(of_run);
    let made = made.collect::<Result<Vec<_>, Error>>()?;
    let (networks, rows): (Vec<_>, Vec<_>) = made.into_iter().unzip();
    Ok(NetworkMaps {
        train: train.to_owned(),
        read_out,
        images: shown,
        networks,
        randomisation: rows.into_iter().flatten().collect(),
    })
}

fn of_read_out(seen: &Seen, read_out: ReadOut) -> Result<&LinearReadOut, Error> {
    let found = seen.mapped.as_ref().filter(|m| m.read_out == read_out);
    found.ok_or_else(|| Error::made("maps", format!("a loss of the study has no {read_out}")))
}

/// Maps of the nodules that are shown, in spreads.
fn explained(
    run: &OpenedRun,
    read_out: &LinearReadOut,
    shown: &DataSet,
    runs: &[FinishedRun],
) -> Result<ExplainedNetwork, Error> {
    let decision = decision(run.network.as_ref(), read_out)?;
    let images = image_tensor(shown)?;
    let unit = unit(runs, &run.record.run, read_out.read_out);
    let methods = Method::ALL.into_par_iter();
    let methods = methods.filter(|m| applies_to(*m, &decision));
    let maps = methods.map(|method| {
        let maps = default_attribution(method, NOISE).attribute(&decision, &images)?;
        let maps = (maps * unit).map_err(nodule_explain::Error::from)?;
        Ok((method, map_values(&maps)?))
    });
    let decided = decision.decide(&images);
    let decided = decided.and_then(|d| (d * unit)?.to_vec1::<f32>());
    Ok(ExplainedNetwork {
        loss: run.record.loss.clone(),
        maps: maps.collect::<Result<_, Error>>()?,
        decision_scores: decided.map_err(nodule_explain::Error::from)?,
    })
}

/// The maps of a run against those of the same network with random layers, and of its control.
fn randomised(
    run: &OpenedRun,
    read_out: &LinearReadOut,
    control: Option<&(OpenedRun, Seen)>,
    data: &DataSet,
) -> Result<Vec<RandomisationCheck>, Error> {
    let data = &ExplainedImages::from(data.clone());
    let images = images_tensor(&data.images, data.image_size)?;
    let trained = all_maps(run.network.as_ref(), read_out, NOISE, &images)?;
    let mut rows = randomised_layers(run, read_out, NOISE, data, &trained)?;
    if let Some((control, of_control)) = control {
        let of_control = of_read_out(of_control, read_out.read_out)?;
        let random = all_maps(control.network.as_ref(), of_control, NOISE, &images)?;
        rows.extend(compare_all(
            &Randomisation::Labels,
            &trained,
            &random,
            data,
        )?);
    }
    Ok(rows)
}
