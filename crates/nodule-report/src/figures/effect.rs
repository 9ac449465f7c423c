//! One claim's effect and interval against its smallest effect of interest, small enough for a line of a
//! table. All claims have one axis: the effect as a multiple of the smallest one of interest.

use nodule_study::text::format_number;

use super::marker::ruled;
use super::plot::{Anchor, Drawing};
use nodule_analysis::Ruling;
use nodule_analysis::Verdict;

const WIDTH: f64 = 220.0;
const HEIGHT: f64 = 28.0;
const MARGIN: f64 = 18.0;
const RADIUS: f64 = 5.5;
/// The axis ends here at the latest; what is beyond has an arrow.
const MOST: f64 = 10.0;
/// Follows the page into the dark.
const INK: &str = "#333";

/// Where the axis ends, in smallest effects of interest: one for all claims.
pub(crate) fn reach(verdicts: &[Verdict]) -> f64 {
    let ends = verdicts.iter().flat_map(|v| {
        let interval = v.interval.map(|i| [i.low, i.high]);
        let all = v.effect.into_iter().chain(interval.into_iter().flatten());
        all.map(|end| (end / v.smallest_effect).abs())
    });
    let largest = ends.filter(|end| end.is_finite()).fold(2.0, f64::max);
    largest.min(MOST).ceil()
}

/// The drawing of one claim: a filled dot on a solid line is supported, an empty square is not supported, an
/// empty diamond on a dashed line is inconclusive; the band is what is too small to matter.
pub(crate) fn effect(verdict: &Verdict, reach: f64) -> String {
    let mut drawing = Drawing::new(WIDTH, HEIGHT);
    let at = |multiple: f64| {
        let share = (multiple.clamp(-reach, reach) / reach + 1.0) / 2.0;
        MARGIN + share * (WIDTH - 2.0 * MARGIN)
    };
    let middle = HEIGHT / 2.0;
    drawing.rectangle(
        [at(-1.0), 2.0],
        [at(1.0) - at(-1.0), HEIGHT - 4.0],
        "#ececec",
    );
    for edge in [-1.0, 1.0] {
        drawing.line([at(edge), 2.0], [at(edge), HEIGHT - 2.0], "#888", 1.0);
    }
    drawing.line([at(0.0), 0.0], [at(0.0), HEIGHT], INK, 1.0);
    let multiple = |value: f64| value / verdict.smallest_effect;
    if let Some(i) = verdict.interval {
        let (low, high) = (multiple(i.low), multiple(i.high));
        let ends = [[at(low), middle], [at(high), middle]];
        match verdict.ruling {
            Ruling::Inconclusive => drawing.dashed(ends[0], ends[1], INK, 1.6),
            _ => drawing.line(ends[0], ends[1], INK, 2.2),
        }
        for (end, towards) in [(low, -1.0), (high, 1.0)] {
            if end.abs() > reach {
                // Beyond the mark, which may stand at the end too.
                let (foot, tip) = (at(end) + 8.0 * towards, at(end) + 15.0 * towards);
                let (top, bottom) = ([foot, middle - 4.0], [foot, middle + 4.0]);
                drawing.line([at(end), middle], [foot, middle], INK, 1.6);
                drawing.polygon(&[[tip, middle], top, bottom], INK, INK);
            }
        }
    }
    match verdict.effect.map(|effect| [at(multiple(effect)), middle]) {
        None => drawing.text(
            [at(0.0), middle + 4.0],
            "no effect yet",
            11.0,
            Anchor::Middle,
        ),
        Some(place) => ruled(&mut drawing, place, RADIUS, verdict.ruling),
    }
    drawing.finish(
        &format!("{}: {}", verdict.id, verdict.ruling_text()),
        &seen(verdict),
    )
}

/// The axis below the drawings.
pub(crate) fn axis(reach: f64) -> String {
    let mut drawing = Drawing::new(WIDTH, 24.0);
    for end in [-1.0, 0.0, 1.0] {
        let x = WIDTH / 2.0 + end * (WIDTH / 2.0 - MARGIN);
        let text = format!("{}", end * reach).replace('-', "−");
        drawing.text([x, 15.0], &text, 11.0, Anchor::Middle);
    }
    let seen = format!("From minus {reach} to {reach} times the smallest effect of interest.");
    drawing.finish("Axis of the effects", &seen)
}

fn seen(verdict: &Verdict) -> String {
    let smallest = format_number(verdict.smallest_effect);
    match (verdict.effect, verdict.interval) {
        (Some(effect), Some(i)) => format!(
            "Effect {} with its interval from {} to {}, beside a band from minus {smallest} to {smallest}: the smallest effect of interest.",
            format_number(effect),
            format_number(i.low),
            format_number(i.high)
        ),
        (Some(effect), None) => format!("Effect {}, no interval.", format_number(effect)),
        _ => "No effect can be drawn.".to_owned(),
    }
}
