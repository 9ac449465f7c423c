//! Forest plot of one claim: the effect of each study with its interval, and below them the pooled effect as a diamond
//! with the prediction interval of a new study as a dashed line.

use nodule_eval::statistics::{Interval, PooledEffect};
use nodule_study::text::format_number;

use super::drawing::{Anchor, Drawing};
use super::markers::{CIRCLE, Marker};
use crate::text::with_interval;

const WIDTH: f64 = 640.0;
const ROW: f64 = 24.0;
/// Room for the names at the left and the numbers at the right.
const LEFT: f64 = 180.0;
const RIGHT: f64 = 170.0;
const AXIS: f64 = 26.0;
/// Half the height of the diamond.
const DIAMOND: f64 = 7.0;
/// Most characters of a name; longer names keep their end, which tells folders apart.
const NAME: usize = 26;
/// Ink colour, which the page inverts in dark mode.
const INK: &str = "#333";

/// Effect of one study.
pub(crate) struct ForestRow<'a> {
    pub(crate) name: &'a str,
    pub(crate) effect: f64,
    pub(crate) interval: Option<Interval>,
}

/// Returns the plot as SVG. `smallest_effect` is half the width of the band of negligible effects.
pub(crate) fn forest(
    title: &str,
    rows: &[ForestRow],
    pooled: &PooledEffect,
    smallest_effect: f64,
) -> String {
    let height = ROW * (rows.len() + 1) as f64;
    let mut drawing = Drawing::new(WIDTH, height + AXIS);
    let intervals = rows.iter().filter_map(|row| row.interval);
    let intervals = intervals.chain([pooled.interval]).chain(pooled.prediction);
    let ends = intervals.flat_map(|i| [i.low, i.high]);
    let values = rows.iter().map(|row| row.effect).chain(ends);
    let end = values.fold(smallest_effect, |end, value| end.max(value.abs())) * 1.05;
    let at = |value: f64| LEFT + (value / end + 1.0) / 2.0 * (WIDTH - LEFT - RIGHT);
    let band = [at(smallest_effect) - at(-smallest_effect), height];
    drawing.rectangle([at(-smallest_effect), 0.0], band, "#ececec");
    drawing.line([at(0.0), 0.0], [at(0.0), height], INK, 1.0);
    for (i, row) in rows.iter().enumerate() {
        let y = (i as f64 + 0.5) * ROW;
        if let Some(interval) = row.interval {
            let ends = [interval.low, interval.high].map(|value| [at(value), y]);
            drawing.line(ends[0], ends[1], INK, 1.8);
        }
        Marker::solid(CIRCLE, INK).draw(&mut drawing, [at(row.effect), y], 4.5);
        write_row(&mut drawing, y, row.name, row.effect, row.interval);
    }
    let y = height - ROW / 2.0;
    if let Some(prediction) = pooled.prediction {
        let ends = [prediction.low, prediction.high].map(|value| [at(value), y]);
        drawing.dashed_line(ends[0], ends[1], INK, 1.6);
    }
    let (low, high) = (at(pooled.interval.low), at(pooled.interval.high));
    let middle = at(pooled.mean);
    let corners = [
        [low, y],
        [middle, y - DIAMOND],
        [high, y],
        [middle, y + DIAMOND],
    ];
    drawing.polygon(&corners, INK, INK);
    write_row(
        &mut drawing,
        y,
        "pooled",
        pooled.mean,
        Some(pooled.interval),
    );
    for value in [-end, 0.0, end] {
        let text = format_number(value);
        drawing.text([at(value), height + 17.0], &text, 11.0, Anchor::Middle);
    }
    drawing.finish(title, &describe(rows, pooled))
}

fn write_row(drawing: &mut Drawing, y: f64, name: &str, value: f64, interval: Option<Interval>) {
    let skipped = name.chars().count().saturating_sub(NAME);
    let name = match skipped {
        0 => name.to_owned(),
        _ => format!("…{}", name.chars().skip(skipped + 1).collect::<String>()),
    };
    drawing.text([LEFT - 8.0, y + 4.0], &name, 11.0, Anchor::End);
    let numbers = with_interval(value, interval);
    drawing.text(
        [WIDTH - RIGHT + 8.0, y + 4.0],
        &numbers,
        11.0,
        Anchor::Start,
    );
}

fn describe(rows: &[ForestRow], pooled: &PooledEffect) -> String {
    let effects = rows
        .iter()
        .map(|row| format!("{}: {}", row.name, with_interval(row.effect, row.interval)));
    let effects: Vec<_> = effects.collect();
    format!(
        "Effects of the studies. {}. Pooled: {}.",
        effects.join("; "),
        with_interval(pooled.mean, Some(pooled.interval))
    )
}
