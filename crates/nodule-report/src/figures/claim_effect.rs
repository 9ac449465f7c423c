//! Forest plot of the claims: effect and interval of one claim per row, in multiples of its smallest effect size of
//! interest (SESOI), so that all claims share one axis.

use nodule_analysis::Ruling;
use nodule_analysis::Verdict;
use nodule_study::text::format_number;

use super::drawing::{Anchor, Drawing};
use super::markers::Marker;

const WIDTH: f64 = 220.0;
const HEIGHT: f64 = 28.0;
const MARGIN: f64 = 18.0;
/// Largest end of the axis in SESOIs; values beyond it have an arrow.
const LARGEST_END: f64 = 10.0;
/// Ink colour, which the page inverts in dark mode.
const INK: &str = "#333";

/// Returns the end of the axis that all claims share, in SESOIs.
pub(crate) fn axis_end(verdicts: &[Verdict]) -> f64 {
    let values = verdicts.iter().flat_map(|v| {
        let interval = v.interval.map(|i| [i.low, i.high]);
        let all = v.effect.into_iter().chain(interval.into_iter().flatten());
        all.map(|value| (value / v.smallest_effect).abs())
    });
    let largest = values.filter(|value| value.is_finite()).fold(2.0, f64::max);
    largest.min(LARGEST_END).ceil()
}

/// Returns the row of one claim as SVG: its marker shows the verdict, a dashed interval an inconclusive one, and the
/// band negligible effects.
pub(crate) fn claim_row(verdict: &Verdict, axis_end: f64) -> String {
    let mut drawing = Drawing::new(WIDTH, HEIGHT);
    let at = |multiple: f64| {
        let share = (multiple.clamp(-axis_end, axis_end) / axis_end + 1.0) / 2.0;
        MARGIN + share * (WIDTH - 2.0 * MARGIN)
    };
    let middle = HEIGHT / 2.0;
    let size = [at(1.0) - at(-1.0), HEIGHT - 4.0];
    drawing.rectangle([at(-1.0), 2.0], size, "#ececec");
    for edge in [-1.0, 1.0] {
        drawing.line([at(edge), 2.0], [at(edge), HEIGHT - 2.0], "#888", 1.0);
    }
    drawing.line([at(0.0), 0.0], [at(0.0), HEIGHT], INK, 1.0);
    let multiple = |value: f64| value / verdict.smallest_effect;
    if let Some(i) = verdict.interval {
        let (low, high) = (multiple(i.low), multiple(i.high));
        let ends = [[at(low), middle], [at(high), middle]];
        match verdict.ruling {
            Ruling::Inconclusive => drawing.dashed_line(ends[0], ends[1], INK, 1.6),
            _ => drawing.line(ends[0], ends[1], INK, 2.2),
        }
        for (end, direction) in [(low, -1.0), (high, 1.0)] {
            if end.abs() > axis_end {
                // Outside of the marker, which may be at the end too.
                let (foot, tip) = (at(end) + 8.0 * direction, at(end) + 15.0 * direction);
                drawing.line([at(end), middle], [foot, middle], INK, 1.6);
                let corners = [[tip, middle], [foot, middle - 4.0], [foot, middle + 4.0]];
                drawing.polygon(&corners, INK, INK);
            }
        }
    }
    match verdict.effect.map(|effect| at(multiple(effect))) {
        Some(x) => Marker::verdict(verdict.ruling).draw(&mut drawing, [x, middle], 5.5),
        None => drawing.small([at(0.0), middle + 4.0], "no effect yet", Anchor::Middle),
    }
    let title = format!("{}: {}", verdict.id, verdict.ruling_text());
    drawing.finish(&title, &describe(verdict))
}

/// Returns the axis below the rows as SVG.
pub(crate) fn axis(axis_end: f64) -> String {
    let mut drawing = Drawing::new(WIDTH, 24.0);
    for end in [-1.0, 0.0, 1.0] {
        let x = WIDTH / 2.0 + end * (WIDTH / 2.0 - MARGIN);
        let text = format!("{}", end * axis_end).replace('-', "−");
        drawing.small([x, 15.0], &text, Anchor::Middle);
    }
    let description =
        format!("From minus {axis_end} to {axis_end} smallest effect sizes of interest.");
    drawing.finish("Axis of the effects", &description)
}

fn describe(verdict: &Verdict) -> String {
    let sesoi = format_number(verdict.smallest_effect);
    match (verdict.effect, verdict.interval) {
        (Some(effect), Some(i)) => format!(
            "Effect {} with its interval from {} to {}, beside the band of negligible effects from minus {sesoi} to {sesoi}.",
            format_number(effect),
            format_number(i.low),
            format_number(i.high)
        ),
        (Some(effect), None) => format!("Effect {}, no interval.", format_number(effect)),
        _ => "No effect yet.".to_owned(),
    }
}
