//! Decision surface over the shape-texture plane: one panel per training distribution and loss.

use nodule_analysis::Runs;
use nodule_eval::ReadOut;
use nodule_study::records::{FinishedRun, SurfacePoint};

use super::Figure;
use super::alt_text::means_by_train;
use super::colours::score_colour;
use super::drawing::{Anchor, Drawing};
use super::figure::train_titles;
use super::panel::Panel;
use super::panel_grid::PanelGrid;
use super::zero_contour::{draw_zero_contour, side_length};
use crate::text::classifier_of;

/// Width and height of a panel.
const SIDE: f64 = 165.0;
/// Room for the colour scale on the right.
const SCALE_BAR: f64 = 80.0;
/// Largest end of the colour scale in SD units. The scores of a network that learned nothing have a tiny SD, so they
/// can be any number of SD units and would make all other panels pale.
const LARGEST_END: f64 = 3.0;

/// Scores of one run over the plane.
type Surface = Vec<SurfacePoint>;

/// Returns the figure of a classifier; `None` if the study records no decision surfaces.
pub(crate) fn figure(runs: &Runs, read_out: ReadOut) -> Option<Figure> {
    let study = runs.study;
    let groups: Vec<(&str, &String, Vec<Surface>)> = study
        .train_names()
        .flat_map(|train| study.losses.iter().map(move |loss| (train, loss)))
        .map(|(train, loss)| (train, loss, surfaces(runs.group(train, loss), read_out)))
        .collect();
    let points = groups
        .iter()
        .flat_map(|(_, _, surfaces)| surfaces.iter().flatten());
    let largest = points.map(|p| p.score.abs()).reduce(f64::max)?;
    let end = largest.clamp(f64::MIN_POSITIVE, LARGEST_END);
    let grid = PanelGrid {
        columns: study.losses.len(),
        heights: vec![SIDE; study.train.len()],
        width: (SIDE, SIDE),
        left: 92.0,
        gap: 30.0,
        row_gap: 30.0,
        right: SCALE_BAR,
        titles: study.losses.clone(),
        x_labels: vec!["shape level".into(); study.losses.len()],
        y_labels: train_titles(runs)
            .into_iter()
            .map(|title| [title, "texture level".into()])
            .collect(),
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    for (i, (train, _, surfaces)) in groups.iter().enumerate() {
        let (row, column) = (i / study.losses.len(), i % study.losses.len());
        let panel = grid.panel(column, row, (0.0, 1.0), (0.0, 1.0));
        draw_surface(&mut drawing, &panel, surfaces, end);
        frame_training_combinations(&mut drawing, &panel, runs, train);
        if i == 0 {
            let right = grid.right_edge() + 20.0;
            draw_scale_bar(&mut drawing, [right, panel.frame[1]], end);
        }
    }
    let title = format!("Decision surface, {}", classifier_of(runs, read_out));
    let name = format!("landscape-{read_out}");
    let description = describe(runs, read_out);
    let caption = caption(runs, read_out);
    Some(Figure::new(&name, &title, drawing, &description, caption))
}

fn caption(runs: &Runs, read_out: ReadOut) -> String {
    const EACH_SEED: &str = "; thin lines: zero contour of each seed";
    let (seeds, thin_lines) = match (runs.external, runs.study.seeds) {
        (true, 1) => ("", ""),
        (true, _) => (" and over the seeds of a model", EACH_SEED),
        (false, _) => (" and over training seeds", EACH_SEED),
    };
    let images = match runs.external {
        true => "reference set's",
        false => "training",
    };
    format!(
        "Decision surface of the {}: decision score over the levels of shape and texture, averaged over all other latents{seeds}, in SD units. Red: abnormal; blue: normal; all panels share a scale that ends at 3 SD units or less. Thick line: zero contour of the mean score{thin_lines}. Frames: levels of the {images} images.",
        classifier_of(runs, read_out)
    )
}

/// Returns the mean score at the corners of the plane.
fn describe(runs: &Runs, read_out: ReadOut) -> String {
    let corners = [
        ("low shape and texture", 0.0, 0.0),
        ("high shape alone", 1.0, 0.0),
        ("high texture alone", 0.0, 1.0),
        ("both high", 1.0, 1.0),
    ];
    let means = corners.map(|(name, shape, texture)| {
        let score = |run: &FinishedRun| {
            let mut points = run.read_out(read_out)?.decision_surface.iter();
            let corner = points.find(|p| p.shape == shape && p.texture == texture);
            corner.map(|point| point.score)
        };
        format!("{name}, {}", means_by_train(runs, &score))
    });
    format!(
        "Mean decision scores in SD units, abnormal above 0. {}.",
        means.join(". ")
    )
}

fn surfaces(group: &[&FinishedRun], read_out: ReadOut) -> Vec<Surface> {
    let measured = group.iter().filter_map(|run| run.read_out(read_out));
    measured
        .filter(|r| !r.decision_surface.is_empty())
        .map(|r| r.decision_surface.clone())
        .collect()
}

fn draw_surface(drawing: &mut Drawing, panel: &Panel, surfaces: &[Surface], end: f64) {
    let Some(mean) = mean_surface(surfaces) else {
        panel.message(drawing, "no such classifier");
        panel.border(drawing);
        return;
    };
    // The patches cover the grid lines and leave the numbers.
    panel.x_ticks(drawing);
    panel.y_ticks(drawing);
    // Each point is the centre of its patch; patches at the edge are half as wide.
    let half = 0.5 / (side_length(&mean) - 1) as f64;
    let around = |level: f64| ((level - half).max(0.0), (level + half).min(1.0));
    for point in &mean {
        let colour = score_colour(point.score / end);
        panel.patch(drawing, around(point.shape), around(point.texture), &colour);
    }
    for surface in surfaces {
        draw_zero_contour(drawing, panel, surface, ("#111", 0.6, 0.35));
    }
    draw_zero_contour(drawing, panel, &mean, ("#111", 2.2, 1.0));
    panel.border(drawing);
}

/// Frames the ranges of shape and texture from which training images are drawn.
fn frame_training_combinations(drawing: &mut Drawing, panel: &Panel, runs: &Runs, train: &str) {
    let first = runs.trained_on(train).next();
    let Some(distribution) = first.and_then(FinishedRun::training_distribution) else {
        return;
    };
    let cells = distribution.combinations().iter();
    let ranges = cells.map(|cell| (cell.shape.range(), cell.texture.range()));
    let mut ranges: Vec<_> = ranges.collect();
    ranges.dedup();
    for ((x0, x1), (y0, y1)) in ranges {
        let corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)];
        drawing.polyline(&corners.map(|(x, y)| panel.at(x, y)), "#222", 1.0, 0.8);
    }
}

/// Returns the mean over runs; `None` without runs.
fn mean_surface(surfaces: &[Surface]) -> Option<Surface> {
    let mut mean = surfaces.first()?.clone();
    for (i, point) in mean.iter_mut().enumerate() {
        let scores = surfaces.iter().filter_map(|surface| surface.get(i));
        point.score = scores.map(|p| p.score).sum::<f64>() / surfaces.len() as f64;
    }
    Some(mean)
}

fn draw_scale_bar(drawing: &mut Drawing, [left, top]: [f64; 2], end: f64) {
    const STEPS: usize = 32;
    let height = SIDE / STEPS as f64;
    for i in 0..STEPS {
        let value = 1.0 - 2.0 * (i as f64 + 0.5) / STEPS as f64;
        let corner = [left, top + height * i as f64];
        drawing.rectangle(corner, [14.0, height + 0.5], &score_colour(value));
    }
    for (share, value) in [(0.0, end), (0.5, 0.0), (1.0, -end)] {
        let (text, y) = (format!("{value:.1}").replace('-', "−"), top + SIDE * share);
        drawing.small([left + 18.0, y + 4.0], &text, Anchor::Start);
    }
    drawing.small([left - 10.0, top + SIDE + 20.0], "SD units", Anchor::Start);
}
