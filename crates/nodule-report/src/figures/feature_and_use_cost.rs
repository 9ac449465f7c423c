//! Feature cost and use cost: how well the decision score and a balanced probe of the embedding separate the levels of
//! a mode of variation, in AUROC.

use nodule_analysis::Runs;
use nodule_analysis::endpoints::MODES;
use nodule_study::claims::{decision_auroc, embedding_auroc};
use nodule_study::records::FinishedRun;

use super::Figure;
use super::alt_text::{RunValue, means_by_train};
use super::colours::LossColours;
use super::estimate::draw_estimate;
use super::figure::sample_size;
use super::markers::{CIRCLE, DIAMOND, Marker};
use super::panel_grid::PanelGrid;
use crate::Error;

/// Height of the row of a loss.
const ROW: f64 = 26.0;
/// AUROC from just below chance to perfect separation.
const RANGE: (f64, f64) = (0.45, 1.0);

/// Returns one panel per training distribution and mode; none if no run records the AUROC of its decision score.
pub(super) fn figure(runs: &Runs) -> Result<Vec<Figure>, Error> {
    let mut aurocs = runs.all.iter().map(|run| decision_auroc(run, MODES[0]));
    if aurocs.all(|auroc| auroc.is_none()) {
        return Ok(Vec::new());
    }
    let (study, colours) = (runs.study, LossColours::new(&runs.study.losses));
    let trains = study.train_names();
    let panels: Vec<_> = trains
        .flat_map(|train| MODES.map(|mode| (train, mode)))
        .collect();
    let markers = |colour| {
        (
            Marker::hollow(DIAMOND, colour),
            Marker::solid(CIRCLE, colour),
        )
    };
    let (decision, probe) = markers("#555555");
    let grid = PanelGrid {
        columns: panels.len(),
        width: (170.0, 270.0),
        heights: vec![ROW * study.losses.len() as f64],
        left: 150.0,
        gap: 26.0,
        legend: vec![
            ("decision score", decision),
            ("balanced probe of the embedding", probe),
        ],
        titles: panels
            .iter()
            .map(|(train, mode)| format!("{mode}, {train}"))
            .collect(),
        x_labels: vec!["AUROC".into(); panels.len()],
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    for (i, (train, mode)) in panels.into_iter().enumerate() {
        let panel = grid.panel(i, 0, RANGE, (study.losses.len() as f64, 0.0));
        panel.x_ticks(&mut drawing);
        if grid.is_first_in_band(i) {
            panel.y_categories(&mut drawing, &study.losses);
        }
        for (row, (loss, colour)) in colours.entries().iter().enumerate() {
            let group = runs.group(train, loss);
            let (decision, probe) = markers(*colour);
            // Decision score above, balanced probe below.
            let numbers: [(RunValue, f64, Marker); 2] = [
                (&|run| decision_auroc(run, mode), 0.34, decision),
                (&|run| embedding_auroc(run, mode), 0.66, probe),
            ];
            for (number, within, marker) in numbers {
                let values: Vec<_> = group.iter().filter_map(|run| number(run)).collect();
                let mean = runs.mean(&values)?.map(|mean| (mean.mean, mean.interval));
                if let Some(mean) = mean {
                    draw_estimate(&mut drawing, &panel, mean, row as f64 + within, marker);
                }
            }
        }
        panel.border(&mut drawing);
    }
    let title = "Feature cost and use cost";
    let (description, caption) = (describe(runs), caption(runs));
    let figure = Figure::new("costs", title, drawing, &description, caption);
    Ok(vec![figure])
}

fn caption(runs: &Runs) -> String {
    format!(
        "Feature cost and use cost, after Kirichenko et al. (2022): AUROC with which the decision score (hollow diamonds) and a balanced probe of the embedding (filled dots: a linear probe fitted on images in which shape and texture are independent) separate the levels of shape and of texture, on such images. Feature cost: from the dot to 1; use cost: from the diamond to the dot. Panel titles: mode of variation and training set. Means with 95% bootstrap intervals over training seeds, {}.",
        sample_size(runs)
    )
}

/// Returns the means by training set.
fn describe(runs: &Runs) -> String {
    let means = MODES
        .map(|mode| means_by_train(runs, &move |run: &FinishedRun| embedding_auroc(run, mode)));
    format!(
        "Balanced probe of shape: {}. Of texture: {}.",
        means[0], means[1]
    )
}
