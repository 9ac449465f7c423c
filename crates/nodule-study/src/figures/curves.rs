//! A grid of curves: one column a training distribution, one row a quantity, one line a loss, each
//! the mean over seeds in its 95% interval.

use super::plot::{Anchor, Drawing, Panel, range};
use super::{Figure, colour, mean_interval};
use crate::record::FinishedRun;
use crate::select::group;
use crate::settings::Study;

const LEFT: f64 = 86.0;
const TOP: f64 = 72.0;
const PANEL: [f64; 2] = [190.0, 130.0];
const GAP: [f64; 2] = [36.0, 24.0];

/// A quantity of a run along the x axis: one (x, y) a step.
pub(crate) type Series<'a> = &'a dyn Fn(&FinishedRun) -> Vec<(f64, f64)>;

/// One row of panels.
pub(crate) struct Row<'a> {
    /// The quantity and its unit: the y axis.
    pub(crate) label: &'a str,
    /// What the y axis shows at least.
    pub(crate) least: (f64, f64),
    pub(crate) series: Series<'a>,
    /// The same before training, where there is such a thing: a grey line.
    pub(crate) before: Option<Series<'a>>,
}

/// The x axis of all panels.
pub(crate) struct Along<'a> {
    pub(crate) label: &'a str,
    pub(crate) range: (f64, f64),
    /// Names of the places 0, 1, ... where they are no numbers.
    pub(crate) names: &'a [&'a str],
}

/// The grid, under a file name, a title and a caption.
pub(crate) fn figure(
    study: &Study,
    runs: &[FinishedRun],
    (name, title, caption): (&str, &str, String),
    along: &Along,
    rows: &[Row],
) -> Figure {
    let columns = study.train.len() as f64;
    let width = LEFT + (PANEL[0] + GAP[0]) * columns;
    let height = TOP + (PANEL[1] + GAP[1]) * rows.len() as f64 + 30.0;
    let mut drawing = Drawing::new(width, height);
    let mut legend: Vec<_> = study
        .losses
        .iter()
        .map(|l| (l.as_str(), colour(l)))
        .collect();
    if rows.iter().any(|row| row.before.is_some()) {
        legend.push(("before training", BEFORE));
    }
    drawing.legend([LEFT, 24.0], &legend);
    for (i, row) in rows.iter().enumerate() {
        let top = TOP + (PANEL[1] + GAP[1]) * i as f64;
        drawing.text_upwards([24.0, top + PANEL[1] / 2.0], row.label, 11.0);
        let values = runs
            .iter()
            .flat_map(|run| (row.series)(run))
            .map(|(_, y)| y);
        let y = range(values, row.least);
        for (column, train) in study.train.iter().enumerate() {
            let left = LEFT + (PANEL[0] + GAP[0]) * column as f64;
            let frame = [left, top, left + PANEL[0], top + PANEL[1]];
            let panel = Panel {
                frame,
                x: along.range,
                y,
            };
            panel.y_ticks(&mut drawing);
            axis(&mut drawing, &panel, along, i + 1 == rows.len());
            for loss in &study.losses {
                let group = group(runs, train, loss);
                if let Some(before) = row.before {
                    curve(&mut drawing, &panel, &group, before, BEFORE);
                }
                curve(&mut drawing, &panel, &group, row.series, colour(loss));
            }
            panel.border(&mut drawing);
            if i == 0 {
                let title = format!("trained on {train}");
                let above = [left + PANEL[0] / 2.0, TOP - 12.0];
                drawing.text(above, &title, 13.0, Anchor::Middle);
            }
        }
    }
    Figure {
        name: name.into(),
        caption,
        svg: drawing.finish(title),
    }
}

const BEFORE: &str = "#999999";

fn axis(drawing: &mut Drawing, panel: &Panel, along: &Along, last: bool) {
    let [left, _, right, bottom] = panel.frame;
    if along.names.is_empty() {
        panel.x_ticks(drawing);
    }
    if !last {
        return;
    }
    for (i, name) in along.names.iter().enumerate() {
        let [x, _] = panel.at(i as f64, panel.y.0);
        drawing.text([x, bottom + 15.0], name, 10.0, Anchor::Middle);
    }
    let below = [f64::midpoint(left, right), bottom + 32.0];
    drawing.text(below, along.label, 11.0, Anchor::Middle);
}

/// The mean over the runs that have each step, in its interval.
fn curve(
    drawing: &mut Drawing,
    panel: &Panel,
    group: &[&FinishedRun],
    series: Series,
    colour: &str,
) {
    let all: Vec<_> = group.iter().map(|run| series(run)).collect();
    let longest = all.iter().map(Vec::len).max().unwrap_or(0);
    let step = |i: usize| {
        let at: Vec<_> = all.iter().filter_map(|s| s.get(i)).collect();
        let values: Vec<f64> = at.iter().map(|(_, y)| *y).collect();
        let (mean, interval) = mean_interval(&values)?;
        Some((at.first()?.0, mean, interval))
    };
    let steps: Vec<_> = (0..longest).filter_map(step).collect();
    let upper = steps.iter().map(|(x, _, i)| panel.at(*x, i.high));
    let lower = steps.iter().rev().map(|(x, _, i)| panel.at(*x, i.low));
    drawing.area(&upper.chain(lower).collect::<Vec<_>>(), colour, 0.18);
    let line: Vec<_> = steps.iter().map(|(x, y, _)| panel.at(*x, *y)).collect();
    drawing.path(&line, colour, 2.0, 1.0);
}
