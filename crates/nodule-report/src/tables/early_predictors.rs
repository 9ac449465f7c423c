//! Early predictors of a network's final reliance on shape, along a setting.

use nodule_analysis::Runs;
use nodule_analysis::early_predictors::{Predictor, evaluate_predictor};
use nodule_study::text::format_number;

use super::formatting::{interval_and_n, optional, strings};
use super::{Source, Table};
use crate::Error;

/// A value of the setting with the runs there.
pub(crate) type SweepPoint<'a> = (String, &'a Runs<'a>);

/// Returns one row per value, training distribution, loss and predictor; `None` if no predictor is measured.
pub(crate) fn table(over: &str, points: &[SweepPoint]) -> Result<Option<Table>, Error> {
    let mut rows = Vec::new();
    for (value, runs) in points {
        for train in runs.study.train_names() {
            for loss in &runs.study.losses {
                for predictor in Predictor::ALL {
                    let Some(found) = evaluate_predictor(runs.group(train, loss), predictor)?
                    else {
                        continue;
                    };
                    let title = predictor.title();
                    let head = strings(&[value, train, loss, title]);
                    let correlation = found.correlation.map_or_else(
                        || optional(None, format_number),
                        |c| interval_and_n(c, found.interval, found.n),
                    );
                    let explained = optional(found.out_of_sample, format_number);
                    rows.push([head, vec![correlation, explained]].concat());
                }
            }
        }
    }
    let table = Table {
        name: format!("foretold-{over}"),
        caption: "Early predictors of final reliance on shape. Spearman's rank correlation of the predictor with the final reliance over training seeds, with its 95% bootstrap interval (n), and the share of the variance of final reliance explained out of sample (leave one seed out, linear fit); below 0, the mean of the other seeds predicts better. Measured on the latents of the timeline.".into(),
        header: strings(&[over, "training set", "loss", "predictor", "correlation", "explained out of sample"]),
        rows,
        source: Source::whole("timeline"),
    };
    Ok((!table.rows.is_empty()).then_some(table))
}
