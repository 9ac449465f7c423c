//! Where maps look against what networks rely on, run by run: one panel a method.

use nodule_eval::ReadOut;
use nodule_explain::Method;

use super::plot::{Anchor, Drawing, Panel, range};
use super::{Figure, colour};
use crate::hypotheses::value;
use crate::record::FinishedRun;
use crate::select::{look, mapped};
use crate::settings::{Endpoint, Study};

const LEFT: f64 = 66.0;
const TOP: f64 = 66.0;
const PANEL: [f64; 2] = [250.0, 190.0];
const GAP: [f64; 2] = [34.0, 48.0];
const COLUMNS: usize = 3;

/// One figure, where the study has maps.
pub(crate) fn figure(study: &Study, runs: &[FinishedRun]) -> Option<Figure> {
    let points = Method::ALL.map(|method| points(runs, method));
    let all = || points.iter().flatten();
    let read_out = runs.iter().find_map(|run| mapped(run, Method::Gradient))?.0;
    let x = range(all().map(|p| p.0), (0.0, 1.0));
    let y = range(all().map(|p| p.1), (-0.5, 0.5));
    let rows = Method::ALL.len().div_ceil(COLUMNS);
    let width = LEFT + (PANEL[0] + GAP[0]) * COLUMNS as f64;
    let mut drawing = Drawing::new(width, TOP + (PANEL[1] + GAP[1]) * rows as f64 + 10.0);
    let legend = study.losses.iter().map(|l| (l.as_str(), colour(l)));
    drawing.legend([LEFT, 24.0], &legend.collect::<Vec<_>>());
    for (i, (method, points)) in Method::ALL.into_iter().zip(&points).enumerate() {
        let left = LEFT + (PANEL[0] + GAP[0]) * (i % COLUMNS) as f64;
        let top = TOP + (PANEL[1] + GAP[1]) * (i / COLUMNS) as f64;
        let panel = Panel {
            frame: [left, top, left + PANEL[0], top + PANEL[1]],
            x,
            y,
        };
        panel.x_ticks(&mut drawing);
        panel.y_ticks(&mut drawing);
        for (x, y, loss) in points {
            drawing.dot(panel.at(*x, *y), 2.6, colour(loss), 0.6);
        }
        panel.border(&mut drawing);
        let middle = left + PANEL[0] / 2.0;
        drawing.text(
            [middle, top - 8.0],
            &method.to_string(),
            13.0,
            Anchor::Middle,
        );
        if i / COLUMNS + 1 == rows {
            let place = [middle, top + PANEL[1] + 34.0];
            drawing.text(place, "shape reliance (spreads)", 11.0, Anchor::Middle);
        }
        if i % COLUMNS == 0 {
            let middle = top + PANEL[1] / 2.0;
            drawing.text_upwards([20.0, middle], "ln(contour / interior)", 11.0);
        }
    }
    Some(Figure {
        name: "maps-truth".into(),
        caption: format!(
            "Do maps look where the network decides? Each dot is a run, of any training distribution: its counterfactual shape reliance against how much more its maps look at the contour than at the interior, {read_out} read-out. A method that tells the truth rises from left to right."
        ),
        svg: drawing.finish("Where maps look against what networks rely on"),
    })
}

fn points(runs: &[FinishedRun], method: Method) -> Vec<(f64, f64, &str)> {
    let shape = Endpoint::Effect {
        mode: "shape".into(),
    };
    let point = |run| -> Option<(f64, f64, &str)> {
        let (read_out, _): (ReadOut, _) = mapped(run, method)?;
        Some((
            value(run, &shape, read_out)?,
            look(run, method)?,
            &run.record.loss,
        ))
    };
    runs.iter().filter_map(point).collect()
}
