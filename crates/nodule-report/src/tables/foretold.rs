//! What foretells a network's reliance, and what its embedding holds, along a setting.

use nodule_study::records::{FinishedRun, LayerDecodability};
use nodule_study::text::number;

use super::Table;
use super::cells::{NONE, bracketed, by_loss_interval, texts};
use super::source::Source;
use crate::Error;
use crate::analysis::Runs;
use crate::analysis::endpoint::MODES;
use crate::analysis::foretold::{Predictor, foretold};

/// The runs of a study, or those at one value of a setting, under its name.
pub(crate) type Place<'a> = (String, &'a Runs<'a>);

/// One row a place, training distribution, loss and predictor; none where no study measures any.
pub(crate) fn predictors(over: &str, places: &[Place]) -> Result<Option<Table>, Error> {
    let mut rows = Vec::new();
    for (place, runs) in places {
        for train in &runs.study.train {
            for loss in &runs.study.losses {
                for predictor in Predictor::ALL {
                    let Some(found) = foretold(runs.of(train, loss), predictor)? else {
                        continue;
                    };
                    let of = |value: Option<f64>| value.map_or(NONE.to_owned(), number);
                    let correlation = found.correlation;
                    rows.push(vec![
                        place.clone(),
                        train.clone(),
                        loss.clone(),
                        predictor.title().to_owned(),
                        correlation
                            .map_or(NONE.to_owned(), |c| bracketed(c, found.interval, found.n)),
                        of(found.out_of_sample),
                    ]);
                }
            }
        }
    }
    let table = Table {
        source: Source::whole("timeline", 4),
        name: format!("foretold-{over}"),
        caption: "What is known of a network's reliance on shape before it is trained, and after one epoch: Spearman's correlation with its final reliance over seeds, with its 95% bootstrap interval (n), and the share of the variance of final reliance that a line through the other seeds explains of a seed left out; below 0, their mean does better. Seen on the latents of the timeline.".into(),
        header: texts(&[over, "train", "loss", "predictor", "correlation", "explained out of sample"]),
        rows,
    };
    Ok((!table.rows.is_empty()).then_some(table))
}

/// One row a place, training distribution and mode, one column a loss; none where no study looks at layers.
pub(crate) fn held(over: &str, places: &[Place]) -> Result<Option<Table>, Error> {
    type OfMode = (&'static str, fn(&LayerDecodability) -> Option<f64>);
    let modes: [OfMode; 2] = [("shape", |l| l.shape), ("texture", |l| l.texture)];
    let mut rows = Vec::new();
    for (place, runs) in places {
        for train in &runs.study.train {
            for (mode, of) in modes {
                let last = |run: &FinishedRun| {
                    of(run.evaluation.representation.as_ref()?.layers.last()?)
                };
                let cells = by_loss_interval(runs, train, &last)?;
                if cells.iter().any(|cell| cell != NONE) {
                    rows.push([vec![place.clone(), train.clone(), mode.into()], cells].concat());
                }
            }
        }
    }
    let losses = places
        .first()
        .map_or(&[][..], |(_, runs)| &runs.study.losses);
    let table = Table {
        source: Source::whole("layers", 3),
        name: format!("held-{over}"),
        caption: format!(
            "What embeddings hold, along {over}: AUROC of shape and of texture, read by a linear map that was fitted where the two are independent, on images that it was not fitted on. Means with 95% bootstrap intervals over seeds (n)."
        ),
        header: [texts(&[over, "train", "mode"]), losses.to_vec()].concat(),
        rows,
    };
    Ok((!table.rows.is_empty()).then_some(table))
}

/// One row a place, training distribution, mode and cost, one column a loss; none where no record knows the
/// decisions on the images that layers are asked about.
pub(crate) fn costs(over: &str, places: &[Place]) -> Result<Option<Table>, Error> {
    type Of = fn([f64; 2]) -> f64;
    let costs: [(&str, Of); 2] = [
        ("feature cost", |[held, _]| 1.0 - held),
        ("use cost", |[held, decided]| held - decided),
    ];
    let mut rows = Vec::new();
    for (place, runs) in places {
        for train in &runs.study.train {
            for (i, mode) in MODES.into_iter().enumerate() {
                for (name, of) in costs {
                    let cost = |run: &FinishedRun| Some(of(held_and_decided(run, i)?));
                    let cells = by_loss_interval(runs, train, &cost)?;
                    if cells.iter().any(|cell| cell != NONE) {
                        let head =
                            vec![place.clone(), train.clone(), mode.to_string(), name.into()];
                        rows.push([head, cells].concat());
                    }
                }
            }
        }
    }
    let losses = places
        .first()
        .map_or(&[][..], |(_, runs)| &runs.study.losses);
    let table = Table {
        source: Source::whole("separation", 4),
        name: format!("costs-{over}"),
        caption: "Not learned, or not used? In AUROC, on the same images, in which shape and texture are independent. Feature cost: what a linear probe of the embedding misses of a mode, fitted on such images (a balanced read-out, after Kirichenko et al. 2022). Use cost: by how much that probe tells the mode better than the network's own decision does. Means with 95% bootstrap intervals over seeds (n).".into(),
        header: [texts(&[over, "train", "mode", "cost"]), losses.to_vec()].concat(),
        rows,
    };
    Ok((!table.rows.is_empty()).then_some(table))
}

/// AUROC of a mode, read from the embedding and by the decision.
fn held_and_decided(run: &FinishedRun, mode: usize) -> Option<[f64; 2]> {
    let representation = run.evaluation.representation.as_ref()?;
    let embedding = representation.layers.last()?;
    let held = [embedding.shape, embedding.texture][mode]?;
    Some([held, representation.decided?[mode]?])
}
