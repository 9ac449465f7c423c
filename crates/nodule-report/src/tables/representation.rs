//! Linear decodability of each layer, and separation of the classes in the embedding.

use nodule_analysis::Runs;
use nodule_study::records::{FinishedRun, LayerDecodability, Representation};

use super::formatting::{mean_sd_by_loss, mean_sd_note, mean_sd_text, with_losses};
use super::{Source, Table};
use crate::Error;
use crate::text::{training_set, validation_images};

/// Returns two tables; none if the study does not measure representations.
pub(crate) fn tables(runs: &Runs) -> Result<Vec<Table>, Error> {
    let mut all = runs.all.iter();
    match all.any(|run| run.evaluation.representation.is_some()) {
        true => Ok(vec![decodability(runs)?, separation(runs)?]),
        false => Ok(Vec::new()),
    }
}

/// A mode of variation, and its decodability after and before training.
type Mode = (&'static str, fn(&LayerDecodability) -> [Option<f64>; 2]);

const MODES: [Mode; 2] = [
    ("shape", |l| [l.shape, l.untrained_shape]),
    ("texture", |l| [l.texture, l.untrained_texture]),
];

fn decodability(runs: &Runs) -> Result<Table, Error> {
    let study = runs.study;
    let mut measured = runs.all.iter().map(|run| &run.evaluation.representation);
    let first = measured.find_map(Option::as_ref);
    let layers = first.map_or(&[][..], |r| r.layers.as_slice());
    let mut rows = Vec::new();
    for train in study.train_names() {
        for (mode, values) in MODES {
            for LayerDecodability { layer, .. } in layers {
                let values_of = |run: &FinishedRun| {
                    let mut layers = run.evaluation.representation.iter().flat_map(|r| &r.layers);
                    layers.find(|l| l.layer == *layer).map(values)
                };
                // Before training, the networks of all losses are the same.
                let first = study
                    .losses
                    .first()
                    .map_or(&[][..], |l| runs.group(train, l));
                let before: Vec<_> = first.iter().filter_map(|run| values_of(run)?[1]).collect();
                let mut head = vec![train.to_owned(), mode.into(), layer.clone()];
                if !runs.external {
                    head.push(mean_sd_text(&before)?);
                }
                let after = mean_sd_by_loss(runs, train, &|run| values_of(run)?[0])?;
                rows.push([head, after].concat());
            }
        }
    }
    Ok(Table {
        name: "decodability".into(),
        caption: format!(
            "Linear decodability by layer. AUROC of a linear probe of each layer for shape and for texture (high against low level), on held-out images. {}",
            mean_sd_note(runs)
        ),
        header: with_losses(
            match runs.external {
                true => &["reference set", "mode of variation", "layer"],
                false => &[
                    "training set",
                    "mode of variation",
                    "layer",
                    "before training",
                ],
            },
            study,
        ),
        rows,
        source: Source::new("layers", &["train", "layer", "loss"]),
    })
}

fn separation(runs: &Runs) -> Result<Table, Error> {
    type Measure = (&'static str, fn(&Representation) -> Option<f64>);
    let measures: [Measure; 2] = [
        ("silhouette", |r| r.silhouette),
        ("within-class variability (NC1)", |r| r.nc1),
    ];
    let mut rows = Vec::new();
    for train in runs.study.train_names() {
        for (name, measure) in measures {
            let value = |run: &FinishedRun| measure(run.evaluation.representation.as_ref()?);
            let head = vec![train.to_owned(), name.into()];
            rows.push([head, mean_sd_by_loss(runs, train, &value)?].concat());
        }
    }
    Ok(Table {
        name: "separation".into(),
        caption: format!(
            "Separation of the classes in the embedding. On {}: mean silhouette (Rousseeuw 1987; 1: separated) and within-class variability relative to the distance between classes (NC1 of Papyan et al. 2020; 0: collapsed). {}",
            validation_images(runs),
            mean_sd_note(runs)
        ),
        header: with_losses(&[training_set(runs), "measure"], runs.study),
        rows,
        source: Source::new("separation", &["train", "loss"]),
    })
}
