//! Where the variance between runs comes from: one bar a number and loss.

use super::Figure;
use super::plot::{Anchor, Drawing};
use nodule_analysis::variance::VarianceRow;

const LEFT: f64 = 320.0;
const TOP: f64 = 46.0;
const WIDTH: f64 = 385.0;
const ROW: f64 = 22.0;

/// The parts, in the order they are stacked, with their colours.
const PARTS: [(&str, &str); 4] = [
    ("data", "#0072b2"),
    ("initial weights", "#d55e00"),
    ("order of samples", "#009e73"),
    ("together", "#bbbbbb"),
];

/// Shares of the variance of a run, stacked; `seeds` of each kind.
pub(crate) fn figure(rows: &[VarianceRow], seeds: usize) -> Figure {
    let height = TOP + ROW * rows.len() as f64 + 46.0;
    let mut drawing = Drawing::new(LEFT + WIDTH + 70.0, height);
    drawing.legend([LEFT, 22.0], &PARTS);
    for (i, row) in rows.iter().enumerate() {
        let top = TOP + ROW * i as f64;
        let text = format!("{}, {}", row.measure, row.loss);
        drawing.text([LEFT - 10.0, top + 14.0], &text, 11.0, Anchor::End);
        let [data, weights, order] = row.parts.main;
        let together = row.parts.pairs.iter().sum::<f64>() + row.parts.rest;
        let total = row.parts.total().max(f64::MIN_POSITIVE);
        let mut left = LEFT;
        for (part, (_, colour)) in [data, weights, order, together].iter().zip(PARTS) {
            let width = WIDTH * part / total;
            drawing.rectangle([left, top + 3.0], [width, ROW - 6.0], colour);
            left += width;
        }
        let sd = format!("SD {:.3}", row.parts.total().sqrt());
        drawing.text([LEFT + WIDTH + 8.0, top + 14.0], &sd, 11.0, Anchor::Start);
    }
    let bottom = TOP + ROW * rows.len() as f64;
    for tick in 0..=4 {
        let x = LEFT + WIDTH * f64::from(tick) / 4.0;
        drawing.line([x, bottom], [x, bottom + 4.0], "#999", 1.0);
        let text = format!("{}%", 25 * tick);
        drawing.text([x, bottom + 17.0], &text, 11.0, Anchor::Middle);
    }
    drawing.text(
        [LEFT + WIDTH / 2.0, bottom + 36.0],
        "share of the variance between runs",
        12.0,
        Anchor::Middle,
    );
    Figure {
        name: "variance".into(),
        caption: format!(
            "Where the variance between runs comes from: {seeds} seeds each of data, initial weights and order of samples, in every combination. Share of the variance of a run that each causes alone and that they cause together; right: its root."
        ),
        svg: drawing.finish("Where the variance between runs comes from", &seen(rows)),
    }
}

/// The largest share of each bar.
fn seen(rows: &[VarianceRow]) -> String {
    let of_row = |row: &VarianceRow| {
        let [data, weights, order] = row.parts.main;
        let together = row.parts.pairs.iter().sum::<f64>() + row.parts.rest;
        let parts = [data, weights, order, together].into_iter().zip(PARTS);
        let largest = parts.max_by(|a, b| a.0.total_cmp(&b.0));
        largest.map(|(part, (name, _))| {
            let share = 100.0 * part / row.parts.total().max(f64::MIN_POSITIVE);
            format!("{} of {}: {name} {share:.0}%", row.measure, row.loss)
        })
    };
    let all: Vec<_> = rows.iter().filter_map(of_row).collect();
    format!("Largest share of each bar. {}.", all.join("; "))
}
