//! The salience sweep: which mode leads at each pair of amplitudes, a panel a loss.

use nodule_eval::ReadOut;

use super::boundary::boundary;
use super::landscape::shade;
use super::plot::{Anchor, Drawing, Panel};
use super::{Figure, colour};
use crate::record::LandscapePoint;
use crate::settings::Study;

const LEFT: f64 = 76.0;
const TOP: f64 = 52.0;
const SIDE: f64 = 230.0;
const GAP: f64 = 34.0;

/// Where one loss stands at one pair of amplitudes.
pub(crate) struct SaliencePoint {
    pub(crate) shape_amplitude: f64,
    pub(crate) texture_amplitude: f64,
    /// Reliance on shape minus reliance on texture, in spreads: one number a seed.
    pub(crate) balances: Vec<f64>,
}

/// Panels of each loss, and one with the lines of all; none without finished runs.
pub(crate) fn figure(
    study: &Study,
    train: &str,
    read_out: ReadOut,
    losses: &[(String, Vec<SaliencePoint>)],
) -> Option<Figure> {
    let all = || losses.iter().flat_map(|(_, points)| points);
    let means = || all().filter_map(mean);
    let scale = means().fold(0.0f64, |most, balance| most.max(balance.abs()));
    means().next()?;
    let axis = |of: fn(&SaliencePoint) -> f64| {
        let mut levels: Vec<f64> = all().map(of).collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        levels
    };
    let shape = axis(|p| p.shape_amplitude);
    let texture = axis(|p| p.texture_amplitude);
    let pitch = SIDE + GAP;
    let width = LEFT + pitch * (losses.len() + 1) as f64;
    let mut drawing = Drawing::new(width, TOP + SIDE + 52.0);
    let middle = TOP + SIDE / 2.0;
    drawing.text_upwards([18.0, middle], "texture amplitude", 12.0);
    for i in 0..=losses.len() {
        let left = LEFT + pitch * i as f64;
        let panel = Panel {
            frame: [left, TOP, left + SIDE, TOP + SIDE],
            x: ends(&shape),
            y: ends(&texture),
        };
        panel.x_ticks(&mut drawing);
        panel.y_ticks(&mut drawing);
        let title = match losses.get(i) {
            Some((loss, points)) => {
                cells(&mut drawing, &panel, points, (&shape, &texture), scale);
                seed_lines(&mut drawing, &panel, points);
                line(&mut drawing, &panel, points, mean, "#111", 2.2, 1.0);
                loss.clone()
            }
            None => {
                for (loss, points) in losses {
                    line(&mut drawing, &panel, points, mean, colour(loss), 2.4, 1.0);
                }
                "where reliance turns".into()
            }
        };
        panel.border(&mut drawing);
        let centre = left + SIDE / 2.0;
        drawing.text([centre, TOP - 12.0], &title, 13.0, Anchor::Middle);
        drawing.text(
            [centre, TOP + SIDE + 36.0],
            "shape amplitude",
            12.0,
            Anchor::Middle,
        );
    }
    let legend: Vec<_> = losses
        .iter()
        .map(|(loss, _)| (loss.as_str(), colour(loss)))
        .collect();
    drawing.legend([LEFT, 20.0], &legend);
    Some(Figure {
        name: format!("salience-{train}"),
        caption: format!(
            "Trained on {train}, with shape and texture made weaker or stronger (multiples of the amplitude of the other studies): reliance on shape minus reliance on texture in spreads, {read_out} read-out, mean over {} seeds. Red: shape leads; blue: texture leads; numbers: the difference. Thick line: where reliance turns from one to the other; thin lines: where it does for each seed. Right: the lines of all losses.",
            study.seeds
        ),
        svg: drawing.finish("Where reliance turns from texture to shape"),
    })
}

fn ends(levels: &[f64]) -> (f64, f64) {
    match levels {
        [first, .., last] => (*first, *last),
        _ => (0.0, 1.0),
    }
}

fn mean(point: &SaliencePoint) -> Option<f64> {
    let n = point.balances.len();
    (n > 0).then(|| point.balances.iter().sum::<f64>() / n as f64)
}

/// A patch a pair of amplitudes, to the middle of its neighbours.
fn cells(
    drawing: &mut Drawing,
    panel: &Panel,
    points: &[SaliencePoint],
    (shape, texture): (&[f64], &[f64]),
    scale: f64,
) {
    for point in points {
        let Some(balance) = mean(point) else {
            continue;
        };
        let (x0, x1) = around(shape, point.shape_amplitude);
        let (y0, y1) = around(texture, point.texture_amplitude);
        let (low, high) = (panel.at(x0, y1), panel.at(x1, y0));
        let size = [high[0] - low[0] + 0.5, high[1] - low[1] + 0.5];
        drawing.rectangle(low, size, &shade(balance / scale));
        let text = format!("{balance:+.1}").replace('-', "−");
        let place = panel.at(f64::midpoint(x0, x1), f64::midpoint(y0, y1));
        drawing.text_on_patch([place[0], place[1] + 3.0], &text, 9.0);
    }
}

fn around(levels: &[f64], level: f64) -> (f64, f64) {
    let place = levels.iter().position(|l| *l == level).unwrap_or(0);
    let between = |a: usize, b: usize| f64::midpoint(levels[a], levels[b]);
    let low = place.checked_sub(1).map_or(level, |p| between(p, place));
    let high = match levels.get(place + 1) {
        Some(_) => between(place, place + 1),
        None => level,
    };
    (low, high)
}

fn seed_lines(drawing: &mut Drawing, panel: &Panel, points: &[SaliencePoint]) {
    let seeds = points.iter().map(|p| p.balances.len()).min().unwrap_or(0);
    for seed in 0..seeds {
        let of_seed = |p: &SaliencePoint| p.balances.get(seed).copied();
        line(drawing, panel, points, of_seed, "#111", 0.7, 0.4);
    }
}

/// Where the balance is 0, if every point has one.
fn line(
    drawing: &mut Drawing,
    panel: &Panel,
    points: &[SaliencePoint],
    balance: impl Fn(&SaliencePoint) -> Option<f64>,
    colour: &str,
    width: f64,
    opacity: f64,
) {
    let at = |p: &SaliencePoint| {
        Some(LandscapePoint {
            shape: p.shape_amplitude,
            texture: p.texture_amplitude,
            score: balance(p)?,
            abnormal: 0.0,
        })
    };
    let square: Option<Vec<_>> = points.iter().map(at).collect();
    for piece in boundary(&square.unwrap_or_default()) {
        let ends = piece.map(|(x, y)| panel.at(x, y));
        drawing.path(&ends, colour, width, opacity);
    }
}
