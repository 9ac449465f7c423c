//! What foretells a network's reliance, along a setting.

use nodule_study::text::format_number;

use super::Table;
use super::cells::{NONE, bracketed, texts};
use super::source::Source;
use crate::Error;
use nodule_analysis::Runs;
use nodule_analysis::early_predictors::{Predictor, evaluate_predictor};

/// The runs of a study, or those at one value of a setting, under its name.
pub(crate) type Place<'a> = (String, &'a Runs<'a>);

/// One row a place, training distribution, loss and predictor; none where no study measures any.
pub(crate) fn predictors(over: &str, places: &[Place]) -> Result<Option<Table>, Error> {
    let mut rows = Vec::new();
    for (place, runs) in places {
        for train in runs.study.train_names() {
            for loss in &runs.study.losses {
                for predictor in Predictor::ALL {
                    let Some(found) = evaluate_predictor(runs.group(train, loss), predictor)?
                    else {
                        continue;
                    };
                    let of = |value: Option<f64>| value.map_or(NONE.to_owned(), format_number);
                    let correlation = found.correlation;
                    rows.push(vec![
                        place.clone(),
                        train.to_owned(),
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
