//! Variance components between runs: one stacked bar per quantity and loss.

use nodule_analysis::variance::VarianceRow;

use super::Figure;
use super::drawing::Anchor;
use super::markers::{CIRCLE, Marker};
use super::panel_grid::PanelGrid;

/// Height of a bar with its gap.
const ROW: f64 = 22.0;
/// Components in stacking order, with their colours.
const COMPONENTS: [(&str, &str); 4] = [
    ("data", "#0072b2"),
    ("initial weights", "#d55e00"),
    ("batch order", "#009e73"),
    ("interactions", "#bbbbbb"),
];

/// Returns the figure of shares of variance; `seeds` is the number of seeds of each factor.
pub(crate) fn figure(rows: &[VarianceRow], seeds: usize) -> Figure {
    let circle = |(name, colour)| (name, Marker::solid(CIRCLE, colour));
    let grid = PanelGrid {
        width: (385.0, 385.0),
        heights: vec![ROW * rows.len() as f64],
        left: 320.0,
        right: 70.0,
        legend: COMPONENTS.map(circle).into(),
        x_labels: vec!["share of the variance between runs (%)".into()],
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    let panel = grid.panel(0, 0, (0.0, 100.0), (rows.len() as f64, 0.0));
    panel.x_ticks(&mut drawing);
    let names: Vec<_> = rows.iter().map(name).collect();
    panel.y_categories(&mut drawing, &names);
    for (i, row) in rows.iter().enumerate() {
        let mut start = 0.0;
        for (share, (_, colour)) in shares(row).into_iter().zip(COMPONENTS) {
            let y = (i as f64 + 0.14, i as f64 + 0.86);
            panel.patch(&mut drawing, (start, start + share), y, colour);
            start += share;
        }
        let [right, middle] = panel.at(100.0, i as f64 + 0.5);
        let sd = format!("SD {:.3}", row.parts.total().sqrt());
        drawing.small([right + 8.0, middle + 4.0], &sd, Anchor::Start);
    }
    let largest = rows.iter().filter_map(|row| {
        let components = shares(row).into_iter().zip(COMPONENTS);
        let (share, (component, _)) = components.max_by(|a, b| a.0.total_cmp(&b.0))?;
        Some(format!("{}: {component} {share:.0}%", name(row)))
    });
    let largest = largest.collect::<Vec<_>>().join("; ");
    let description = format!("Largest component of each bar. {largest}.");
    let caption = format!(
        "Variance components between runs: {seeds} seeds each of data, initial weights and batch order, fully crossed. Bars: share of the variance that each factor explains alone, and interactions; right: standard deviation of a run."
    );
    let title = "Variance components between runs";
    Figure::new("variance", title, drawing, &description, caption)
}

fn name(row: &VarianceRow) -> String {
    format!("{}, {}", row.measure, row.loss)
}

/// Returns the share of each of [`COMPONENTS`] in percent.
fn shares(row: &VarianceRow) -> [f64; 4] {
    let [data, weights, order] = row.parts.main;
    let interactions = row.parts.pairs.iter().sum::<f64>() + row.parts.rest;
    let total = row.parts.total().max(f64::MIN_POSITIVE);
    [data, weights, order, interactions].map(|part| 100.0 * part / total)
}
