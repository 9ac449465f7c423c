//! First two principal components of embeddings: one panel per training distribution and loss.

use nodule_analysis::Runs;
use nodule_study::records::{FinishedRun, Representation};

use super::Figure;
use super::alt_text::means_by_train;
use super::drawing::{Anchor, Drawing};
use super::figure::train_titles;
use super::markers::{CIRCLE, Marker};
use super::panel::Panel;
use super::panel_grid::PanelGrid;

/// Colours of (irregular, heterogeneous), distinguishable with colour blindness.
const COMBINATIONS: [((bool, bool), &str, &str); 4] = [
    ((false, false), "regular, homogeneous", "#999999"),
    ((false, true), "regular, heterogeneous", "#0072b2"),
    ((true, false), "irregular, homogeneous", "#e69f00"),
    ((true, true), "irregular, heterogeneous", "#d55e00"),
];

/// Returns the figure of the first seed's networks; `None` if the study does not measure representations.
pub(crate) fn figure(runs: &Runs) -> Option<Figure> {
    let study = runs.study;
    let mut all = runs.all.iter();
    all.find(|run| run.evaluation.representation.is_some())?;
    let grid = PanelGrid {
        columns: study.train.len(),
        heights: vec![180.0; study.losses.len()],
        width: (180.0, 180.0),
        left: 60.0,
        row_gap: 40.0,
        legend: COMBINATIONS
            .map(|(_, name, colour)| (name, Marker::solid(CIRCLE, colour)))
            .into(),
        titles: train_titles(runs),
        y_labels: study
            .losses
            .iter()
            .map(|loss| [loss.clone(), "2nd component".into()])
            .collect(),
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    let missing = match runs.external {
        true => "no embeddings",
        false => "not finished",
    };
    for (row, loss) in study.losses.iter().enumerate() {
        for (column, train) in study.train_names().enumerate() {
            let first = runs.find(train, loss, 0);
            let panel = grid.panel(column, row, (-1.0, 1.0), (-1.0, 1.0));
            match first.and_then(|run| run.evaluation.representation.as_ref()) {
                Some(representation) => draw_points(&mut drawing, &panel, representation),
                None => panel.message(&mut drawing, missing),
            }
        }
    }
    let subject = match runs.external {
        true if runs.study.seeds == 1 => "each model",
        true => "the first seed of each model",
        false => "the first seed's networks",
    };
    let caption = format!(
        "Embeddings of {subject}: normalised embeddings of test nodules, projected onto their first two principal components, with the share of the variance that each explains. Colours: level of shape and texture. Each panel has its own scale."
    );
    let title = "Principal components of the embedding";
    let description = describe(runs);
    let figure = Figure::new("embedding", title, drawing, &description, caption);
    Some(figure)
}

/// Returns the mean silhouette of the two classes, by loss.
fn describe(runs: &Runs) -> String {
    let silhouette = |run: &FinishedRun| run.evaluation.representation.as_ref()?.silhouette;
    format!(
        "Scatter plots, one colour per combination of levels. Mean silhouette of the two classes (1: separated, 0: mixed), {}.",
        means_by_train(runs, &silhouette)
    )
}

/// Draws one dot per image, scaled to the panel's axes from -1 to 1.
fn draw_points(drawing: &mut Drawing, panel: &Panel, representation: &Representation) {
    let points = &representation.projection;
    let sizes = points.iter().flat_map(|p| [p.x.abs(), p.y.abs()]);
    let reach = 1.08 * sizes.fold(1e-6, f64::max);
    for image in points {
        let combination = (image.shape > 0.5, image.texture > 0.5);
        let mut known = COMBINATIONS.iter();
        let known = known.find(|(other, ..)| *other == combination);
        let colour = known.map_or("#000", |(_, _, colour)| colour);
        let place = panel.at(image.x / reach, image.y / reach);
        drawing.dot(place, 2.4, colour, 0.75);
    }
    panel.border(drawing);
    let [first, second] = representation.explained_variance.map(|e| 100.0 * e);
    let text = format!("1st component; variance {first:.0}% + {second:.0}%");
    let place = [panel.centre()[0], panel.frame[3] + 16.0];
    drawing.small(place, &text, Anchor::Middle);
}
