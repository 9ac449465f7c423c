//! The multiverse: the effect of every claim in every setting, a panel a claim and a row a variant.

use nodule_eval::ReadOut;
use nodule_study::Study;
use nodule_study::claims::Hypothesis;

use super::Figure;
use super::bands::Bands;
use super::marker::{ruled, ruled_legend, ruling_colour};
use super::plot::{Anchor, Drawing, Panel, range};
use nodule_analysis::Ruling;
use nodule_analysis::Verdict;
use nodule_analysis::multiverse::Outcome;
use nodule_analysis::unique;

const LEFT: f64 = 232.0;
const TOP: f64 = 78.0;
const WIDTH: (f64, f64) = (150.0, 190.0);
const GAP: f64 = 32.0;
const ROW: f64 = 22.0;
const BELOW: f64 = 74.0;

/// One mark a variant and read-out, with its 95% interval, shaped and coloured by verdict.
pub(crate) fn figure(study: &Study, outcomes: &[Outcome]) -> Figure {
    let variants = unique(outcomes.iter().map(|o| o.variant.as_str()));
    let mut read_outs = unique(outcomes.iter().filter_map(|o| o.read_out));
    read_outs.sort_unstable();
    let height = ROW * variants.len() as f64;
    let bands = Bands::of(study.hypotheses.len(), LEFT, GAP, WIDTH);
    let whole = TOP + (height + BELOW) * bands.bands as f64;
    let mut drawing = Drawing::new(bands.whole_width(), whole);
    ruled_legend(&mut drawing, [LEFT, 26.0]);
    for (i, claim) in study.hypotheses.iter().enumerate() {
        let top = TOP + (height + BELOW) * bands.band_of(i) as f64;
        let left = bands.left_of(i);
        let of_claim = outcomes.iter().filter(|o| o.verdict.id == claim.id);
        let of_claim: Vec<_> = of_claim.collect();
        let panel = Panel {
            frame: [left, top, left + bands.width, top + height],
            x: range(of_claim.iter().flat_map(|o| ends(&o.verdict)), least(claim)),
            y: (variants.len() as f64, 0.0),
        };
        background(&mut drawing, &panel, claim);
        for outcome in of_claim {
            let y = row(outcome, &variants, &read_outs);
            mark(&mut drawing, &panel, y, &outcome.verdict);
        }
        panel.border(&mut drawing);
        let middle = left + bands.width / 2.0;
        drawing.text([middle, top - 10.0], &claim.id, 13.0, Anchor::Middle);
        let below = [middle, top + height + 32.0];
        drawing.text(below, &unit(claim), 11.0, Anchor::Middle);
        if bands.is_first(i) {
            for (row, variant) in variants.iter().enumerate() {
                let y = top + ROW * (row as f64 + 0.5) + 4.0;
                drawing.text([LEFT - 10.0, y], variant, 11.0, Anchor::End);
            }
        }
    }
    Figure {
        name: "multiverse".into(),
        caption: caption(study, &read_outs),
        svg: drawing.finish(
            "The effect of every claim in every setting",
            &seen(study, outcomes),
        ),
    }
}

/// How many settings give each verdict, claim by claim.
fn seen(study: &Study, outcomes: &[Outcome]) -> String {
    let of_claim = |claim: &Hypothesis| {
        let counted = Ruling::ALL.map(|ruling| {
            let own = outcomes.iter().filter(|o| o.verdict.id == claim.id);
            let n = own.filter(|o| o.verdict.ruling == ruling).count();
            format!("{n} {ruling}")
        });
        format!("{}: {}", claim.id, counted.join(", "))
    };
    let all = study.hypotheses.iter().map(of_claim);
    format!(
        "Settings by verdict. {}.",
        all.collect::<Vec<_>>().join("; ")
    )
}

fn caption(study: &Study, read_outs: &[ReadOut]) -> String {
    let names: Vec<_> = read_outs.iter().map(ToString::to_string).collect();
    format!(
        "The multiverse: every claim judged with one of our choices changed (rows) and under every shared read-out (within a row, from above: {}); effect with its 95% interval over up to {} seeds, a difference in what its axis names, or a correlation. Grey band: effects smaller than the smallest of interest. A claim that compares read-outs has one mark a row.",
        names.join(", "),
        study.seeds
    )
}

/// Where an outcome lies from above, in rows of one variant.
fn row(outcome: &Outcome, variants: &[&str], read_outs: &[ReadOut]) -> f64 {
    let row = variants.iter().position(|v| *v == outcome.variant);
    let within = match outcome.read_out {
        None => 0.5,
        Some(read_out) => {
            let k = read_outs.iter().position(|r| *r == read_out).unwrap_or(0);
            (k as f64 + 1.0) / (read_outs.len() as f64 + 1.0)
        }
    };
    row.unwrap_or(0) as f64 + within
}

/// The band of what is too small to matter, the grid, and no effect.
fn background(drawing: &mut Drawing, panel: &Panel, claim: &Hypothesis) {
    let end = panel.y.0;
    let [low, high] = [-claim.smallest_effect, claim.smallest_effect].map(|x| panel.at(x, end));
    let [_, top, _, bottom] = panel.frame;
    drawing.rectangle([low[0], top], [high[0] - low[0], bottom - top], "#ececec");
    panel.x_ticks(drawing);
    for row in 1..end as usize {
        let y = row as f64;
        drawing.line(
            panel.at(panel.x.0, y),
            panel.at(panel.x.1, y),
            "#f0f0f0",
            1.0,
        );
    }
    drawing.line(panel.at(0.0, 0.0), panel.at(0.0, end), "#888", 1.0);
}

fn mark(drawing: &mut Drawing, panel: &Panel, y: f64, verdict: &Verdict) {
    let Some(effect) = verdict.effect else {
        return;
    };
    let colour = ruling_colour(verdict.ruling);
    if let Some(i) = verdict.interval {
        drawing.line(panel.at(i.low, y), panel.at(i.high, y), colour, 1.4);
    }
    ruled(drawing, panel.at(effect, y), 2.6, verdict.ruling);
}

/// What the axis of a claim measures.
fn unit(claim: &Hypothesis) -> String {
    claim.contrast.kind().unit()
}

fn ends(verdict: &Verdict) -> impl Iterator<Item = f64> + use<> {
    let interval = verdict.interval.map(|i| [i.low, i.high]);
    verdict
        .effect
        .into_iter()
        .chain(interval.into_iter().flatten())
}

/// The band and a little beyond are always seen.
fn least(claim: &Hypothesis) -> (f64, f64) {
    (-1.2 * claim.smallest_effect, 1.2 * claim.smallest_effect)
}
