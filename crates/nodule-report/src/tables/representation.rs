//! What the layers of networks hold, and how classes lie in their embeddings.

use nodule_study::records::{FinishedRun, LayerDecodability};

use super::Table;
use super::cells::{by_loss, mean_sd_text, texts};
use super::source::{Key, Source};
use crate::Error;
use nodule_analysis::Runs;

/// Two tables where the study asks what layers hold.
pub(crate) fn tables(runs: &Runs) -> Result<Vec<Table>, Error> {
    let mut all = runs.all.iter();
    match all.any(|run| run.evaluation.representation.is_some()) {
        true => Ok(vec![decodability(runs)?, separation(runs)?]),
        false => Ok(Vec::new()),
    }
}

/// A mode, and its decodability after and before training.
type OfMode = (&'static str, fn(&LayerDecodability) -> [Option<f64>; 2]);

fn decodability(runs: &Runs) -> Result<Table, Error> {
    let study = runs.study;
    let modes: [OfMode; 2] = [
        ("shape", |l| [l.shape, l.untrained_shape]),
        ("texture", |l| [l.texture, l.untrained_texture]),
    ];
    let mut measured = runs.all.iter().map(|run| &run.evaluation.representation);
    let first = measured.find_map(Option::as_ref);
    let layers = first.map_or(&[][..], |r| r.layers.as_slice());
    let mut rows = Vec::new();
    for train in study.train_names() {
        for (mode, of) in modes {
            for LayerDecodability { layer, .. } in layers {
                let at = |run: &FinishedRun| {
                    let mut layers = run.evaluation.representation.iter().flat_map(|r| &r.layers);
                    layers.find(|l| l.layer == *layer).map(of)
                };
                // Before training all losses have the same network: those of the first tell.
                let first = study
                    .losses
                    .first()
                    .map_or(&[][..], |l| runs.group(train, l));
                let before = first.iter().filter_map(|run| at(run)?[1]);
                let head = vec![
                    train.to_owned(),
                    mode.into(),
                    layer.clone(),
                    mean_sd_text(&before.collect::<Vec<_>>())?,
                ];
                rows.push([head, by_loss(runs, train, &|run| at(run)?[0])?].concat());
            }
        }
    }
    Ok(Table {
        source: Source {
            file: "layers",
            keys: vec![("train", Key::Column(0)), ("layer", Key::Column(2)), ("loss", Key::Heading)],
            first: 4,
        },
        name: "decodability".into(),
        caption: "What the layers hold: AUROC of shape and of texture (high against low), read linearly from each layer on images that the map was not fitted on; mean ± standard deviation over training seeds (n).".into(),
        header: [texts(&["train", "mode", "layer", "before training"]), study.losses.clone()].concat(),
        rows,
    })
}

fn separation(runs: &Runs) -> Result<Table, Error> {
    type Of = fn(&FinishedRun) -> Option<f64>;
    let measures: [(&str, Of); 2] = [
        ("silhouette", |run| {
            run.evaluation.representation.as_ref()?.silhouette
        }),
        ("within-class variability (NC1)", |run| {
            run.evaluation.representation.as_ref()?.nc1
        }),
    ];
    let mut rows = Vec::new();
    for train in runs.study.train_names() {
        for (name, of) in measures {
            let head = vec![train.to_owned(), name.into()];
            rows.push([head, by_loss(runs, train, &of)?].concat());
        }
    }
    Ok(Table {
        source: Source {
            file: "separation",
            keys: vec![("train", Key::Column(0)), ("loss", Key::Heading)],
            first: 2,
        },
        name: "separation".into(),
        caption: "How the classes lie in the embedding of in-distribution validation images: mean silhouette (Rousseeuw 1987; 1: two far points), and within-class variability over the distance between classes (NC1 of Papyan et al. 2020; 0: collapsed). Mean ± standard deviation over training seeds (n).".into(),
        header: [texts(&["train", "measure"]), runs.study.losses.clone()].concat(),
        rows,
    })
}
