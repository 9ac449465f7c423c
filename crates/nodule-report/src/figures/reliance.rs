//! Reliance on shape and texture by loss and classifier: one panel per training distribution and mode of variation.

use nodule_analysis::Runs;
use nodule_analysis::endpoints::{MODES, values};
use nodule_study::claims::Endpoint;
use nodule_study::records::FinishedRun;

use super::Figure;
use super::alt_text::means_by_train;
use super::colours::LossColours;
use super::drawing::Drawing;
use super::figure::{dots_note, subject, thin, thinning_note, train_titles};
use super::panel::{Panel, range};
use super::panel_grid::PanelGrid;
use crate::Error;
use crate::endpoints::reliance_on;
use crate::text::classifier_of;
use crate::text::validation_images;

/// Horizontal distance, in classifiers, of single runs (to the left) and of their mean (to the right) from their place.
const ASIDE: f64 = 0.05;

pub(super) fn figure(runs: &Runs) -> Result<Vec<Figure>, Error> {
    let study = runs.study;
    let colours = LossColours::new(&study.losses);
    let unit = "(SD units of the decision score)";
    let read_outs: Vec<_> = study.read_outs.iter().map(ToString::to_string).collect();
    let grid = PanelGrid {
        columns: study.train.len(),
        heights: vec![170.0; MODES.len()],
        width: (190.0, 290.0),
        gap: 40.0,
        legend: colours.legend(),
        titles: train_titles(runs),
        x_labels: vec!["classifier".into(); study.train.len()],
        y_labels: MODES
            .map(|mode| [format!("reliance on {mode}"), unit.into()])
            .into(),
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    for (row, mode) in MODES.into_iter().enumerate() {
        let endpoint = reliance_on(mode);
        let all = study
            .read_outs
            .iter()
            .flat_map(|r| values(&runs.all, &endpoint, *r));
        let y = range(all, (-0.1, 1.0));
        for (column, train) in study.train_names().enumerate() {
            let panel = grid.panel(column, row, (0.0, study.read_outs.len() as f64), y);
            panel.y_ticks(&mut drawing);
            panel.horizontal_line(&mut drawing, 0.0);
            draw_runs(&mut drawing, &panel, (runs, train), &colours, &endpoint)?;
            panel.border(&mut drawing);
            if row + 1 == MODES.len() {
                panel.x_categories(&mut drawing, &read_outs);
            }
        }
    }
    let caption = format!(
        "Counterfactual reliance: mean change of the decision score when only shape, or only texture, of a nodule goes from its low to its high level, in SD units (standard deviations of the decision score on {}). {} Grey line: no reliance.{}",
        validation_images(runs),
        dots_note(
            runs,
            ", joined if they share a training seed",
            "large dots: means over seeds"
        ),
        thinning_note(runs)
    );
    let title = format!(
        "Reliance on shape and texture by {} and classifier",
        subject(runs)
    );
    let description = describe(runs);
    let figure = Figure::new("reliance", &title, drawing, &description, caption);
    Ok(vec![figure])
}

/// Returns the means of the classifier that all losses have.
fn describe(runs: &Runs) -> String {
    let Some(read_out) = runs.main_read_out() else {
        return String::new();
    };
    let means = MODES.map(|mode| {
        let endpoint = reliance_on(mode);
        let reliance = |run: &FinishedRun| endpoint.value(run, read_out);
        format!("reliance on {mode}, {}", means_by_train(runs, &reliance))
    });
    format!(
        "Means of the {} in SD units: {}.",
        classifier_of(runs, read_out),
        means.join(". ")
    )
}

fn draw_runs(
    drawing: &mut Drawing,
    panel: &Panel,
    (runs, train): (&Runs, &str),
    colours: &LossColours,
    endpoint: &Endpoint,
) -> Result<(), Error> {
    let losses = colours.entries();
    let seeds: Vec<_> = (0..runs.study.seeds).collect();
    for (i, read_out) in runs.study.read_outs.iter().enumerate() {
        let place = |loss: usize| i as f64 + (loss as f64 + 1.0) / (losses.len() as f64 + 1.0);
        for seed in thin(&seeds) {
            let joined: Vec<_> = losses
                .iter()
                .enumerate()
                .filter_map(|(j, (loss, _))| {
                    let value = endpoint.value(runs.find(train, loss, *seed)?, *read_out)?;
                    Some(panel.at(place(j) - ASIDE, value))
                })
                .collect();
            drawing.polyline(&joined, "#777", 0.6, 0.35);
        }
        for (j, (loss, colour)) in losses.iter().enumerate() {
            let values = values(runs.group(train, loss), endpoint, *read_out);
            for value in thin(&values) {
                drawing.dot(panel.at(place(j) - ASIDE, *value), 1.8, colour, 0.5);
            }
            if let Some(mean) = runs.mean(&values)? {
                let x = place(j) + ASIDE;
                if let Some(i) = mean.interval {
                    drawing.line(panel.at(x, i.low), panel.at(x, i.high), colour, 2.0);
                }
                drawing.dot(panel.at(x, mean.mean), 4.0, colour, 1.0);
            }
        }
    }
    Ok(())
}
