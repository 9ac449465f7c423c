//! Estimates in a panel: a mean with its interval, with or without the values of single runs.

use nodule_analysis::Runs;
use nodule_eval::statistics::Interval;

use super::drawing::Drawing;
use super::figure::thin;
use super::markers::Marker;
use super::panel::Panel;
use crate::Error;

/// Vertical distance in pixels from a mean to the dots of its runs, so that neither hides the other.
const RUNS_BELOW: f64 = 4.5;

/// Draws an interval and the marker of its estimate at height `y`; values beyond the panel are drawn at its edge.
pub(super) fn draw_estimate(
    drawing: &mut Drawing,
    panel: &Panel,
    (value, interval): (f64, Option<Interval>),
    y: f64,
    marker: Marker,
) {
    let at = |value: f64| panel.at(value.clamp(panel.x.0, panel.x.1), y);
    if let Some(Interval { low, high }) = interval {
        drawing.line(at(low), at(high), marker.colour, 2.0);
    }
    marker.draw(drawing, at(value), 4.0);
}

/// Draws the mean of `values` over seeds with its interval at height `y`, and below it one dot per run.
pub(super) fn draw_runs_and_mean(
    drawing: &mut Drawing,
    panel: &Panel,
    (runs, values): (&Runs, &[f64]),
    y: f64,
    marker: Marker,
) -> Result<(), Error> {
    for value in thin(values) {
        let [x, y] = panel.at(*value, y);
        drawing.dot([x, y + RUNS_BELOW], 1.7, marker.colour, 0.5);
    }
    if let Some(mean) = runs.mean(values)? {
        draw_estimate(drawing, panel, (mean.mean, mean.interval), y, marker);
    }
    Ok(())
}
