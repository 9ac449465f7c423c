//! Sweep of a setting, such as the number of training images: differences between losses, and the level of each loss.
//! The x axis is logarithmic.

use nodule_analysis::endpoints::{MODES, values};
use nodule_analysis::equal_loss::Moment;
use nodule_analysis::sweep::{Sweep, format_thousands};
use nodule_analysis::sweep_differences::SweepDifference;
use nodule_analysis::unique;
use nodule_eval::ReadOut;
use nodule_eval::statistics::Interval;
use nodule_study::Study;
use nodule_study::claims::{Contrast, Endpoint, Hypothesis, PairedDifference};

use super::Figure;
use super::alt_text::two_digits;
use super::colours::LossColours;
use super::drawing::{Anchor, Drawing};
use super::markers::Marker;
use super::panel::{GRID, Panel, range};
use super::panel_grid::PanelGrid;
use crate::Error;
use crate::endpoints::{accuracy_on, reliance_on};
use crate::text::classifier;

/// Height of a line of a panel's own legend.
const LEGEND_LINE: f64 = 17.0;

/// Means over seeds along the setting.
struct Line {
    name: String,
    colour: &'static str,
    /// Value of the setting, mean, interval.
    points: Vec<(f64, f64, Option<Interval>)>,
}

/// Contents of a panel.
struct Part {
    train: String,
    /// Quantity of the y axis.
    label: String,
    /// Least range of the y axis.
    least: (f64, f64),
    /// Half width of the band of negligible differences.
    sesoi: Option<f64>,
    lines: Vec<Line>,
}

/// Name, title and caption of a figure.
type Heading = [String; 3];

/// Returns the differences that claims are about, one panel per endpoint and one line per claim; `None` without any.
pub(crate) fn differences(
    study: &Study,
    sweep: &Sweep,
    points: &[SweepDifference],
) -> Option<Figure> {
    let colours = LossColours::new(&study.losses);
    let ends: Vec<_> = points.iter().filter(|p| p.moment == Moment::End).collect();
    let claims = unique(ends.iter().map(|p| p.claim));
    let line = |claim: &Hypothesis, [a, b]: [&str; 2]| {
        let own = ends.iter().filter(|p| p.claim.id == claim.id);
        Line {
            name: format!("{}: {a} − {b}", claim.id),
            colour: colours.get(b),
            points: own
                .filter_map(|p| Some((p.value, p.evidence.effect?, p.evidence.interval)))
                .collect(),
        }
    };
    let compared: Vec<_> = claims.into_iter().filter_map(paired_difference).collect();
    let panels = unique(
        compared
            .iter()
            .map(|(claim, endpoint, _)| (&claim.train, *endpoint)),
    );
    let parts = panels.into_iter().map(|(train, endpoint)| {
        let own: Vec<_> = compared
            .iter()
            .filter(|(claim, other, _)| (&claim.train, *other) == (train, endpoint))
            .collect();
        let sesois = own.iter().map(|(claim, ..)| claim.smallest_effect);
        let sesoi = sesois.fold(f64::INFINITY, f64::min);
        Part {
            train: train.clone(),
            label: format!("difference in {}", endpoint.title()),
            least: (-1.2 * sesoi, 1.2 * sesoi),
            sesoi: Some(sesoi),
            lines: own
                .iter()
                .map(|(claim, _, losses)| line(claim, *losses))
                .collect(),
        }
    });
    let heading = [
        format!("along-{}", sweep.over),
        format!("Differences between losses along {}", sweep.over),
        format!(
            "Differences between losses along {}: difference of each claim after training, mean over training seeds with its 95% bootstrap interval. Grey band: negligible differences (within the SESOI).",
            unit(sweep.over)
        ),
    ];
    draw(sweep, &parts.collect::<Vec<_>>(), 1, heading)
}

/// Returns reliance and accuracy of each loss: on both modes, in distribution and on the claimed tests.
pub(crate) fn levels(
    study: &Study,
    sweep: &Sweep,
    tests: &[String],
    read_out: ReadOut,
) -> Result<Option<Figure>, Error> {
    let colours = LossColours::new(&study.losses);
    let mut parts = Vec::new();
    for train in study.train_names() {
        let reliance = MODES.map(|mode| (reliance_on(mode), (0.0, 1.0)));
        let accuracy = unique([train].into_iter().chain(tests.iter().map(String::as_str)))
            .into_iter()
            .map(|test| (accuracy_on(test), (0.5, 1.0)));
        for (endpoint, least) in reliance.into_iter().chain(accuracy) {
            let mut lines = Vec::new();
            for (loss, colour) in colours.entries() {
                let mut points = Vec::new();
                for (value, runs) in &sweep.points {
                    let mean = runs.mean(&values(runs.group(train, loss), &endpoint, read_out))?;
                    points.extend(mean.map(|mean| (*value, mean.mean, mean.interval)));
                }
                lines.push(Line {
                    name: (*loss).to_owned(),
                    colour,
                    points,
                });
            }
            if lines.iter().any(|line| !line.points.is_empty()) {
                parts.push(Part {
                    train: train.to_owned(),
                    label: endpoint.title(),
                    least,
                    sesoi: None,
                    lines,
                });
            }
        }
    }
    let heading = [
        format!("levels-{}", sweep.over),
        format!("Reliance and accuracy along {}", sweep.over),
        format!(
            "Reliance and accuracy of each loss along {}: means over training seeds with 95% bootstrap intervals, {}.",
            unit(sweep.over),
            classifier(read_out)
        ),
    ];
    Ok(draw(sweep, &parts, 2, heading))
}

/// Returns the claim with its endpoint and its two losses; `None` if it compares no losses.
fn paired_difference(claim: &Hypothesis) -> Option<(&Hypothesis, &Endpoint, [&str; 2])> {
    match &claim.contrast {
        Contrast::PairedDifference(PairedDifference { endpoint, a, b }) => {
            Some((claim, endpoint, [&a.loss, &b.loss]))
        }
        _ => None,
    }
}

/// Returns a readable name of a setting.
fn unit(setting: &str) -> &str {
    match setting {
        "samples.train" => "the number of training images (samples.train)",
        other => other,
    }
}

fn draw(
    sweep: &Sweep,
    parts: &[Part],
    most_columns: usize,
    [name, title, caption]: Heading,
) -> Option<Figure> {
    let [first, last] = [sweep.points.first()?, sweep.points.last()?].map(|p| p.0.log2());
    let mut lines = parts.iter().flat_map(|part| &part.lines);
    lines.find(|line| !line.points.is_empty())?;
    let most_lines = parts.iter().map(|part| part.lines.len()).max().unwrap_or(0);
    let legend = LEGEND_LINE * most_lines.div_ceil(2) as f64;
    let x_label = |part: &Part| format!("{}, training set: {}", sweep.over, part.train);
    // The legend of each panel is part of its row, above its frame.
    let grid = PanelGrid {
        columns: parts.len(),
        most_columns,
        width: (300.0, 300.0),
        heights: vec![legend, 210.0],
        left: 66.0,
        gap: 84.0,
        row_gap: 0.0,
        x_labels: parts.iter().map(x_label).collect(),
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    for (i, part) in parts.iter().enumerate() {
        let points = part.lines.iter().flat_map(|line| &line.points);
        let ends = points.flat_map(|(_, mean, interval)| {
            let interval = interval.map(|i| [i.low, i.high]);
            std::iter::once(*mean).chain(interval.into_iter().flatten())
        });
        let panel = grid.panel(i, 1, (first - 0.3, last + 0.3), range(ends, part.least));
        draw_background(&mut drawing, &panel, sweep, part);
        draw_legend(&mut drawing, &panel, &part.lines);
        for (j, line) in part.lines.iter().enumerate() {
            // Lines are shifted sideways, so that their intervals do not overlap.
            let shift = 7.0 * (j as f64 - (part.lines.len() as f64 - 1.0) / 2.0);
            draw_line(&mut drawing, &panel, line, j, shift);
        }
        panel.border(&mut drawing);
    }
    let description = describe(parts);
    Some(Figure::new(&name, &title, drawing, &description, caption))
}

fn draw_legend(drawing: &mut Drawing, panel: &Panel, lines: &[Line]) {
    let [left, top, right, _] = panel.frame;
    let rows = lines.len().div_ceil(2);
    for (j, line) in lines.iter().enumerate() {
        let x = left + 6.0 + (right - left) / 2.0 * (j % 2) as f64;
        let y = top - 8.0 - LEGEND_LINE * (rows - 1 - j / 2) as f64;
        Marker::solid(j, line.colour).draw(drawing, [x, y - 4.0], 4.5);
        drawing.text([x + 10.0, y], &line.name, 12.0, Anchor::Start);
    }
}

/// Draws axes, the band of negligible differences, the line of no difference and sizes of real data sets.
fn draw_background(drawing: &mut Drawing, panel: &Panel, sweep: &Sweep, part: &Part) {
    let [left, top, _, bottom] = panel.frame;
    if let Some(sesoi) = part.sesoi {
        panel.patch(drawing, panel.x, (-sesoi, sesoi), "#ececec");
    }
    panel.y_ticks(drawing);
    for (value, _) in &sweep.points {
        let [x, _] = panel.at(value.log2(), panel.y.0);
        drawing.line([x, top], [x, bottom], GRID, 1.0);
        let text = format_thousands(*value);
        drawing.small([x, bottom + 15.0], &text, Anchor::Middle);
    }
    for (size, name) in &sweep.marks {
        if (panel.x.0..=panel.x.1).contains(&size.log2()) {
            let [x, _] = panel.at(size.log2(), panel.y.0);
            drawing.dashed_line([x, top], [x, bottom], "#888", 1.2);
            drawing.small([x + 4.0, bottom - 7.0], name, Anchor::Start);
        }
    }
    if part.sesoi.is_some() {
        panel.horizontal_line(drawing, 0.0);
    }
    drawing.text_upwards([left - 46.0, panel.centre()[1]], &part.label, 11.0);
}

fn draw_line(drawing: &mut Drawing, panel: &Panel, line: &Line, shape: usize, shift: f64) {
    let at = |value: f64, y: f64| {
        let [x, y] = panel.at(value.log2(), y);
        [x + shift, y]
    };
    let means = line.points.iter();
    let means = means.map(|(value, mean, _)| at(*value, *mean));
    drawing.polyline(&means.collect::<Vec<_>>(), line.colour, 1.4, 0.7);
    for (value, mean, interval) in &line.points {
        if let Some(i) = interval {
            drawing.line(at(*value, i.low), at(*value, i.high), line.colour, 2.0);
        }
        Marker::solid(shape, line.colour).draw(drawing, at(*value, *mean), 4.0);
    }
}

/// Returns the first and last mean of each line.
fn describe(parts: &[Part]) -> String {
    let line_text = |line: &Line| {
        let ends = [line.points.first()?, line.points.last()?];
        let [first, last] = ends.map(|(_, mean, _)| two_digits(*mean));
        Some(format!("{} from {first} to {last}", line.name))
    };
    let parts = parts.iter().map(|part| {
        let lines: Vec<_> = part.lines.iter().filter_map(line_text).collect();
        let (label, train) = (&part.label, &part.train);
        format!("{label}, trained on {train}: {}", lines.join(", "))
    });
    let parts = parts.collect::<Vec<_>>().join(". ");
    format!("Means at the smallest and the largest value of the setting. {parts}.")
}
