//! Main result of a study: reliance of each loss, and its accuracy on the test sets that the claims name. One column
//! wide.

use nodule_analysis::Runs;
use nodule_analysis::endpoints::{MODES, claimed_tests, values};
use nodule_eval::ReadOut;
use nodule_study::claims::Endpoint;
use nodule_study::records::FinishedRun;

use super::Figure;
use super::alt_text::means_by_loss;
use super::colours::LossColours;
use super::drawing::{Anchor, Drawing};
use super::estimate::draw_runs_and_mean;
use super::figure::{dots_note, over_seeds, subject, thinning_note};
use super::markers::Marker;
use super::panel::{Panel, range};
use super::panel_grid::PanelGrid;
use crate::Error;
use crate::endpoints::{accuracy_on, reliance_on};
use crate::text::{classifier_of, networks_of};

/// Height of one loss in a row.
const LOSS: f64 = 15.0;
/// Most test sets in the figure.
const MOST_TESTS: usize = 4;

/// Name and quantity of a row.
type Row = (String, Endpoint);

/// Returns the figure of the training distribution of the first claim; `None` if no run is finished.
pub(crate) fn figure(runs: &Runs) -> Result<Option<Figure>, Error> {
    let Some((train, read_out)) = runs.focus().filter(|_| !runs.all.is_empty()) else {
        return Ok(None);
    };
    let reliance: Vec<Row> = MODES
        .map(|mode| (mode.to_string(), reliance_on(mode)))
        .into();
    let tests = claimed_tests(runs).into_iter().take(MOST_TESTS);
    let accuracy: Vec<Row> = tests
        .map(|test| (test.clone(), accuracy_on(&test)))
        .collect();
    let colours = LossColours::new(&runs.study.losses);
    let row_height = LOSS * (colours.entries().len() as f64 + 1.0);
    let heights = [&reliance, &accuracy].map(|rows| row_height * rows.len() as f64);
    let entries = colours.entries().iter().enumerate();
    let grid = PanelGrid {
        width: (336.0, 336.0),
        heights: heights.into(),
        left: 128.0,
        row_gap: 70.0,
        right: 16.0,
        legend: entries
            .map(|(i, (loss, colour))| (*loss, Marker::solid(i, colour)))
            .collect(),
        titles: vec![String::new()],
        x_labels: vec!["accuracy".into()],
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    let all = reliance.iter().flat_map(|(_, endpoint)| {
        let own = runs.trained_on(train);
        own.filter_map(|run| endpoint.value(run, read_out))
    });
    let parts = [
        (&reliance, range(all, (-0.2, 1.0)), "reliance on", 0.0),
        (&accuracy, (0.0, 1.0), "accuracy on", 0.5),
    ];
    for (i, (rows, x, title, reference)) in parts.into_iter().enumerate() {
        let panel = grid.panel(0, i, x, (rows.len() as f64, 0.0));
        let [left, top, _, bottom] = panel.frame;
        drawing.text([left - 10.0, top - 8.0], title, 13.0, Anchor::End);
        panel.x_ticks(&mut drawing);
        panel.vertical_line(&mut drawing, reference);
        let focus = (runs, train, read_out);
        draw_rows(&mut drawing, &panel, focus, rows, &colours)?;
        panel.border(&mut drawing);
        if i == 0 {
            let [x, _] = panel.centre();
            let label = "change of the decision score (SD units)";
            drawing.text([x, bottom + 34.0], label, 12.0, Anchor::Middle);
        }
    }
    let rows = reliance.iter().chain(&accuracy);
    let description = describe(runs, train, read_out, rows);
    let title = format!("Reliance and accuracy by {}", subject(runs));
    let caption = caption(runs, train, read_out);
    let figure = Figure::new("result", &title, drawing, &description, caption);
    Ok(Some(figure))
}

/// Returns the means of each row by loss.
fn describe<'a>(
    runs: &Runs,
    train: &str,
    read_out: ReadOut,
    rows: impl Iterator<Item = &'a Row>,
) -> String {
    let means = rows.map(|(name, endpoint)| {
        let number = |run: &FinishedRun| endpoint.value(run, read_out);
        format!("{name}: {}", means_by_loss(runs, train, &number))
    });
    let means = means.collect::<Vec<_>>().join("; ");
    format!("Means by {}. {means}.", subject(runs))
}

fn caption(runs: &Runs, train: &str, read_out: ReadOut) -> String {
    format!(
        "Reliance of each {} on shape and texture, and accuracy on {}: {}, {}. {} Grey lines: no reliance, and chance.{}",
        subject(runs),
        match runs.study.hypotheses.is_empty() && runs.external {
            true => "the main test sets",
            false => "the test sets that the claims name",
        },
        networks_of(runs, train),
        classifier_of(runs, read_out),
        dots_note(runs, "", &format!("marks: means over {}", over_seeds(runs))),
        thinning_note(runs)
    )
}

fn draw_rows(
    drawing: &mut Drawing,
    panel: &Panel,
    (runs, train, read_out): (&Runs, &str, ReadOut),
    rows: &[Row],
    colours: &LossColours,
) -> Result<(), Error> {
    let losses = colours.entries();
    let names: Vec<_> = rows.iter().map(|(name, _)| name).collect();
    panel.y_categories(drawing, &names);
    for (i, (_, endpoint)) in rows.iter().enumerate() {
        for (j, (loss, colour)) in losses.iter().enumerate() {
            let y = i as f64 + (j as f64 + 1.0) / (losses.len() as f64 + 1.0);
            let values = values(runs.group(train, loss), endpoint, read_out);
            draw_runs_and_mean(drawing, panel, (runs, &values), y, Marker::solid(j, colour))?;
        }
    }
    Ok(())
}
