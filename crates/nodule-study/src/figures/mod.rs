//! Figures: one a file, SVG with text that stays text, one colour a loss everywhere.

mod accuracy;
mod boundary;
mod curves;
mod decodability;
mod dose;
mod embedding;
mod example_maps;
mod landscape;
mod maps;
pub(crate) mod multiverse;
mod nodules;
mod plot;
mod prediction;
mod reliance;
pub(crate) mod salience;
mod timeline;
mod training;
pub(crate) mod variance;

use nodule_eval::{Interval, bootstrap_mean};
use nodule_seed::derive;

use crate::record::FinishedRun;
use crate::select::group;
use crate::settings::Study;
pub(crate) use example_maps::{Maps, example_maps};
pub(crate) use landscape::shade;

/// A figure: a file name without its ending, what it shows, and the drawing.
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) caption: String,
    pub(crate) svg: String,
}

/// All figures that the finished runs allow, and the example nodules (`examples`: a label and
/// pictures as data URIs a row).
pub(crate) fn figures(
    study: &Study,
    runs: &[FinishedRun],
    examples: &[(String, Vec<String>)],
) -> Vec<Figure> {
    let mut all = Vec::new();
    if !examples.is_empty() {
        all.push(nodules::figure(examples));
    }
    if runs.is_empty() {
        return all;
    }
    all.push(reliance::figure(study, runs));
    all.extend(prediction::figure(study, runs));
    let landscapes = study.read_outs.iter();
    all.extend(landscapes.filter_map(|r| landscape::figure(study, runs, *r)));
    all.extend(dose::figure(study, runs));
    all.extend(maps::figure(study, runs));
    all.extend(decodability::figure(study, runs));
    all.extend(embedding::figure(study, runs));
    all.extend(timeline::figure(study, runs));
    let read_outs = study.read_outs.iter();
    all.extend(read_outs.map(|r| accuracy::figure(study, runs, *r)));
    all.push(training::figure(study, runs));
    all
}

/// The colour of each loss, the same in every study; told apart by the colour-blind too (Okabe and
/// Ito 2008).
pub(crate) fn colour(loss: &str) -> &'static str {
    match loss {
        "ce" => "#0072b2",
        "contrastive" => "#d55e00",
        "ce+contrastive" => "#009e73",
        "supcon" => "#e69f00",
        "ce+supcon" => "#56b4e9",
        "triplet" => "#f0e442",
        "ce+nt-xent" => "#cc79a7",
        _ => "#444444",
    }
}

/// Mean of seeds with its 95% bootstrap interval.
pub(crate) fn mean_interval(values: &[f64]) -> Option<(f64, Interval)> {
    let interval = bootstrap_mean(values, 2000, derive(0, &["figure"]))?;
    Some((values.iter().sum::<f64>() / values.len() as f64, interval))
}

/// How many seeds are behind each mark of a figure.
pub(crate) fn seeds_text(study: &Study, runs: &[FinishedRun]) -> String {
    let trains = study.train.iter();
    let cells = trains.flat_map(|train| study.losses.iter().map(move |loss| (train, loss)));
    let counts = cells.map(|(train, loss)| group(runs, train, loss).len());
    let (least, most) = counts.fold((usize::MAX, 0), |(low, high), n| (low.min(n), high.max(n)));
    if least == most {
        format!("n = {most} seeds")
    } else {
        format!("n = {least} to {most} seeds, as far as runs are finished")
    }
}
