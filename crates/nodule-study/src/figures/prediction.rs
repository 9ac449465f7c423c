//! Reliance against accuracy out of distribution, run by run: the picture behind a declared rank
//! correlation.

use super::plot::{Anchor, Drawing, Panel, range};
use super::{Figure, colour};
use crate::hypotheses::value;
use crate::record::FinishedRun;
use crate::settings::{Contrast, Endpoint, Study};

const FRAME: [f64; 4] = [78.0, 50.0, 478.0, 350.0];

/// One figure for the first rank correlation that the study declares, if it declares one.
pub(crate) fn figure(study: &Study, runs: &[FinishedRun]) -> Option<Figure> {
    let declared = study.hypotheses.iter().find_map(|h| match &h.contrast {
        Contrast::RankCorrelation { x, y, read_out } => Some((h, x, y, *read_out)),
        _ => None,
    });
    let (hypothesis, x, y, read_out) = declared?;
    let of_train = runs
        .iter()
        .filter(|run| run.record.train == hypothesis.train);
    let points: Vec<_> = of_train
        .filter_map(|run| Some((run, value(run, x, read_out)?, value(run, y, read_out)?)))
        .collect();
    let panel = Panel {
        frame: FRAME,
        x: range(points.iter().map(|p| p.1), (0.0, 1.0)),
        y: range(points.iter().map(|p| p.2), (0.4, 1.0)),
    };
    let mut drawing = Drawing::new(510.0, 410.0);
    let legend: Vec<_> = study
        .losses
        .iter()
        .map(|l| (l.as_str(), colour(study, l)))
        .collect();
    drawing.legend([FRAME[0], 26.0], &legend);
    panel.x_ticks(&mut drawing);
    panel.y_ticks(&mut drawing);
    for (run, x, y) in &points {
        drawing.dot(panel.at(*x, *y), 4.0, colour(study, &run.record.loss), 0.75);
    }
    panel.border(&mut drawing);
    let middle = f64::midpoint(FRAME[0], FRAME[2]);
    drawing.text([middle, FRAME[3] + 40.0], &axis(x), 13.0, Anchor::Middle);
    drawing.text_upwards([24.0, f64::midpoint(FRAME[1], FRAME[3])], &axis(y), 13.0);
    Some(Figure {
        name: "reliance-and-accuracy".into(),
        caption: format!(
            "{}: every run trained on {}, {read_out} read-out; {} runs.",
            hypothesis.id,
            hypothesis.train,
            points.len()
        ),
        svg: drawing.finish(&hypothesis.claim),
    })
}

fn axis(endpoint: &Endpoint) -> String {
    match endpoint {
        Endpoint::Effect { mode } => format!("{mode} reliance (standard deviations)"),
        Endpoint::Flipped { mode } => format!("share of decisions flipped by {mode}"),
        Endpoint::Accuracy { test } => format!("accuracy on {test}"),
        Endpoint::Auroc { test } => format!("AUROC on {test}"),
    }
}
