//! Accuracy on every test set by loss: one panel per training distribution.

use nodule_analysis::Runs;
use nodule_analysis::endpoints::values;
use nodule_eval::ReadOut;
use rayon::prelude::*;

use super::Figure;
use super::alt_text::two_digits;
use super::colours::LossColours;
use super::drawing::Drawing;
use super::estimate::draw_runs_and_mean;
use super::figure::{dots_note, over_seeds, thinning_note, train_titles};
use super::markers::{CIRCLE, Marker};
use super::panel::Panel;
use super::panel_grid::PanelGrid;
use crate::Error;
use crate::endpoints::accuracy_on;
use crate::text::{classifier_of, list, trained_on};

/// Height of the row of a test set.
const ROW: f64 = 33.0;

/// Returns one figure per classifier.
pub(super) fn figures(runs: &Runs, classifiers: &[ReadOut]) -> Result<Vec<Figure>, Error> {
    let classifiers = classifiers.par_iter();
    classifiers.map(|r| figure(runs, *r)).collect()
}

fn figure(runs: &Runs, read_out: ReadOut) -> Result<Figure, Error> {
    let tests = runs.tests();
    let colours = LossColours::new(&runs.study.losses);
    let grid = PanelGrid {
        columns: runs.study.train.len(),
        width: (170.0, 210.0),
        heights: vec![ROW * tests.len() as f64],
        left: 150.0,
        gap: 30.0,
        legend: colours.legend(),
        titles: train_titles(runs),
        x_labels: vec!["accuracy".into(); runs.study.train.len()],
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    for (column, train) in runs.study.train_names().enumerate() {
        let panel = grid.panel(column, 0, (0.0, 1.0), (tests.len() as f64, 0.0));
        if grid.is_first_in_band(column) {
            panel.y_categories(&mut drawing, &tests);
        }
        draw_background(&mut drawing, &panel, tests.len());
        for (i, test) in tests.iter().enumerate() {
            let endpoint = accuracy_on(test);
            for (j, (loss, colour)) in colours.entries().iter().enumerate() {
                let y = i as f64 + (j as f64 + 0.85) / (colours.entries().len() as f64 + 1.0);
                let values = values(runs.group(train, loss), &endpoint, read_out);
                let marker = Marker::solid(CIRCLE, colour);
                draw_runs_and_mean(&mut drawing, &panel, (runs, &values), y, marker)?;
            }
        }
        panel.border(&mut drawing);
    }
    let title = format!("Accuracy by test set, {}", classifier_of(runs, read_out));
    let description = extremes(runs, &tests, read_out)?;
    let name = format!("accuracy-{read_out}");
    let caption = caption(runs, read_out);
    Ok(Figure::new(&name, &title, drawing, &description, caption))
}

/// Returns, for each training distribution and loss, the test sets with the lowest and highest mean accuracy.
fn extremes(runs: &Runs, tests: &[&str], read_out: ReadOut) -> Result<String, Error> {
    let mut parts = Vec::new();
    for train in runs.study.train_names() {
        for loss in &runs.study.losses {
            let mut means = Vec::new();
            for test in tests {
                let values = values(runs.group(train, loss), &accuracy_on(test), read_out);
                means.extend(runs.mean(&values)?.map(|mean| (mean.mean, *test)));
            }
            means.sort_by(|a, b| a.0.total_cmp(&b.0));
            let text = |(mean, test): &(f64, &str)| format!("{} on {test}", two_digits(*mean));
            parts.extend(means.first().zip(means.last()).map(|(least, most)| {
                format!(
                    "{loss} {}: mean accuracy from {} to {}",
                    trained_on(runs, train),
                    text(least),
                    text(most)
                )
            }));
        }
    }
    Ok(format!("{}.", parts.join("; ")))
}

fn caption(runs: &Runs, read_out: ReadOut) -> String {
    let note = match read_out.needs_head() {
        true if !runs.external => losses_without_head(runs, read_out),
        _ => String::new(),
    };
    format!(
        "Accuracy of the {} on every test set. {} Grey line: chance. Rows `conflict-by-…`: share of images classified as that rule labels them.{note}{}",
        classifier_of(runs, read_out),
        dots_note(
            runs,
            "",
            &format!("large dots: means over {}", over_seeds(runs))
        ),
        thinning_note(runs)
    )
}

/// Tints every other row and draws ticks and chance level.
fn draw_background(drawing: &mut Drawing, panel: &Panel, tests: usize) {
    for i in (1..tests).step_by(2) {
        let rows = (i as f64, i as f64 + 1.0);
        panel.patch(drawing, panel.x, rows, "#f3f4f6");
    }
    panel.x_ticks(drawing);
    panel.vertical_line(drawing, 0.5);
}

/// Returns a sentence that names the losses whose finished runs have no trained head; empty if all have one.
fn losses_without_head(runs: &Runs, read_out: ReadOut) -> String {
    let is_without = |loss: &&String| {
        let own = runs.all.iter().filter(|run| run.record.loss == **loss);
        let mut heads = own.map(|run| run.read_out(read_out).is_some()).peekable();
        heads.peek().is_some() && !heads.any(|has_head| has_head)
    };
    let losses: Vec<_> = runs.study.losses.iter().filter(is_without).collect();
    match losses.len() {
        0 => String::new(),
        1 => format!(" The loss {} trains no head.", list(&losses)),
        _ => format!(" The losses {} train no head.", list(&losses)),
    }
}
