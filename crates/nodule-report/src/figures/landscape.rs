//! The decision over the square of shape and texture: one panel a training distribution and loss.

use nodule_eval::ReadOut;
use nodule_study::records::{FinishedRun, SurfacePoint};

use super::bands::Bands;
use super::colours::shade;
use super::plot::{Anchor, Drawing, Panel};
use super::seen::by_train;
use super::{Figure, boundary};
use nodule_analysis::Runs;

const LEFT: f64 = 92.0;
const TOP: f64 = 52.0;
const SIDE: f64 = 165.0;
const GAP: f64 = 30.0;
/// Room for the scale, on the right.
const SCALE: f64 = 80.0;

/// Where colours end at the latest, in spreads.
const MOST: f64 = 3.0;

/// One figure for a read-out, where the study has landscapes.
pub(crate) fn figure(runs: &Runs, read_out: ReadOut) -> Option<Figure> {
    let study = runs.study;
    let squares: Vec<Vec<Vec<Square>>> = study
        .train_names()
        .map(|train| {
            let of_loss = |loss: &String| squares(runs.group(train, loss), read_out);
            study.losses.iter().map(of_loss).collect()
        })
        .collect();
    let all = || squares.iter().flatten().flatten().flatten();
    // A network that learned nothing hardly decides at all: in spreads of next to nothing its
    // decision can be any number, and would make everything else pale.
    let largest = all().fold(f64::MIN_POSITIVE, |m, p| m.max(p.score.abs()));
    let scale = largest.min(MOST);
    all().next()?;
    let bands = Bands::of(study.losses.len(), LEFT + SCALE, GAP, (SIDE, SIDE));
    let rows = bands.bands * study.train.len();
    // Where losses take several bands, each has their names above it.
    let pitch = SIDE + if bands.bands > 1 { 2.0 * GAP } else { GAP };
    let height = TOP + pitch * rows as f64 + 34.0;
    let mut drawing = Drawing::new(bands.whole_width(), height);
    for (i, of_train) in squares.iter().enumerate() {
        for (column, of_loss) in of_train.iter().enumerate() {
            let row = i * bands.bands + bands.band_of(column);
            let left = bands.left_of(column) - SCALE;
            let (top, middle) = (TOP + pitch * row as f64, left + SIDE / 2.0);
            if bands.is_first(column) {
                let title = format!("trained on {}", study.train[i].name());
                drawing.text_upwards([22.0, top + SIDE / 2.0], &title, 13.0);
                drawing.text_upwards([46.0, top + SIDE / 2.0], "texture level", 11.0);
            }
            if row == 0 || bands.bands > 1 {
                let above = [middle, top - 14.0];
                drawing.text(above, &study.losses[column], 13.0, Anchor::Middle);
            }
            let panel = Panel {
                frame: [left, top, left + SIDE, top + SIDE],
                x: (0.0, 1.0),
                y: (0.0, 1.0),
            };
            square(&mut drawing, &panel, of_loss, scale);
            frames(&mut drawing, &panel, &cells(runs, study.train[i].name()));
            if row + 1 == rows {
                let below = [middle, top + SIDE + 32.0];
                drawing.text(below, "shape level", 11.0, Anchor::Middle);
            }
        }
    }
    scale_bar(
        &mut drawing,
        bands.whole_width() - SCALE - GAP + 24.0,
        scale,
    );
    Some(Figure {
        name: format!("landscape-{read_out}"),
        caption: format!(
            "The decision of the {read_out} read-out over the square of shape and texture: mean over latents and seeds, in spreads, red for abnormal, blue for normal, one scale that ends at 3 spreads at the latest. Thick line: where the mean decision is 0; thin lines: where each seed's is. Frames: what the training cells fill."
        ),
        svg: drawing.finish(
            &format!("Decision landscape, {read_out} read-out"),
            &seen(runs, read_out),
        ),
    })
}

/// The mean decision at the corners of the square.
fn seen(runs: &Runs, read_out: ReadOut) -> String {
    let corners = [
        ("low shape and texture", 0.0, 0.0),
        ("high shape alone", 1.0, 0.0),
        ("high texture alone", 0.0, 1.0),
        ("both high", 1.0, 1.0),
    ];
    let of_corner = |(name, shape, texture): (&str, f64, f64)| {
        let score = |run: &FinishedRun| {
            let mut points = run.read_out(read_out)?.decision_surface.iter();
            let corner = points.find(|p| p.shape == shape && p.texture == texture);
            corner.map(|point| point.score)
        };
        format!("{name}, {}", by_train(runs, &score))
    };
    format!(
        "Mean decisions in spreads, abnormal above 0. {}.",
        corners.map(of_corner).join(". ")
    )
}

/// One run's landscape.
type Square = Vec<SurfacePoint>;

fn squares(group: &[&FinishedRun], read_out: ReadOut) -> Vec<Square> {
    let measured = group.iter().filter_map(|run| run.read_out(read_out));
    let with_landscape = measured.filter(|r| !r.decision_surface.is_empty());
    with_landscape.map(|r| r.decision_surface.clone()).collect()
}

fn square(drawing: &mut Drawing, panel: &Panel, squares: &[Square], scale: f64) {
    let Some(mean) = mean(squares) else {
        let [left, top, right, bottom] = panel.frame;
        let middle = [f64::midpoint(left, right), f64::midpoint(top, bottom)];
        drawing.text(middle, "no such read-out", 11.0, Anchor::Middle);
        panel.border(drawing);
        return;
    };
    // Under the patches: what is left of them are the numbers.
    panel.x_ticks(drawing);
    panel.y_ticks(drawing);
    let side = boundary::side(&mean);
    for point in &mean {
        // Each point is the middle of its patch; those at the edge are half as wide.
        let half = 0.5 / (side - 1) as f64;
        let ends = |level: f64| ((level - half).max(0.0), (level + half).min(1.0));
        let ((x0, x1), (y0, y1)) = (ends(point.shape), ends(point.texture));
        let (low, high) = (panel.at(x0, y1), panel.at(x1, y0));
        let size = [high[0] - low[0] + 0.5, high[1] - low[1] + 0.5];
        drawing.rectangle(low, size, &shade(point.score / scale));
    }
    for square in squares {
        lines(drawing, panel, square, 0.6, 0.35);
    }
    lines(drawing, panel, &mean, 2.2, 1.0);
    panel.border(drawing);
}

/// The ranges of shape and texture that the training cells fill, each once.
fn cells(runs: &Runs, train: &str) -> Vec<[(f64, f64); 2]> {
    let Some(distribution) = runs
        .trained_on(train)
        .next()
        .and_then(FinishedRun::training_distribution)
    else {
        return Vec::new();
    };
    let mut all: Vec<_> = distribution
        .combinations()
        .iter()
        .map(|cell| [cell.shape.range(), cell.texture.range()])
        .collect();
    all.dedup();
    all
}

fn frames(drawing: &mut Drawing, panel: &Panel, cells: &[[(f64, f64); 2]]) {
    for [(x0, x1), (y0, y1)] in cells {
        let corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)];
        let corners = corners.map(|(x, y)| panel.at(*x, *y));
        drawing.path(&corners, "#222", 1.0, 0.8);
    }
}

fn lines(drawing: &mut Drawing, panel: &Panel, square: &Square, width: f64, opacity: f64) {
    for line in boundary::boundary(square) {
        let ends = line.map(|(x, y)| panel.at(x, y));
        drawing.path(&ends, "#111", width, opacity);
    }
}

fn mean(squares: &[Square]) -> Option<Square> {
    let mut sum = squares.first()?.clone();
    for (i, point) in sum.iter_mut().enumerate() {
        let scores = squares.iter().filter_map(|square| square.get(i));
        point.score = scores.map(|p| p.score).sum::<f64>() / squares.len() as f64;
    }
    Some(sum)
}

fn scale_bar(drawing: &mut Drawing, left: f64, scale: f64) {
    const STEPS: usize = 32;
    let height = SIDE / STEPS as f64;
    for i in 0..STEPS {
        let value = 1.0 - 2.0 * (i as f64 + 0.5) / STEPS as f64;
        let top = TOP + height * i as f64;
        drawing.rectangle([left, top], [14.0, height + 0.5], &shade(value));
    }
    for (part, value) in [(0.0, scale), (0.5, 0.0), (1.0, -scale)] {
        let text = format!("{value:.1}").replace('-', "−");
        drawing.text(
            [left + 18.0, TOP + SIDE * part + 4.0],
            &text,
            11.0,
            Anchor::Start,
        );
    }
    drawing.text([left, TOP + SIDE + 20.0], "spreads", 11.0, Anchor::Start);
}
