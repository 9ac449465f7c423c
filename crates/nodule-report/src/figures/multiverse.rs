//! Multiverse: the effect of every claim in every variant of the study, one panel per claim and one row per variant.

use nodule_analysis::Ruling;
use nodule_analysis::Verdict;
use nodule_analysis::multiverse::Outcome;
use nodule_analysis::unique;
use nodule_eval::ReadOut;
use nodule_study::Study;
use nodule_study::claims::Hypothesis;

use super::Figure;
use super::drawing::Drawing;
use super::markers::Marker;
use super::panel::{Panel, range};
use super::panel_grid::PanelGrid;
use crate::text::list;

/// Height of the row of a variant.
const ROW: f64 = 22.0;

/// Returns a figure with one mark per variant and classifier.
pub(crate) fn figure(study: &Study, outcomes: &[Outcome]) -> Figure {
    let variants = unique(outcomes.iter().map(|o| o.variant.as_str()));
    let mut read_outs = unique(outcomes.iter().filter_map(|o| o.read_out));
    read_outs.sort_unstable();
    let claims = &study.hypotheses;
    let grid = PanelGrid {
        columns: claims.len(),
        width: (150.0, 190.0),
        heights: vec![ROW * variants.len() as f64],
        left: 232.0,
        gap: 32.0,
        legend: Ruling::list_occurring(outcomes.iter().map(|o| o.verdict.ruling))
            .map(|ruling| (ruling.text(), Marker::verdict(ruling)))
            .collect(),
        titles: claims.iter().map(|claim| claim.id.clone()).collect(),
        x_labels: claims
            .iter()
            .map(|claim| claim.contrast.kind().unit())
            .collect(),
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    for (i, claim) in claims.iter().enumerate() {
        let own = outcomes.iter().filter(|o| o.verdict.id == claim.id);
        let own: Vec<_> = own.collect();
        let least = (-1.2 * claim.smallest_effect, 1.2 * claim.smallest_effect);
        let x = range(own.iter().flat_map(|o| values(&o.verdict)), least);
        let panel = grid.panel(i, 0, x, (variants.len() as f64, 0.0));
        draw_background(&mut drawing, &panel, claim);
        for outcome in own {
            let y = row_of(outcome, &variants, &read_outs);
            draw_outcome(&mut drawing, &panel, y, &outcome.verdict);
        }
        panel.border(&mut drawing);
        if grid.is_first_in_band(i) {
            panel.y_categories(&mut drawing, &variants);
        }
    }
    let title = "Effect of every claim in every variant of the study";
    let (description, caption) = (describe(study, outcomes), caption(study, &read_outs));
    Figure::new("multiverse", title, drawing, &description, caption)
}

/// Returns the number of settings by verdict, claim by claim.
fn describe(study: &Study, outcomes: &[Outcome]) -> String {
    let claims = study.hypotheses.iter().map(|claim| {
        let found = outcomes.iter().map(|o| o.verdict.ruling);
        let counts = Ruling::list_occurring(found).map(|ruling| {
            let own = outcomes.iter().filter(|o| o.verdict.id == claim.id);
            let count = own.filter(|o| o.verdict.ruling == ruling).count();
            format!("{count} {ruling}")
        });
        format!("{}: {}", claim.id, counts.collect::<Vec<_>>().join(", "))
    });
    let claims = claims.collect::<Vec<_>>().join("; ");
    format!("Settings by verdict. {claims}.")
}

fn caption(study: &Study, read_outs: &[ReadOut]) -> String {
    let names: Vec<_> = read_outs.iter().map(ToString::to_string).collect();
    format!(
        "Multiverse analysis: every claim, judged with one design choice changed (rows) and with every classifier that all losses have (within a row, from top to bottom: {}). Marks: effect with its 95% interval over up to {} seeds, in the unit of the axis. Grey band: negligible effects (within the SESOI). A claim that compares classifiers has one mark per row.",
        list(&names),
        study.seeds
    )
}

/// Returns the vertical position of an outcome, in rows from the top.
fn row_of(outcome: &Outcome, variants: &[&str], read_outs: &[ReadOut]) -> f64 {
    let row = variants.iter().position(|v| *v == outcome.variant);
    let within = outcome.read_out.map_or(0.5, |read_out| {
        let k = read_outs.iter().position(|r| *r == read_out).unwrap_or(0);
        (k as f64 + 1.0) / (read_outs.len() as f64 + 1.0)
    });
    row.unwrap_or(0) as f64 + within
}

/// Draws the band of negligible effects, the grid and the line of no effect.
fn draw_background(drawing: &mut Drawing, panel: &Panel, claim: &Hypothesis) {
    let negligible = (-claim.smallest_effect, claim.smallest_effect);
    panel.patch(drawing, negligible, panel.y, "#ececec");
    panel.x_ticks(drawing);
    for row in 1..panel.y.0 as usize {
        let [start, end] = [panel.x.0, panel.x.1].map(|x| panel.at(x, row as f64));
        drawing.line(start, end, "#f0f0f0", 1.0);
    }
    panel.vertical_line(drawing, 0.0);
}

fn draw_outcome(drawing: &mut Drawing, panel: &Panel, y: f64, verdict: &Verdict) {
    let Some(effect) = verdict.effect else {
        return;
    };
    let marker = Marker::verdict(verdict.ruling);
    if let Some(i) = verdict.interval {
        drawing.line(panel.at(i.low, y), panel.at(i.high, y), marker.colour, 1.4);
    }
    marker.draw(drawing, panel.at(effect, y), 2.6);
}

fn values(verdict: &Verdict) -> impl Iterator<Item = f64> + use<> {
    let interval = verdict.interval.map(|i| [i.low, i.high]);
    let effect = verdict.effect.into_iter();
    effect.chain(interval.into_iter().flatten())
}
