//! Grid of curves: one column per training distribution, one row per quantity, one line per loss (the mean over seeds
//! with its 95% interval).

use nodule_analysis::Runs;
use nodule_study::records::FinishedRun;

use super::Figure;
use super::alt_text::means_by_train;
use super::colours::LossColours;
use super::drawing::{Anchor, Drawing};
use super::figure::train_titles;
use super::markers::{CIRCLE, Marker};
use super::panel::{Panel, range};
use super::panel_grid::PanelGrid;
use crate::Error;

/// Colour of curves before training.
const BEFORE: &str = "#999999";

/// A quantity of a run along the x axis, as (x, y) points.
pub(super) type Series<'a> = Box<dyn Fn(&FinishedRun) -> Vec<(f64, f64)> + 'a>;

/// One row of panels.
pub(super) struct CurveRow<'a> {
    /// Quantity and unit of the y axis.
    pub(super) label: [&'a str; 2],
    /// Least range of the y axis.
    pub(super) least: (f64, f64),
    pub(super) series: Series<'a>,
    /// The same quantity before training, drawn in grey.
    pub(super) before: Option<Series<'a>>,
}

/// The x axis of all panels.
pub(super) struct CurveAxis<'a> {
    pub(super) label: &'a str,
    pub(super) range: (f64, f64),
    /// Names of the positions 0, 1, ...; empty for a numeric axis.
    pub(super) names: &'a [&'a str],
}

/// Returns the figure with a file name, a title and a caption.
pub(super) fn figure(
    runs: &Runs,
    (name, title, caption): (&str, &str, String),
    axis: &CurveAxis,
    rows: &[CurveRow],
) -> Result<Vec<Figure>, Error> {
    let study = runs.study;
    let colours = LossColours::new(&study.losses);
    let mut legend = colours.legend();
    if rows.iter().any(|row| row.before.is_some()) {
        legend.push(("before training", Marker::solid(CIRCLE, BEFORE)));
    }
    let labels = rows.iter().map(|row| row.label.map(str::to_owned));
    let grid = PanelGrid {
        columns: study.train.len(),
        heights: vec![130.0; rows.len()],
        left: 86.0,
        legend,
        titles: train_titles(runs),
        x_labels: vec![axis.label.to_owned(); study.train.len()],
        y_labels: labels.collect(),
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    for (i, row) in rows.iter().enumerate() {
        let all = runs.all.iter().flat_map(|run| (row.series)(run));
        let y = range(all.map(|(_, y)| y), row.least);
        for (column, train) in study.train_names().enumerate() {
            let panel = grid.panel(column, i, axis.range, y);
            panel.y_ticks(&mut drawing);
            match axis.names {
                [] => panel.x_ticks(&mut drawing),
                names if i + 1 == rows.len() => name_positions(&mut drawing, &panel, names),
                _ => {}
            }
            for (loss, colour) in colours.entries() {
                let group = (runs, train, *loss);
                if let Some(before) = &row.before {
                    draw_curve(&mut drawing, &panel, group, before, BEFORE)?;
                }
                draw_curve(&mut drawing, &panel, group, &row.series, colour)?;
            }
            panel.border(&mut drawing);
        }
    }
    let description = describe_last_points(runs, axis, rows);
    let figure = Figure::new(name, title, drawing, &description, caption);
    Ok(vec![figure])
}

/// Returns the mean of each quantity at the right end, by loss.
fn describe_last_points(runs: &Runs, axis: &CurveAxis, rows: &[CurveRow]) -> String {
    let means = rows.iter().map(|row| {
        let last = |run: &FinishedRun| (row.series)(run).last().map(|(_, y)| *y);
        let means = means_by_train(runs, &last);
        format!("{}: {means}", row.label.join(" "))
    });
    let (means, label) = (means.collect::<Vec<_>>().join(". "), axis.label);
    let end = match axis.names.last() {
        Some(name) => (*name).to_owned(),
        None => axis.range.1.to_string(),
    };
    format!("Means at the right end, {label} {end}. {means}.")
}

fn name_positions(drawing: &mut Drawing, panel: &Panel, names: &[&str]) {
    for (i, name) in names.iter().enumerate() {
        let [x, y] = panel.at(i as f64, panel.y.0);
        drawing.small([x, y + 15.0], name, Anchor::Middle);
    }
}

/// Draws the mean over the runs of a training distribution and loss that have each step, with its interval.
fn draw_curve(
    drawing: &mut Drawing,
    panel: &Panel,
    (runs, train, loss): (&Runs, &str, &str),
    series: &Series,
    colour: &str,
) -> Result<(), Error> {
    let group = runs.group(train, loss).iter();
    let all: Vec<_> = group.map(|run| series(run)).collect();
    let longest = all.iter().map(Vec::len).max().unwrap_or(0);
    let mut steps = Vec::new();
    for i in 0..longest {
        let at: Vec<_> = all.iter().filter_map(|s| s.get(i)).collect();
        let values: Vec<f64> = at.iter().map(|(_, y)| *y).collect();
        steps.extend(at.first().map(|(x, _)| *x).zip(runs.mean(&values)?));
    }
    let intervals = steps
        .iter()
        .filter_map(|(x, mean)| Some((*x, mean.interval?)));
    let upper = intervals.clone().map(|(x, i)| panel.at(x, i.high));
    let lower = intervals.rev().map(|(x, i)| panel.at(x, i.low));
    drawing.area(&upper.chain(lower).collect::<Vec<_>>(), colour, 0.18);
    let line = steps.iter().map(|(x, mean)| panel.at(*x, mean.mean));
    let line: Vec<_> = line.collect();
    drawing.polyline(&line, colour, 2.0, 1.0);
    Ok(())
}
