//! Dose response: how the decision moves as shape or texture goes up by degrees.

use super::curves::{Along, Row, figure as curves};
use super::{Figure, seeds_text};
use crate::dose::dose_response;
use crate::maps::mapped;
use crate::record::{FinishedRun, LandscapePoint};
use crate::settings::Study;

/// One figure, where the study has landscapes: the read-out that all losses have.
pub(crate) fn figure(study: &Study, runs: &[FinishedRun]) -> Option<Figure> {
    let read_out = mapped(&study.read_outs)?;
    runs.iter()
        .flat_map(|run| &run.evaluation.read_outs)
        .find(|r| !r.landscape.is_empty())?;
    let series = |level: fn(&LandscapePoint) -> f64| {
        move |run: &FinishedRun| -> Vec<(f64, f64)> {
            let measured = run
                .evaluation
                .read_outs
                .iter()
                .find(|r| r.read_out == read_out);
            let doses = measured
                .map(|r| dose_response(&r.landscape, level))
                .unwrap_or_default();
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
        seeds_text(study, runs)
    );
    let along = Along {
        label: "level",
        range: (0.0, 1.0),
        names: &[],
    };
    let title = "Dose response of the decision";
    Some(curves(
        study,
        runs,
        ("dose-response", title, caption),
        &along,
        &rows,
    ))
}
