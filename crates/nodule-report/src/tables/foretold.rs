//! What foretells a network's reliance, and what its features and their use cost.

use nodule_eval::Metric;
use nodule_study::records::FinishedRun;
use nodule_study::settings::Endpoint;
use nodule_study::text::number;

use super::Table;
use super::cells::{NONE, bracketed, by_loss_interval, texts};
use super::source::Source;
use crate::Error;
use crate::analysis::Runs;
use crate::analysis::endpoint::value;
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
        name: "foretold".into(),
        caption: "What is known of a network's reliance on shape before it is trained, and after one epoch: Spearman's correlation with its final reliance over seeds, with its 95% bootstrap interval (n), and the share of the variance of final reliance that a line through the other seeds explains of a seed left out; below 0, their mean does better. Seen on the latents of the timeline.".into(),
        header: texts(&[over, "train", "loss", "predictor", "correlation", "explained out of sample"]),
        rows,
    };
    Ok((!table.rows.is_empty()).then_some(table))
}

/// What may be lost of shape between an image and a decision.
type Cost = (&'static str, fn(&FinishedRun, &Runs) -> Option<f64>);

/// One row a place, training distribution and cost, one column a loss; none where no study measures any.
pub(crate) fn costs(over: &str, places: &[Place]) -> Result<Option<Table>, Error> {
    let costs: [Cost; 3] = [
        ("decision on shape-only", |run, runs| decided(run, runs)),
        ("feature cost", |run, _| Some(1.0 - held(run)?)),
        ("use cost", |run, runs| {
            Some(held(run)? - decided(run, runs)?)
        }),
    ];
    let mut rows = Vec::new();
    for (place, runs) in places {
        for train in &runs.study.train {
            for (name, of) in costs {
                let cells = by_loss_interval(runs, train, &|run| of(run, runs))?;
                if cells.iter().any(|cell| cell != NONE) {
                    rows.push([vec![place.clone(), train.clone(), name.into()], cells].concat());
                }
            }
        }
    }
    let losses = places
        .first()
        .map_or(&[][..], |(_, runs)| &runs.study.losses);
    let table = Table {
        source: Source::whole("layers", 3),
        name: "costs".into(),
        caption: "Not learned, or not used? In AUROC, of shape. Decision: of the read-out's own decision where shape is all there is. Feature cost: what a linear probe of the embedding misses that was fitted where shape and texture are independent (a balanced read-out, after Kirichenko et al. 2022). Use cost: by how much that probe is better than the decision; below 0 where it is worse. Means with 95% bootstrap intervals over seeds (n).".into(),
        header: [texts(&[over, "train", "cost"]), losses.to_vec()].concat(),
        rows,
    };
    Ok((!table.rows.is_empty()).then_some(table))
}

/// AUROC of shape, read linearly from the embedding.
fn held(run: &FinishedRun) -> Option<f64> {
    run.evaluation.representation.as_ref()?.layers.last()?.shape
}

/// AUROC of the decision where shape is all there is.
fn decided(run: &FinishedRun, runs: &Runs) -> Option<f64> {
    let endpoint = Endpoint::Metric {
        metric: Metric::Auroc,
        test: "shape-only".into(),
    };
    value(run, &endpoint, runs.read_out()?)
}
