//! Figures: one a file, SVG with text that stays text, one colour a loss everywhere.

mod accuracy;
mod plot;
mod prediction;
mod reliance;
mod training;

use nodule_eval::{Interval, bootstrap_mean};
use nodule_seed::derive;

use crate::record::FinishedRun;
use crate::settings::Study;

/// A figure: a file name without its ending, what it shows, and the drawing.
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) caption: String,
    pub(crate) svg: String,
}

/// All figures that the finished runs allow.
pub(crate) fn figures(study: &Study, runs: &[FinishedRun]) -> Vec<Figure> {
    if runs.is_empty() {
        return Vec::new();
    }
    let mut all = vec![reliance::figure(study, runs)];
    all.extend(
        study
            .read_outs
            .iter()
            .map(|r| accuracy::figure(study, runs, *r)),
    );
    all.extend(prediction::figure(study, runs));
    all.push(training::figure(study, runs));
    all
}

/// A colour for each loss, told apart by the colour-blind too (Okabe and Ito 2008).
pub(crate) fn colour(study: &Study, loss: &str) -> &'static str {
    const COLOURS: [&str; 7] = [
        "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000",
    ];
    let place = study
        .losses
        .iter()
        .position(|other| other == loss)
        .unwrap_or(0);
    COLOURS[place % COLOURS.len()]
}

/// Mean of seeds with its 95% bootstrap interval.
pub(crate) fn mean_interval(values: &[f64]) -> Option<(f64, Interval)> {
    let interval = bootstrap_mean(values, 2000, derive(0, &["figure"]))?;
    Some((values.iter().sum::<f64>() / values.len() as f64, interval))
}
