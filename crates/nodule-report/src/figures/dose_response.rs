//! Dose response: change of the decision score as the level of shape or of texture rises.

use nodule_analysis::Runs;
use nodule_analysis::dose_response::dose_response;
use nodule_study::records::SurfacePoint;

use super::Figure;
use super::curve_grid::{CurveAxis, CurveRow, figure as curve_grid};
use super::figure::lines_note;
use crate::Error;
use crate::text::classifier_of;

/// Returns the figure for the classifier that all losses have; none if the study records no decision surfaces.
pub(super) fn figure(runs: &Runs) -> Result<Vec<Figure>, Error> {
    let mut measured = runs.all.iter().flat_map(|run| &run.evaluation.read_outs);
    let is_measured = measured.any(|r| !r.decision_surface.is_empty());
    let Some(read_out) = runs.main_read_out().filter(|_| is_measured) else {
        return Ok(Vec::new());
    };
    let row = |label, level: fn(&SurfacePoint) -> f64| CurveRow {
        label: [label, "(SD units)"],
        least: (0.0, 1.0),
        series: Box::new(move |run| {
            let surface = run
                .read_out(read_out)
                .map(|r| r.decision_surface.as_slice());
            let doses = dose_response(surface.unwrap_or_default(), level);
            doses.iter().map(|d| (d.level, d.effect)).collect()
        }),
        before: None,
    };
    let rows = [
        row("effect of shape", |p| p.shape),
        row("effect of texture", |p| p.texture),
    ];
    let caption = format!(
        "Dose response of the {}: change of the mean decision score as the level of one mode of variation rises from 0, averaged over all levels of the other. {} {} have levels below 0.25 and above 0.75.",
        classifier_of(runs, read_out),
        lines_note(runs),
        match runs.external {
            true => "Images of the reference sets",
            false => "Training images",
        }
    );
    let axis = CurveAxis {
        label: "level",
        range: (0.0, 1.0),
        names: &[],
    };
    let title = "Dose response of the decision score";
    curve_grid(runs, ("dose-response", title, caption), &axis, &rows)
}
