//! Training curves: validation loss over the epochs, one panel per loss and training distribution.

use nodule_analysis::Runs;
use nodule_study::records::FinishedRun;

use super::Figure;
use super::alt_text::means_by_train;
use super::colours::LossColours;
use super::drawing::Drawing;
use super::figure::{sample_size, thin, thinning_note, train_titles};
use super::panel::{Panel, range};
use super::panel_grid::PanelGrid;

/// Returns the figure; `None` if no run records its training.
pub(crate) fn figure(runs: &Runs) -> Option<Figure> {
    runs.all.iter().find(|run| !run.history.is_empty())?;
    let study = runs.study;
    let colours = LossColours::new(&study.losses);
    let grid = PanelGrid {
        columns: study.train.len(),
        heights: vec![110.0; study.losses.len()],
        left: 86.0,
        gap: 40.0,
        titles: train_titles(runs),
        x_labels: vec!["epoch (0: untrained)".into(); study.train.len()],
        y_labels: study
            .losses
            .iter()
            .map(|loss| [loss.clone(), "validation loss".into()])
            .collect(),
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    for (row, loss) in study.losses.iter().enumerate() {
        for (column, train) in study.train_names().enumerate() {
            let group = runs.group(train, loss);
            let losses = group
                .iter()
                .flat_map(|run| run.history.iter().map(|e| e.validation_loss));
            let epochs = (0.0, study.max_epochs() as f64);
            let panel = grid.panel(column, row, epochs, range(losses, (0.0, 0.05)));
            panel.x_ticks(&mut drawing);
            panel.y_ticks(&mut drawing);
            draw_curves(&mut drawing, &panel, group, colours.get(loss));
            panel.border(&mut drawing);
        }
    }
    let caption = format!(
        "Loss on in-distribution validation images after each epoch. Thin lines: single runs; thick line: their mean, {}. Each loss has its own scale.{}",
        sample_size(runs),
        thinning_note(runs)
    );
    let title = "Validation loss over the epochs";
    let description = describe(runs);
    let figure = Figure::new("training", title, drawing, &description, caption);
    Some(figure)
}

/// Returns the mean validation loss before training and after the last epoch.
fn describe(runs: &Runs) -> String {
    let first = |run: &FinishedRun| run.history.first().map(|epoch| epoch.validation_loss);
    let last = |run: &FinishedRun| run.history.last().map(|epoch| epoch.validation_loss);
    format!(
        "Mean validation loss, each loss in its own unit. Before training, {}. After training, {}.",
        means_by_train(runs, &first),
        means_by_train(runs, &last)
    )
}

fn draw_curves(drawing: &mut Drawing, panel: &Panel, group: &[&FinishedRun], colour: &str) {
    let mut draw = |losses: &[f64], width, opacity| {
        let points = losses.iter().enumerate();
        let points = points.map(|(i, loss)| panel.at(i as f64, *loss));
        drawing.polyline(&points.collect::<Vec<_>>(), colour, width, opacity);
    };
    for run in thin(group) {
        let losses: Vec<_> = run.history.iter().map(|e| e.validation_loss).collect();
        draw(&losses, 1.0, 0.35);
    }
    let epochs = group.iter().map(|run| run.history.len()).min().unwrap_or(0);
    let mut mean = vec![0.0; epochs];
    for run in group {
        for (sum, epoch) in mean.iter_mut().zip(&run.history) {
            *sum += epoch.validation_loss / group.len() as f64;
        }
    }
    draw(&mean, 2.5, 1.0);
}
