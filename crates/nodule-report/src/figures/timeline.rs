//! Reliance and decodability over the epochs of training.

use nodule_analysis::Runs;
use nodule_study::records::TimelinePoint;

use super::Figure;
use super::curve_grid::{CurveAxis, CurveRow, Series, figure as curve_grid};
use super::figure::sample_size;
use crate::Error;

/// Returns the figure; none if the study records no timelines.
pub(super) fn figure(runs: &Runs) -> Result<Vec<Figure>, Error> {
    let mut timelines = runs.all.iter().map(|run| &run.evaluation.timeline);
    if timelines.all(Vec::is_empty) {
        return Ok(Vec::new());
    }
    type Value = fn(&TimelinePoint) -> Option<f64>;
    let rows: [(_, f64, Value); 5] = [
        (["accuracy", "in distribution"], 0.4, |p| {
            Some(p.validation_accuracy)
        }),
        (["reliance on shape", "(SD units)"], 0.0, |p| Some(p.shape)),
        (["reliance on texture", "(SD units)"], 0.0, |p| {
            Some(p.texture)
        }),
        (["shape decoded", "(AUROC)"], 0.5, |p| p.shape_decoded),
        (["texture decoded", "(AUROC)"], 0.5, |p| p.texture_decoded),
    ];
    let rows = rows.map(|(label, low, value)| CurveRow {
        label,
        least: (low, 1.0),
        series: over_epochs(value),
        before: None,
    });
    let caption = format!(
        "Training dynamics of the nearest-centroid classifier, which every loss has. Lines: means over training seeds with 95% bootstrap intervals, {}. Decoded: AUROC of a linear probe of the embedding for shape and for texture, on held-out images.",
        sample_size(runs)
    );
    let axis = CurveAxis {
        label: "epoch (0: untrained)",
        range: (0.0, runs.study.max_epochs() as f64),
        names: &[],
    };
    let title = "Reliance and decodability over the epochs";
    curve_grid(runs, ("timeline", title, caption), &axis, &rows)
}

fn over_epochs(value: fn(&TimelinePoint) -> Option<f64>) -> Series<'static> {
    Box::new(move |run| {
        let points = run.evaluation.timeline.iter();
        points
            .filter_map(|p| Some((p.epoch as f64, value(p)?)))
            .collect()
    })
}
