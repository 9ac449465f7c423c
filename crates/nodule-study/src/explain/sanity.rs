//! Do maps depend on what was learned? Cascading randomisation (Adebayo et al. 2018): the layers of
//! a trained network are replaced from the last to the first by freshly initialised ones, and the
//! maps compared with those of the trained network.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use nodule_eval::{FittedReadOut, ReadOut, spearman};
use nodule_explain::{Method, attribute, similarity};
use nodule_nn::{LeNet, le_net};
use nodule_seed::derive;
use nodule_synth::{DataSet, Outlines};
use serde::Serialize;

use super::{ExplainSettings, image_tensor, prepare};
use crate::Error;
use crate::decision::decision;
use crate::folder::{create_folder, write_atomic};
use crate::opened::{OpenedRun, open_run};

/// How alike the maps of one method are before and after the layers down to one are random, mean
/// over the images whose two maps are not blank.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SanityRow {
    /// The method.
    pub method: Method,
    /// The first layer that is random; all after it are too. Or `random labels`: the whole network was
    /// trained on those.
    pub layer: String,
    /// Images.
    pub n: usize,
    /// Images of which a map was blank before or after.
    pub blank: usize,
    /// Structural similarity of the absolute maps, each scaled to its largest value.
    pub similarity: Option<f64>,
    /// Spearman's correlation of the absolute maps.
    pub rank_correlation: Option<f64>,
}

/// Randomises the run in `folder` layer by layer and writes `sanity.csv` into `out`. What `settings`
/// says of how is not used: all methods are checked, with the read-out's plane held.
///
/// # Errors
/// As [`super::explain_run`].
pub fn check_sanity(
    folder: &Path,
    outlines: Arc<Outlines>,
    settings: &ExplainSettings,
    out: &Path,
) -> Result<Vec<SanityRow>, Error> {
    let run = open_run(folder, outlines)?;
    let (data, fitted) = prepare(&run, settings)?;
    let rows = cascade_rows(&run, settings, &fitted, &data)?;
    create_folder(out)?;
    let failed = |e: String| Error::Record {
        path: out.join("sanity.csv"),
        reason: e,
    };
    let mut table = csv::Writer::from_writer(Vec::new());
    for row in &rows {
        table.serialize(row).map_err(|e| failed(e.to_string()))?;
    }
    let bytes = table.into_inner().map_err(|e| failed(e.to_string()))?;
    write_atomic(&out.join("sanity.csv"), &bytes)?;
    Ok(rows)
}

/// The maps of `run` against those of the same network with ever more random layers.
pub(crate) fn cascade_rows(
    run: &OpenedRun,
    settings: &ExplainSettings,
    fitted: &FittedReadOut,
    data: &DataSet,
) -> Result<Vec<SanityRow>, Error> {
    let trained = all_maps(&run.network, settings, fitted, data)?;
    let mut rows = Vec::new();
    for (layer, network) in cascade(&run.network, settings)? {
        let random = all_maps(&network, settings, fitted, data)?;
        rows.extend(compare_all(&layer, &trained, &random, data)?);
    }
    Ok(rows)
}

/// The maps of `run` against those of a network that saw the same kind of images under random labels:
/// what is alike comes from the images and the architecture, not from what was learned.
pub(crate) fn random_label_rows(
    (run, fitted): (&OpenedRun, &FittedReadOut),
    (random, random_fitted): (&OpenedRun, &FittedReadOut),
    settings: &ExplainSettings,
    data: &DataSet,
) -> Result<Vec<SanityRow>, Error> {
    let trained = all_maps(&run.network, settings, fitted, data)?;
    let random = all_maps(&random.network, settings, random_fitted, data)?;
    compare_all("random labels", &trained, &random, data)
}

/// `[n, size, size]` for each method.
fn all_maps(
    network: &LeNet,
    settings: &ExplainSettings,
    fitted: &FittedReadOut,
    data: &DataSet,
) -> Result<Vec<Vec<f32>>, Error> {
    let images = image_tensor(data)?;
    let decision = decision(network, settings.read_out, fitted)?;
    let maps = |method| -> Result<Vec<f32>, Error> {
        let maps = attribute(method, &decision, &images, settings.seed)?;
        let values = maps.flatten_all().and_then(|m| m.to_vec1::<f32>());
        Ok(values.map_err(nodule_explain::Error::from)?)
    };
    Method::ALL.into_iter().map(maps).collect()
}

fn compare_all(
    layer: &str,
    before: &[Vec<f32>],
    after: &[Vec<f32>],
    data: &DataSet,
) -> Result<Vec<SanityRow>, Error> {
    let pairs = Method::ALL.into_iter().zip(before.iter().zip(after));
    pairs
        .map(|(method, (a, b))| compare(method, layer, a, b, data))
        .collect()
}

/// Networks with ever more random layers, from the last that the read-out uses to the first.
fn cascade(network: &LeNet, settings: &ExplainSettings) -> Result<Vec<(String, LeNet)>, Error> {
    let config = network.config();
    let fresh = le_net(config, derive(settings.seed, &["sanity"]), network.device())?;
    let tensors = |network: &LeNet| -> BTreeMap<_, _> {
        let all = network.parameters().into_iter();
        all.map(|(name, v)| (name, v.as_detached_tensor()))
            .collect()
    };
    let (mut mixed, fresh) = (tensors(network), tensors(&fresh));
    let mut layers = vec!["fc3", "fc2", "fc1", "conv2", "conv1"];
    if settings.read_out != ReadOut::Head {
        layers.remove(0);
    }
    let step = |layer: &str| {
        for (name, tensor) in fresh.iter().filter(|(name, _)| name.starts_with(layer)) {
            mixed.insert(name.clone(), tensor.clone());
        }
        let network = LeNet::from_tensors(config, &mixed, network.device())?;
        Ok((layer.to_owned(), network))
    };
    layers.into_iter().map(step).collect()
}

fn compare(
    method: Method,
    layer: &str,
    before: &[f32],
    after: &[f32],
    data: &DataSet,
) -> Result<SanityRow, Error> {
    let (n, size) = (data.labels.len(), data.image_size);
    let (mut alike, mut ranks) = (Vec::new(), Vec::new());
    for (a, b) in before.chunks(size * size).zip(after.chunks(size * size)) {
        if let (Some(a), Some(b)) = (scaled(a), scaled(b)) {
            alike.push(similarity(&a, &b, size, 1.0)?);
            let wide = |map: &[f32]| map.iter().map(|v| f64::from(*v)).collect::<Vec<_>>();
            ranks.extend(spearman(&wide(&a), &wide(&b)));
        }
    }
    let mean = |values: &[f64]| {
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    Ok(SanityRow {
        method,
        layer: layer.to_owned(),
        n,
        blank: n - alike.len(),
        similarity: mean(&alike),
        rank_correlation: mean(&ranks),
    })
}

/// The absolute map over its largest value; none for a blank one.
fn scaled(map: &[f32]) -> Option<Vec<f32>> {
    let largest = map.iter().fold(0.0f32, |m, v| m.max(v.abs()));
    (largest > 0.0).then(|| map.iter().map(|v| v.abs() / largest).collect())
}
