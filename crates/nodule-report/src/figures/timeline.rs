//! How reliance and decodability emerge over the epochs of training.

use nodule_study::records::{FinishedRun, TimelinePoint};

use super::Figure;
use super::curves::{Along, Row, figure as curves};
use super::figure::seeds_text;
use crate::Error;
use nodule_analysis::Runs;

/// One figure, where the study has timelines.
pub(crate) fn figure(runs: &Runs) -> Result<Option<Figure>, Error> {
    if runs
        .all
        .iter()
        .all(|run| run.evaluation.timeline.is_empty())
    {
        return Ok(None);
    }
    let accuracy = series(|p| Some(p.validation_accuracy));
    let (shape, texture) = (series(|p| Some(p.shape)), series(|p| Some(p.texture)));
    let shape_decoded = series(|p| p.shape_decoded);
    let texture_decoded = series(|p| p.texture_decoded);
    let row = |label, least, series| Row {
        label,
        least,
        series,
        before: None,
    };
    let rows = [
        row("accuracy in distribution", (0.4, 1.0), &*accuracy),
        row("shape reliance (spreads)", (0.0, 1.0), &*shape),
        row("texture reliance (spreads)", (0.0, 1.0), &*texture),
        row("shape decoded (AUROC)", (0.5, 1.0), &*shape_decoded),
        row("texture decoded (AUROC)", (0.5, 1.0), &*texture_decoded),
    ];
    let caption = format!(
        "How it emerges: each network after each epoch, through the centroid read-out, which every loss has. Lines: means over seeds, in their 95% bootstrap intervals over seeds, {}. Decoded: AUROC of shape and of texture, read linearly from the embedding of images that the map was not fitted on.",
        seeds_text(runs)
    );
    let along = Along {
        label: "epoch (0: untrained)",
        range: (0.0, runs.study.most_epochs() as f64),
        names: &[],
    };
    let title = "Reliance and decodability over the epochs";
    curves(runs, ("timeline", title, caption), &along, &rows).map(Some)
}

type OfRun = Box<dyn Fn(&FinishedRun) -> Vec<(f64, f64)>>;

fn series(of: fn(&TimelinePoint) -> Option<f64>) -> OfRun {
    Box::new(move |run| {
        let points = run.evaluation.timeline.iter();
        points
            .filter_map(|p| Some((p.epoch as f64, of(p)?)))
            .collect()
    })
}
