//! Faithfulness of saliency maps: contour preference of the maps against reliance on shape, one panel per method.

use nodule_analysis::Runs;
use nodule_analysis::map_faithfulness::{contour_preference, shape_reliance};
use nodule_eval::statistics::spearman;
use nodule_study::records::MapScores;

use super::Figure;
use super::alt_text::two_digits;
use super::colours::LossColours;
use super::panel::range;
use super::panel_grid::PanelGrid;
use crate::text::classifier_of;

/// Reliance on shape, contour preference and loss of a run.
type Point<'a> = (f64, f64, &'a str);

/// Returns the figure; `None` if the study makes no saliency maps.
pub(crate) fn figure(runs: &Runs) -> Option<Figure> {
    let methods = runs.methods();
    let first = methods.first()?.method;
    let (read_out, _) = runs.all.iter().find_map(|run| run.map_scores(first))?;
    let points = methods.iter().map(|scores| points_of_method(runs, scores));
    let points: Vec<_> = points.collect();
    let x = range(points.iter().flatten().map(|p| p.0), (0.0, 1.0));
    let y = range(points.iter().flatten().map(|p| p.1), (-0.5, 0.5));
    let colours = LossColours::new(&runs.study.losses);
    let grid = PanelGrid {
        columns: methods.len(),
        most_columns: 3,
        width: (200.0, 200.0),
        left: 66.0,
        legend: colours.legend(),
        titles: methods
            .iter()
            .map(|scores| scores.method.to_string())
            .collect(),
        x_labels: vec!["reliance on shape (SD units)".into(); methods.len()],
        y_labels: vec![["ln(contour / interior)".into(), String::new()]],
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    for (i, points) in points.iter().enumerate() {
        let panel = grid.panel(i, 0, x, y);
        panel.x_ticks(&mut drawing);
        panel.y_ticks(&mut drawing);
        for (x, y, loss) in points {
            drawing.dot(panel.at(*x, *y), 2.6, colours.get(loss), 0.6);
        }
        panel.border(&mut drawing);
    }
    let (dot, noun) = match runs.external {
        true => ("a model", "models"),
        false => ("a run on any training distribution", "runs"),
    };
    let caption = format!(
        "Faithfulness of saliency maps. Each dot is {dot}: its counterfactual reliance on shape against the contour preference of its maps (log ratio of the relevance mass per area on the contour to that in the interior), {}. For a faithful method, the dots rise from left to right.",
        classifier_of(runs, read_out)
    );
    let title = "Contour preference of saliency maps against reliance on shape";
    let description = describe(&methods, &points, noun);
    let figure = Figure::new("maps-truth", title, drawing, &description, caption);
    Some(figure)
}

/// Returns the rank correlation of each panel, over what `noun` names.
fn describe(methods: &[&MapScores], points: &[Vec<Point>], noun: &str) -> String {
    let correlations = methods.iter().zip(points).map(|(scores, points)| {
        let (x, y): (Vec<_>, Vec<_>) = points.iter().map(|(x, y, _)| (*x, *y)).unzip();
        let correlation = spearman(&x, &y).ok().flatten();
        let correlation = correlation.map_or_else(|| "undefined".to_owned(), two_digits);
        format!("{} {correlation} over {} {noun}", scores.method, x.len())
    });
    let correlations = correlations.collect::<Vec<_>>().join(", ");
    format!("Spearman's rank correlation of each panel: {correlations}.")
}

/// Returns the points of all runs with maps by the method of `scores`.
fn points_of_method<'a>(runs: &Runs<'a>, scores: &MapScores) -> Vec<Point<'a>> {
    let runs = runs.all.iter().copied();
    runs.filter_map(|run| {
        let reliance = shape_reliance(run, scores)?;
        let preference = contour_preference(run, scores)?;
        Some((reliance, preference, run.record.loss.as_str()))
    })
    .collect()
}
