//! Dose response: how the decision moves as shape or texture goes up by degrees.

use nodule_study::records::{FinishedRun, SurfacePoint};

use super::Figure;
use super::curves::{Along, Row, figure as curves};
use super::figure::seeds_text;
use crate::Error;
use nodule_analysis::Runs;
use nodule_analysis::dose_response::dose_response;

/// One figure, where the study has landscapes: the read-out that all losses have.
pub(crate) fn figure(runs: &Runs) -> Result<Option<Figure>, Error> {
    let mut measured = runs.all.iter().flat_map(|run| &run.evaluation.read_outs);
    let any = measured.any(|r| !r.decision_surface.is_empty());
    let Some(read_out) = runs.main_read_out().filter(|_| any) else {
        return Ok(None);
    };
    let series = |level: fn(&SurfacePoint) -> f64| {
        move |run: &FinishedRun| -> Vec<(f64, f64)> {
            let landscape = run
                .read_out(read_out)
                .map(|r| r.decision_surface.as_slice());
            let doses = dose_response(landscape.unwrap_or_default(), level);
            doses.iter().map(|d| (d.level, d.effect)).collect()
        }
    };
    let (shape, texture) = (series(|p| p.shape), series(|p| p.texture));
    let rows = [
        Row {
            label: "effect of shape (spreads)",
            least: (0.0, 1.0),
            series: &shape,
            before: None,
        },
        Row {
            label: "effect of texture (spreads)",
            least: (0.0, 1.0),
            series: &texture,
            before: None,
        },
    ];
    let caption = format!(
        "Dose response, {read_out} read-out: change of the mean decision value as one mode rises from level 0, averaged over all levels of the other. Lines: means over seeds, in their 95% bootstrap intervals over seeds, {}. Training cells fill the levels up to 0.25 and from 0.75.",
        seeds_text(runs)
    );
    let along = Along {
        label: "level",
        range: (0.0, 1.0),
        names: &[],
    };
    let title = "Dose response of the decision";
    curves(runs, ("dose-response", title, caption), &along, &rows).map(Some)
}
