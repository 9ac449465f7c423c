//! A grid of curves: one column a training distribution, one row a quantity, one line a loss, each
//! the mean over seeds in its 95% interval.

use nodule_eval::statistics::Interval;
use nodule_study::records::FinishedRun;

use super::Figure;
use super::bands::Bands;
use super::colours::LossColours;
use super::plot::{Anchor, Drawing, Panel, range};
use super::seen::by_train;
use crate::Error;
use nodule_analysis::Runs;

const LEFT: f64 = 86.0;
const TOP: f64 = 72.0;
const PANEL: [f64; 2] = [190.0, 130.0];
const GAP: [f64; 2] = [36.0, 24.0];
/// Below the panels of a band: the axis, and the title of the next.
const BELOW: f64 = 50.0;

/// A quantity of a run along the x axis: one (x, y) a step.
pub(super) type Series<'a> = &'a dyn Fn(&FinishedRun) -> Vec<(f64, f64)>;

/// One row of panels.
pub(super) struct Row<'a> {
    /// The quantity and its unit: the y axis.
    pub(super) label: &'a str,
    /// What the y axis shows at least.
    pub(super) least: (f64, f64),
    pub(super) series: Series<'a>,
    /// The same before training, where there is such a thing: a grey line.
    pub(super) before: Option<Series<'a>>,
}

/// The x axis of all panels.
pub(super) struct Along<'a> {
    pub(super) label: &'a str,
    pub(super) range: (f64, f64),
    /// Names of the places 0, 1, ... where they are no numbers.
    pub(super) names: &'a [&'a str],
}

/// Where the lines of each row end, by loss.
fn last_points(runs: &Runs, along: &Along, rows: &[Row]) -> String {
    let of_row = |row: &Row| {
        let last = |run: &FinishedRun| (row.series)(run).last().map(|(_, y)| *y);
        format!("{}: {}", row.label, by_train(runs, &last))
    };
    let all = rows.iter().map(of_row).collect::<Vec<_>>().join(". ");
    let place = along.names.last().map_or_else(
        || format!("at {} {}", along.label, along.range.1),
        |name| format!("at {} {name}", along.label),
    );
    format!("Means at the right end, {place}. {all}.")
}

/// The grid, under a file name, a title and a caption.
pub(super) fn figure(
    runs: &Runs,
    (name, title, caption): (&str, &str, String),
    along: &Along,
    rows: &[Row],
) -> Result<Figure, Error> {
    let study = runs.study;
    let bands = Bands::of(study.train.len(), LEFT, GAP[0], (PANEL[0], PANEL[0]));
    let band = (PANEL[1] + GAP[1]) * rows.len() as f64 + BELOW;
    let height = TOP + band * bands.bands as f64 - 20.0;
    let mut drawing = Drawing::new(bands.whole_width(), height);
    let colours = LossColours::of(&study.losses);
    let mut legend = colours.legend().to_vec();
    if rows.iter().any(|row| row.before.is_some()) {
        legend.push(("before training", BEFORE));
    }
    drawing.legend([LEFT, 24.0], &legend);
    for (i, row) in rows.iter().enumerate() {
        let all = runs.all.iter().flat_map(|run| (row.series)(run));
        let y = range(all.map(|(_, y)| y), row.least);
        for (column, train) in study.train_names().enumerate() {
            let above = TOP + band * bands.band_of(column) as f64;
            let (left, top) = (
                bands.left_of(column),
                above + (PANEL[1] + GAP[1]) * i as f64,
            );
            if bands.is_first(column) {
                drawing.text_upwards([24.0, top + PANEL[1] / 2.0], row.label, 11.0);
            }
            let panel = Panel {
                frame: [left, top, left + PANEL[0], top + PANEL[1]],
                x: along.range,
                y,
            };
            panel.y_ticks(&mut drawing);
            axis(&mut drawing, &panel, along, i + 1 == rows.len());
            for (loss, colour) in colours.legend() {
                if let Some(before) = row.before {
                    curve(&mut drawing, &panel, (runs, train, loss), before, BEFORE)?;
                }
                curve(
                    &mut drawing,
                    &panel,
                    (runs, train, loss),
                    row.series,
                    colour,
                )?;
            }
            panel.border(&mut drawing);
            if i == 0 {
                let title = format!("trained on {train}");
                let above = [left + PANEL[0] / 2.0, above - 12.0];
                drawing.text(above, &title, 13.0, Anchor::Middle);
            }
        }
    }
    Ok(Figure {
        name: name.into(),
        caption,
        svg: drawing.finish(title, &last_points(runs, along, rows)),
    })
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
        drawing.text([x, bottom + 15.0], name, 11.0, Anchor::Middle);
    }
    let below = [f64::midpoint(left, right), bottom + 32.0];
    drawing.text(below, along.label, 11.0, Anchor::Middle);
}

/// One step of a curve.
struct Step {
    x: f64,
    mean: f64,
    interval: Option<Interval>,
}

/// The mean of one training distribution and loss, over the runs that have each step, in its interval.
fn curve(
    drawing: &mut Drawing,
    panel: &Panel,
    (runs, train, loss): (&Runs, &str, &str),
    series: Series,
    colour: &str,
) -> Result<(), Error> {
    let all: Vec<_> = runs
        .group(train, loss)
        .iter()
        .map(|run| series(run))
        .collect();
    let longest = all.iter().map(Vec::len).max().unwrap_or(0);
    let mut steps = Vec::new();
    for i in 0..longest {
        let at: Vec<_> = all.iter().filter_map(|s| s.get(i)).collect();
        let values: Vec<f64> = at.iter().map(|(_, y)| *y).collect();
        let mean = at.first().zip(runs.mean(&values)?);
        steps.extend(mean.map(|((x, _), mean)| Step {
            x: *x,
            mean: mean.mean,
            interval: mean.interval,
        }));
    }
    let within = |step: &Step| step.interval.map(|interval| (step.x, interval));
    let ends: Vec<_> = steps.iter().filter_map(within).collect();
    let upper = ends.iter().map(|(x, i)| panel.at(*x, i.high));
    let lower = ends.iter().rev().map(|(x, i)| panel.at(*x, i.low));
    drawing.area(&upper.chain(lower).collect::<Vec<_>>(), colour, 0.18);
    let line: Vec<_> = steps.iter().map(|s| panel.at(s.x, s.mean)).collect();
    drawing.path(&line, colour, 2.0, 1.0);
    Ok(())
}
