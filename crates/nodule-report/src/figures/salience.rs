//! The salience sweep: which mode leads at each pair of amplitudes, a panel a loss.

use nodule_eval::ReadOut;
use nodule_study::records::SurfacePoint;

use super::Figure;
use super::bands::Bands;
use super::boundary::boundary;
use super::colours::{LossColours, shade};
use super::plot::{Anchor, Drawing, Panel};
use nodule_analysis::Runs;
use nodule_analysis::mean;
use nodule_analysis::salience_sweep::{SaliencePoint, SalienceSweep};

const LEFT: f64 = 76.0;
const TOP: f64 = 52.0;
const SIDE: f64 = 230.0;
const GAP: f64 = 34.0;
/// Of panels with their titles and axes.
const BAND: f64 = SIDE + 68.0;

/// A panel a loss, and one with the lines of all; none without finished runs.
pub(crate) fn figure(
    runs: &Runs,
    train: &str,
    read_out: ReadOut,
    sweeps: &[SalienceSweep],
) -> Option<Figure> {
    let all = || sweeps.iter().flat_map(|sweep| &sweep.points);
    let means = || all().filter_map(mean_balance);
    let scale = means().fold(f64::MIN_POSITIVE, |most, balance| most.max(balance.abs()));
    means().next()?;
    let axis = |of: fn(&SaliencePoint) -> f64| {
        let mut levels: Vec<f64> = all().map(of).collect();
        levels.sort_by(f64::total_cmp);
        levels.dedup();
        levels
    };
    let axes = [axis(|p| p.shape_amplitude), axis(|p| p.texture_amplitude)];
    let colours = LossColours::of(&runs.study.losses);
    let bands = Bands::of(sweeps.len() + 1, LEFT, GAP, (SIDE, SIDE));
    let height = TOP + BAND * bands.bands as f64;
    let mut drawing = Drawing::new(bands.whole_width(), height);
    let corner = |i: usize| [bands.left_of(i), TOP + BAND * bands.band_of(i) as f64];
    for band in 0..bands.bands {
        let middle = TOP + BAND * band as f64 + SIDE / 2.0;
        drawing.text_upwards([18.0, middle], "texture amplitude", 12.0);
    }
    for (i, sweep) in sweeps.iter().enumerate() {
        let panel = begin_panel(&mut drawing, corner(i), &axes);
        cells(&mut drawing, &panel, &sweep.points, &axes, scale);
        seed_lines(&mut drawing, &panel, &sweep.points);
        line(
            &mut drawing,
            &panel,
            &sweep.points,
            mean_balance,
            &Stroke("#111", 2.2, 1.0),
        );
        end_panel(&mut drawing, &panel, &sweep.loss);
    }
    let panel = begin_panel(&mut drawing, corner(sweeps.len()), &axes);
    for sweep in sweeps {
        let stroke = Stroke(colours.get(&sweep.loss), 2.4, 1.0);
        line(&mut drawing, &panel, &sweep.points, mean_balance, &stroke);
    }
    end_panel(&mut drawing, &panel, "where reliance turns");
    drawing.legend([LEFT, 20.0], colours.legend());
    Some(Figure {
        name: format!("salience-{train}"),
        caption: format!(
            "Trained on {train}, with shape and texture made weaker or stronger (multiples of the amplitude of the other studies): reliance on shape minus reliance on texture in spreads, {read_out} read-out, mean over {} seeds. Red: shape leads; blue: texture leads; numbers: the difference. Thick line: where reliance turns from one to the other; thin lines: where it does for each seed. Last: the lines of all losses.",
            runs.study.seeds
        ),
        svg: drawing.finish("Where reliance turns from texture to shape", &seen(sweeps)),
    })
}

/// In how many settings shape leads.
fn seen(sweeps: &[SalienceSweep]) -> String {
    let of_loss = |sweep: &SalienceSweep| {
        let means: Vec<f64> = sweep.points.iter().filter_map(mean_balance).collect();
        let leads = means.iter().filter(|balance| **balance > 0.0).count();
        format!("{}: in {leads} of {}", sweep.loss, means.len())
    };
    let all: Vec<_> = sweeps.iter().map(of_loss).collect();
    format!(
        "Pairs of amplitudes at which shape leads, {}.",
        all.join("; ")
    )
}

/// Amplitudes of shape and of texture, each once, from the least.
type Axes = [Vec<f64>; 2];

/// Colour, width and opacity of a line.
struct Stroke(&'static str, f64, f64);

fn begin_panel(drawing: &mut Drawing, [left, top]: [f64; 2], [shape, texture]: &Axes) -> Panel {
    let panel = Panel {
        frame: [left, top, left + SIDE, top + SIDE],
        x: ends(shape),
        y: ends(texture),
    };
    panel.x_ticks(drawing);
    panel.y_ticks(drawing);
    panel
}

fn end_panel(drawing: &mut Drawing, panel: &Panel, title: &str) {
    panel.border(drawing);
    let [left, top, _, bottom] = panel.frame;
    let centre = left + SIDE / 2.0;
    drawing.text([centre, top - 12.0], title, 13.0, Anchor::Middle);
    let below = [centre, bottom + 36.0];
    drawing.text(below, "shape amplitude", 12.0, Anchor::Middle);
}

fn ends(levels: &[f64]) -> (f64, f64) {
    match levels {
        [first, .., last] => (*first, *last),
        _ => (0.0, 1.0),
    }
}

fn mean_balance(point: &SaliencePoint) -> Option<f64> {
    (!point.balances.is_empty()).then(|| mean(&point.balances))
}

/// A patch a pair of amplitudes, to the middle of its neighbours.
fn cells(
    drawing: &mut Drawing,
    panel: &Panel,
    points: &[SaliencePoint],
    [shape, texture]: &Axes,
    scale: f64,
) {
    for point in points {
        let Some(balance) = mean_balance(point) else {
            continue;
        };
        let (x0, x1) = around(shape, point.shape_amplitude);
        let (y0, y1) = around(texture, point.texture_amplitude);
        let (low, high) = (panel.at(x0, y1), panel.at(x1, y0));
        let size = [high[0] - low[0] + 0.5, high[1] - low[1] + 0.5];
        drawing.rectangle(low, size, &shade(balance / scale));
        let text = format!("{balance:+.1}").replace('-', "−");
        let place = panel.at(f64::midpoint(x0, x1), f64::midpoint(y0, y1));
        drawing.text_on_patch([place[0], place[1] + 3.0], &text, 11.0);
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
        line(drawing, panel, points, of_seed, &Stroke("#111", 0.7, 0.4));
    }
}

/// Where the balance is 0, if every point has one.
fn line(
    drawing: &mut Drawing,
    panel: &Panel,
    points: &[SaliencePoint],
    balance: impl Fn(&SaliencePoint) -> Option<f64>,
    Stroke(colour, width, opacity): &Stroke,
) {
    let at = |p: &SaliencePoint| {
        Some(SurfacePoint {
            shape: p.shape_amplitude,
            texture: p.texture_amplitude,
            score: balance(p)?,
            abnormal: 0.0,
        })
    };
    let square: Option<Vec<_>> = points.iter().map(at).collect();
    for piece in boundary(&square.unwrap_or_default()) {
        let ends = piece.map(|(x, y)| panel.at(x, y));
        drawing.path(&ends, colour, *width, *opacity);
    }
}
