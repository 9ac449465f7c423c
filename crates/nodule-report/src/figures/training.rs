//! Training curves: loss in distribution over the epochs, one panel a loss and distribution.

use nodule_study::records::FinishedRun;

use super::Figure;
use super::bands::Bands;
use super::colours::LossColours;
use super::figure::{seeds_text, shown, shown_text};
use super::plot::{Anchor, Drawing, Panel, range};
use super::seen::by_train;
use nodule_analysis::Runs;

const LEFT: f64 = 86.0;
const TOP: f64 = 50.0;
const PANEL: [f64; 2] = [190.0, 110.0];
const GAP: [f64; 2] = [40.0, 26.0];
/// Below the panels of a band: the axis, and the title of the next.
const BELOW: f64 = 60.0;

pub(crate) fn figure(runs: &Runs) -> Figure {
    let study = runs.study;
    let colours = LossColours::of(&study.losses);
    let bands = Bands::of(study.train.len(), LEFT, GAP[0], (PANEL[0], PANEL[0]));
    let band = (PANEL[1] + GAP[1]) * study.losses.len() as f64 + BELOW;
    let height = TOP + band * bands.bands as f64 - 24.0;
    let mut drawing = Drawing::new(bands.whole_width(), height);
    for (row, loss) in study.losses.iter().enumerate() {
        for (column, train) in study.train_names().enumerate() {
            let above = TOP + band * bands.band_of(column) as f64;
            let (left, top) = (
                bands.left_of(column),
                above + (PANEL[1] + GAP[1]) * row as f64,
            );
            if bands.is_first(column) {
                let middle = top + PANEL[1] / 2.0;
                drawing.text_upwards([20.0, middle], loss, 13.0);
                drawing.text_upwards([36.0, middle], "validation loss", 11.0);
            }
            let group = runs.group(train, loss);
            let losses = group
                .iter()
                .flat_map(|run| run.history.iter().map(|e| e.validation_loss));
            let panel = Panel {
                frame: [left, top, left + PANEL[0], top + PANEL[1]],
                x: (0.0, study.most_epochs() as f64),
                y: range(losses, (0.0, 0.05)),
            };
            panel.x_ticks(&mut drawing);
            panel.y_ticks(&mut drawing);
            curves(&mut drawing, &panel, group, colours.get(loss));
            panel.border(&mut drawing);
            if row == 0 {
                let title = format!("trained on {train}");
                drawing.text(
                    [left + PANEL[0] / 2.0, above - 14.0],
                    &title,
                    13.0,
                    Anchor::Middle,
                );
            }
            if row + 1 == study.losses.len() {
                let below = [left + PANEL[0] / 2.0, top + PANEL[1] + 34.0];
                drawing.text(below, "epoch (0: untrained)", 12.0, Anchor::Middle);
            }
        }
    }
    Figure {
        name: "training".into(),
        caption: format!(
            "Loss on in-distribution validation images after each epoch. Thin lines: runs; thick line: their mean, {}. Each loss has its own scale.{}",
            seeds_text(runs),
            shown_text(runs)
        ),
        svg: drawing.finish("Validation loss over the epochs", &seen(runs)),
    }
}

/// Where the curves begin and end.
fn seen(runs: &Runs) -> String {
    let first = |run: &FinishedRun| run.history.first().map(|epoch| epoch.validation_loss);
    let last = |run: &FinishedRun| run.history.last().map(|epoch| epoch.validation_loss);
    format!(
        "Mean validation loss, each loss in its own unit. Before training, {}. At the end, {}.",
        by_train(runs, &first),
        by_train(runs, &last)
    )
}

fn curves(drawing: &mut Drawing, panel: &Panel, group: &[&FinishedRun], colour: &str) {
    let epochs = group.iter().map(|run| run.history.len()).min().unwrap_or(0);
    let mut mean = vec![0.0; epochs];
    for run in shown(group) {
        let losses = run.history.iter().map(|e| e.validation_loss);
        let points: Vec<_> = losses
            .enumerate()
            .map(|(i, l)| panel.at(i as f64, l))
            .collect();
        drawing.path(&points, colour, 1.0, 0.35);
    }
    for run in group {
        for (sum, epoch) in mean.iter_mut().zip(&run.history) {
            *sum += epoch.validation_loss / group.len() as f64;
        }
    }
    let points: Vec<_> = mean
        .iter()
        .enumerate()
        .map(|(i, l)| panel.at(i as f64, *l))
        .collect();
    drawing.path(&points, colour, 2.5, 1.0);
}
