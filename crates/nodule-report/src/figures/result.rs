//! The result of a study in one picture: what each loss relies on, and how often it is right where the claims
//! ask. Made for the width of a column.

use nodule_eval::Metric;
use nodule_study::claims::{Effect, Endpoint, TestMetric};
use nodule_study::records::FinishedRun;

use super::Figure;
use super::colours::LossColours;
use super::figure::{seeds_text, shown, shown_text};
use super::marker::mark;
use super::plot::{Anchor, Drawing, Panel, range};
use super::seen;
use crate::Error;
use nodule_analysis::Runs;
use nodule_analysis::endpoints::{MODES, claimed_tests, values};

const WIDTH: f64 = 480.0;
const LEFT: f64 = 128.0;
const RIGHT: f64 = 16.0;
/// Of one mark.
const ROW: f64 = 15.0;
const AXIS: f64 = 44.0;
/// Tests that there is room for.
const MOST_TESTS: usize = 4;

/// One row: its name and the number of a run that it shows.
type Line = (String, Endpoint);

/// Of the training distribution of the first claim; none before a run is finished.
pub(crate) fn figure(runs: &Runs) -> Result<Option<Figure>, Error> {
    let Some((train, read_out)) = runs.focus().filter(|_| !runs.all.is_empty()) else {
        return Ok(None);
    };
    let relied: Vec<Line> = MODES
        .map(|mode| (mode.to_string(), Endpoint::from(Effect { mode })))
        .into();
    let tests = claimed_tests(runs).into_iter().take(MOST_TESTS);
    let right: Vec<Line> = tests
        .map(|test| {
            let metric = Metric::Accuracy;
            (test.clone(), TestMetric { metric, test }.into())
        })
        .collect();
    let colours = LossColours::of(&runs.study.losses);
    let legend = legend_rows(&colours);
    let top = 18.0 * legend.len() as f64 + 30.0;
    let pitch = ROW * (colours.legend().len() as f64 + 1.0);
    let height = |lines: &[Line]| pitch * lines.len() as f64;
    let second = top + height(&relied) + AXIS + 26.0;
    let mut drawing = Drawing::new(WIDTH, second + height(&right) + AXIS);
    draw_legend(&mut drawing, &colours, &legend);
    let all = relied.iter().flat_map(|(_, endpoint)| {
        runs.trained_on(train)
            .filter_map(|run| endpoint.value(run, read_out))
    });
    let spreads = range(all, (-0.2, 1.0));
    let panel = |top: f64, lines: &[Line], x| Panel {
        frame: [LEFT, top, WIDTH - RIGHT, top + height(lines)],
        x,
        y: (lines.len() as f64, 0.0),
    };
    for (top, lines, x, title, unit) in [
        (
            top,
            &relied,
            spreads,
            "relies on",
            "effect on the decision (spreads)",
        ),
        (second, &right, (0.0, 1.0), "is right on", "accuracy"),
    ] {
        let panel = panel(top, lines, x);
        drawing.text([LEFT - 10.0, top - 8.0], title, 13.0, Anchor::End);
        panel.x_ticks(&mut drawing);
        let reference = if unit == "accuracy" { 0.5 } else { 0.0 };
        let ends = [0.0, lines.len() as f64].map(|y| panel.at(reference, y));
        drawing.line(ends[0], ends[1], "#888", 1.0);
        rows(&mut drawing, &panel, (runs, train), lines, &colours)?;
        panel.border(&mut drawing);
        let below = [(LEFT + WIDTH - RIGHT) / 2.0, panel.frame[3] + 32.0];
        drawing.text(below, unit, 12.0, Anchor::Middle);
    }
    Ok(Some(Figure {
        name: "result".into(),
        caption: format!(
            "What each loss relies on, and how often it is right on the tests that the claims name: trained on {train}, read out by {read_out}. Small dots: runs; marks: means over seeds with 95% bootstrap intervals over seeds, {}. Grey lines: no reliance, and chance.{}",
            seeds_text(runs),
            shown_text(runs)
        ),
        svg: drawing.finish(
            "What each loss relies on, and how often it is right",
            &seen(runs, train, relied.iter().chain(&right)),
        ),
    }))
}

/// The means of every row.
fn seen<'a>(runs: &Runs, train: &str, lines: impl Iterator<Item = &'a Line>) -> String {
    let of_line = |(name, endpoint): &Line| {
        let of_run = |run: &FinishedRun| endpoint.value(run, runs.main_read_out()?);
        format!("{name}: {}", seen::by_loss(runs, train, &of_run))
    };
    format!(
        "Means by loss. {}.",
        lines.map(of_line).collect::<Vec<_>>().join("; ")
    )
}

/// Which losses stand in which line of the legend, by their places.
fn legend_rows(colours: &LossColours) -> Vec<Vec<usize>> {
    let mut rows: Vec<Vec<usize>> = vec![Vec::new()];
    let mut x = 0.0;
    for (i, (name, _)) in colours.legend().iter().enumerate() {
        let width = entry_width(name);
        if x + width > WIDTH - 40.0 {
            rows.push(Vec::new());
            x = 0.0;
        }
        x += width;
        if let Some(row) = rows.last_mut() {
            row.push(i);
        }
    }
    rows
}

fn entry_width(name: &str) -> f64 {
    34.0 + 7.2 * name.chars().count() as f64
}

fn draw_legend(drawing: &mut Drawing, colours: &LossColours, rows: &[Vec<usize>]) {
    for (line, row) in rows.iter().enumerate() {
        let (mut x, y) = (20.0, 20.0 + 18.0 * line as f64);
        for &i in row {
            let (name, colour) = colours.legend()[i];
            mark(drawing, [x, y - 4.0], 5.0, i, colour);
            drawing.text([x + 11.0, y], name, 13.0, Anchor::Start);
            x += entry_width(name);
        }
    }
}

fn rows(
    drawing: &mut Drawing,
    panel: &Panel,
    (runs, train): (&Runs, &str),
    lines: &[Line],
    colours: &LossColours,
) -> Result<(), Error> {
    let Some(read_out) = runs.main_read_out() else {
        return Ok(());
    };
    let losses = colours.legend();
    for (i, (name, endpoint)) in lines.iter().enumerate() {
        let [_, middle] = panel.at(panel.x.0, i as f64 + 0.5);
        drawing.text([LEFT - 10.0, middle + 4.0], name, 12.0, Anchor::End);
        for (j, (loss, colour)) in losses.iter().enumerate() {
            let y = i as f64 + (j as f64 + 1.0) / (losses.len() as f64 + 1.0);
            let values = values(runs.group(train, loss), endpoint, read_out);
            for value in shown(&values) {
                let [x, y] = panel.at(*value, y);
                drawing.dot([x, y + 4.5], 1.7, colour, 0.6);
            }
            if let Some(mean) = runs.mean(&values)? {
                if let Some(i) = mean.interval {
                    drawing.line(panel.at(i.low, y), panel.at(i.high, y), colour, 2.2);
                }
                mark(drawing, panel.at(mean.mean, y), 4.2, j, colour);
            }
        }
    }
    Ok(())
}
