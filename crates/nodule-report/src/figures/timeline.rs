//! Reliance and decodability over the epochs of training.

use nodule_analysis::Runs;
use nodule_study::records::TimelinePoint;

use super::Figure;
use super::curve_grid::{CurveAxis, CurveRow, Series, figure as curve_grid};
use super::figure::sample_size;
use crate::Error;

/// Returns the figure; `None` if the study records no timelines.
pub(crate) fn figure(runs: &Runs) -> Result<Option<Figure>, Error> {
    if runs
        .all
        .iter()
        .all(|run| run.evaluation.timeline.is_empty())
    {
        return Ok(None);
    }
    let row = |label, least, value: fn(&TimelinePoint) -> Option<f64>| CurveRow {
        label,
        least,
        series: over_epochs(value),
        before: None,
    };
    let rows = [
        row(["accuracy", "in distribution"], (0.4, 1.0), |p| {
            Some(p.validation_accuracy)
        }),
        row(["reliance on shape", "(SD units)"], (0.0, 1.0), |p| {
            Some(p.shape)
        }),
        row(["reliance on texture", "(SD units)"], (0.0, 1.0), |p| {
            Some(p.texture)
        }),
        row(["shape decoded", "(AUROC)"], (0.5, 1.0), |p| {
            p.shape_decoded
        }),
        row(["texture decoded", "(AUROC)"], (0.5, 1.0), |p| {
            p.texture_decoded
        }),
    ];
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
    curve_grid(runs, ("timeline", title, caption), &axis, &rows).map(Some)
}

fn over_epochs(value: fn(&TimelinePoint) -> Option<f64>) -> Series<'static> {
    Box::new(move |run| {
        let points = run.evaluation.timeline.iter();
        points
            .filter_map(|p| Some((p.epoch as f64, value(p)?)))
            .collect()
    })
}
