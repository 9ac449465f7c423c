//! Cue salience sweep: difference between reliance on shape and on texture at each pair of amplitudes, one panel per
//! loss.

use nodule_analysis::Runs;
use nodule_analysis::mean;
use nodule_analysis::salience_sweep::{SaliencePoint, SalienceSweep};
use nodule_eval::ReadOut;
use nodule_study::records::SurfacePoint;

use super::Figure;
use super::colours::{LossColours, score_colour};
use super::drawing::Drawing;
use super::panel::Panel;
use super::panel_grid::PanelGrid;
use super::zero_contour::draw_zero_contour;
use crate::text::classifier;

/// Width and height of a panel.
const SIDE: f64 = 230.0;

/// Colour, width and opacity of a line.
type Stroke = (&'static str, f64, f64);

/// Returns a figure with one panel per loss and one with the lines of all losses; `None` without finished runs.
pub(crate) fn figure(
    runs: &Runs,
    train: &str,
    read_out: ReadOut,
    sweeps: &[SalienceSweep],
) -> Option<Figure> {
    let points = || sweeps.iter().flat_map(|sweep| &sweep.points);
    let sizes = points().filter_map(mean_difference).map(f64::abs);
    let end = sizes.reduce(f64::max)?.max(f64::MIN_POSITIVE);
    let shape = amplitudes(points(), |p| p.shape_amplitude);
    let texture = amplitudes(points(), |p| p.texture_amplitude);
    let colours = LossColours::new(&runs.study.losses);
    let columns = sweeps.len() + 1;
    let losses = sweeps.iter().map(|sweep| sweep.loss.clone());
    let grid = PanelGrid {
        columns,
        width: (SIDE, SIDE),
        heights: vec![SIDE],
        left: 76.0,
        legend: colours.legend(),
        titles: losses
            .chain(["equal reliance, all losses".to_owned()])
            .collect(),
        x_labels: vec!["shape amplitude".into(); columns],
        y_labels: vec![["texture amplitude".into(), String::new()]],
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    let panel = |drawing: &mut Drawing, i: usize| {
        let panel = grid.panel(i, 0, extent(&shape), extent(&texture));
        panel.x_ticks(drawing);
        panel.y_ticks(drawing);
        panel
    };
    for (i, sweep) in sweeps.iter().enumerate() {
        let panel = panel(&mut drawing, i);
        draw_patches(&mut drawing, &panel, &sweep.points, [&shape, &texture], end);
        draw_zero_lines(&mut drawing, &panel, &sweep.points);
        panel.border(&mut drawing);
    }
    let last = panel(&mut drawing, sweeps.len());
    for sweep in sweeps {
        let stroke = (colours.get(&sweep.loss), 2.4, 1.0);
        draw_zero_line(&mut drawing, &last, &sweep.points, mean_difference, stroke);
    }
    last.border(&mut drawing);
    let caption = format!(
        "Networks trained on the `{train}` distribution with weaker or stronger shape and texture (amplitudes as multiples of the default): reliance on shape minus reliance on texture in SD units, {}, mean over {} training seeds. Red: shape dominates; blue: texture dominates; numbers: the difference. Thick line: equal reliance on both; thin lines: the same for each seed. Last panel: equal reliance of all losses.",
        classifier(read_out),
        runs.study.seeds
    );
    let name = format!("salience-{train}");
    let title = format!("Dominant cue by amplitude, training set {train}");
    let description = describe(sweeps);
    Some(Figure::new(&name, &title, drawing, &description, caption))
}

/// Draws the lines of equal reliance of each seed, and the line of their mean.
fn draw_zero_lines(drawing: &mut Drawing, panel: &Panel, points: &[SaliencePoint]) {
    let seeds = points.iter().map(|p| p.balances.len()).min().unwrap_or(0);
    for seed in 0..seeds {
        let difference = |p: &SaliencePoint| p.balances.get(seed).copied();
        draw_zero_line(drawing, panel, points, difference, ("#111", 0.7, 0.4));
    }
    let stroke = ("#111", 2.2, 1.0);
    draw_zero_line(drawing, panel, points, mean_difference, stroke);
}

/// Returns the number of settings in which shape dominates.
fn describe(sweeps: &[SalienceSweep]) -> String {
    let count = |sweep: &SalienceSweep| {
        let means: Vec<f64> = sweep.points.iter().filter_map(mean_difference).collect();
        let dominated = means.iter().filter(|difference| **difference > 0.0).count();
        format!("{}: {dominated} of {}", sweep.loss, means.len())
    };
    let counts = sweeps.iter().map(count).collect::<Vec<_>>().join("; ");
    format!("Pairs of amplitudes at which shape dominates, {counts}.")
}

/// Returns each amplitude once, in ascending order.
fn amplitudes<'a>(
    points: impl Iterator<Item = &'a SaliencePoint>,
    amplitude: fn(&SaliencePoint) -> f64,
) -> Vec<f64> {
    let mut amplitudes: Vec<f64> = points.map(amplitude).collect();
    amplitudes.sort_by(f64::total_cmp);
    amplitudes.dedup();
    amplitudes
}

fn extent(levels: &[f64]) -> (f64, f64) {
    match levels {
        [first, .., last] => (*first, *last),
        _ => (0.0, 1.0),
    }
}

/// Returns the mean over seeds of reliance on shape minus reliance on texture; `None` without runs.
fn mean_difference(point: &SaliencePoint) -> Option<f64> {
    (!point.balances.is_empty()).then(|| mean(&point.balances))
}

/// Draws a patch for each pair of amplitudes, up to halfway to its neighbours.
fn draw_patches(
    drawing: &mut Drawing,
    panel: &Panel,
    points: &[SaliencePoint],
    [shape, texture]: [&[f64]; 2],
    end: f64,
) {
    for point in points {
        let Some(difference) = mean_difference(point) else {
            continue;
        };
        let x = halfway_to_neighbours(shape, point.shape_amplitude);
        let y = halfway_to_neighbours(texture, point.texture_amplitude);
        panel.patch(drawing, x, y, &score_colour(difference / end));
        let text = format!("{difference:+.1}").replace('-', "−");
        let [left, top] = panel.at(f64::midpoint(x.0, x.1), f64::midpoint(y.0, y.1));
        drawing.text_on_patch([left, top + 3.0], &text, 11.0);
    }
}

fn halfway_to_neighbours(levels: &[f64], level: f64) -> (f64, f64) {
    let place = levels.iter().position(|l| *l == level).unwrap_or(0);
    let before = place.checked_sub(1).and_then(|i| levels.get(i));
    let halfway = |other: Option<&f64>| other.map_or(level, |other| f64::midpoint(level, *other));
    (halfway(before), halfway(levels.get(place + 1)))
}

/// Draws the zero contour of a difference, if every point has one.
fn draw_zero_line(
    drawing: &mut Drawing,
    panel: &Panel,
    points: &[SaliencePoint],
    difference: impl Fn(&SaliencePoint) -> Option<f64>,
    stroke: Stroke,
) {
    let point = |p: &SaliencePoint| {
        Some(SurfacePoint {
            shape: p.shape_amplitude,
            texture: p.texture_amplitude,
            score: difference(p)?,
            abnormal: 0.0,
            intervals: None,
        })
    };
    let surface: Option<Vec<_>> = points.iter().map(point).collect();
    draw_zero_contour(drawing, panel, &surface.unwrap_or_default(), stroke);
}
