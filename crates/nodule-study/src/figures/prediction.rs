//! Reliance against accuracy out of distribution, run by run: the picture behind a declared rank
//! correlation.

use nodule_eval::spearman;

use super::plot::{Anchor, Drawing, Panel, range};
use super::{Figure, colour};
use crate::hypotheses::{quantity, value};
use crate::numbers::number;
use crate::record::FinishedRun;
use crate::settings::{Contrast, Study};

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
        .map(|l| (l.as_str(), colour(l)))
        .collect();
    drawing.legend([FRAME[0], 26.0], &legend);
    panel.x_ticks(&mut drawing);
    panel.y_ticks(&mut drawing);
    for (run, x, y) in &points {
        drawing.dot(panel.at(*x, *y), 4.0, colour(&run.record.loss), 0.75);
    }
    panel.border(&mut drawing);
    let middle = f64::midpoint(FRAME[0], FRAME[2]);
    drawing.text(
        [middle, FRAME[3] + 40.0],
        &quantity(x),
        13.0,
        Anchor::Middle,
    );
    drawing.text_upwards(
        [24.0, f64::midpoint(FRAME[1], FRAME[3])],
        &quantity(y),
        13.0,
    );
    Some(Figure {
        name: "reliance-and-accuracy".into(),
        caption: format!(
            "{}: every run trained on {}, {read_out} read-out; {} runs. Spearman's correlation within each loss: {}.",
            hypothesis.id,
            hypothesis.train,
            points.len(),
            within_losses(study, &points)
        ),
        svg: drawing.finish(&hypothesis.claim),
    })
}

/// The correlation of each loss by itself: one over all runs may be a difference between losses.
fn within_losses(study: &Study, points: &[(&FinishedRun, f64, f64)]) -> String {
    let of_loss = |loss: &String| {
        let runs = points.iter().filter(|(run, ..)| run.record.loss == *loss);
        let (x, y): (Vec<_>, Vec<_>) = runs.map(|(_, x, y)| (*x, *y)).unzip();
        let correlation = spearman(&x, &y).map_or_else(|| "undefined".to_owned(), number);
        format!("{loss} {correlation} ({} runs)", x.len())
    };
    let all: Vec<_> = study.losses.iter().map(of_loss).collect();
    all.join(", ")
}
