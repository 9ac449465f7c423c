//! Not learned, or not used? How well each loss's networks tell a mode by their own decision, and how well a
//! read-out of their embedding does that was fitted where the modes are independent.

use nodule_study::records::FinishedRun;

use super::Figure;
use super::bands::Bands;
use super::figure::seeds_text;
use super::marker::{hollow, mark};
use super::plot::{Anchor, Drawing, Panel};
use super::seen::by_train;
use crate::Error;
use crate::figures::colours::LossColours;
use nodule_analysis::Runs;
use nodule_analysis::endpoints::MODES;
use nodule_study::claims::{decision_auroc, embedding_auroc};

const LEFT: f64 = 150.0;
const TOP: f64 = 84.0;
const WIDTH: (f64, f64) = (170.0, 270.0);
const GAP: f64 = 26.0;
const ROW: f64 = 26.0;
const BELOW: f64 = 70.0;
const RADIUS: f64 = 4.5;
/// AUROC: chance, and all.
const RANGE: (f64, f64) = (0.45, 1.0);

/// A number of a run.
type OfRun<'a> = &'a dyn Fn(&FinishedRun) -> Option<f64>;

/// A panel a training set and mode, a row a loss; none where no run's decision was asked on such images.
pub(crate) fn figure(runs: &Runs) -> Result<Option<Figure>, Error> {
    let (study, colours) = (runs.study, LossColours::of(&runs.study.losses));
    if !runs
        .all
        .iter()
        .any(|run| decision_auroc(run, MODES[0]).is_some())
    {
        return Ok(None);
    }
    let parts = study
        .train_names()
        .flat_map(|train| MODES.map(|mode| (train, mode)));
    let parts: Vec<_> = parts.collect();
    let bands = Bands::of(parts.len(), LEFT, GAP, WIDTH);
    let height = ROW * study.losses.len() as f64;
    let whole = TOP + (height + BELOW) * bands.bands as f64;
    let mut drawing = Drawing::new(bands.whole_width(), whole);
    legend(&mut drawing);
    for (i, (train, mode)) in parts.into_iter().enumerate() {
        let (left, top) = (
            bands.left_of(i),
            TOP + (height + BELOW) * bands.band_of(i) as f64,
        );
        let panel = Panel {
            frame: [left, top, left + bands.width, top + height],
            x: RANGE,
            y: (study.losses.len() as f64, 0.0),
        };
        panel.x_ticks(&mut drawing);
        let middle = left + bands.width / 2.0;
        let title = format!("{mode}, trained on {train}");
        drawing.text([middle, top - 10.0], &title, 12.0, Anchor::Middle);
        let below = [middle, top + height + 32.0];
        drawing.text(below, "AUROC", 11.0, Anchor::Middle);
        for (row, (loss, colour)) in colours.legend().iter().enumerate() {
            let y = row as f64 + 0.5;
            let group = runs.group(train, loss);
            let numbers: [OfRun; 2] = [&|run| decision_auroc(run, mode), &|run| {
                embedding_auroc(run, mode)
            }];
            for (kind, of) in numbers.into_iter().enumerate() {
                let values: Vec<_> = group.iter().filter_map(|run| of(run)).collect();
                let Some(mean) = runs.mean(&values)? else {
                    continue;
                };
                let y = y + [-0.16, 0.16][kind];
                let within = |value: f64| value.clamp(RANGE.0, RANGE.1);
                if let Some(i) = mean.interval {
                    let [low, high] = [i.low, i.high].map(|end| panel.at(within(end), y));
                    drawing.line(low, high, colour, 1.6);
                }
                draw(&mut drawing, panel.at(within(mean.mean), y), kind, colour);
            }
            if bands.is_first(i) {
                let beside = [left - 10.0, panel.at(RANGE.0, y)[1] + 4.0];
                drawing.text(beside, loss, 12.0, Anchor::End);
            }
        }
        panel.border(&mut drawing);
    }
    let caption = format!(
        "Not learned, or not used? How well networks tell shape and texture on images in which the two are independent: by their own decision (empty diamonds), and by a linear read-out of the embedding that was fitted on such images (filled dots; after Kirichenko et al. 2022). From a dot to 1 is what the features cost, from a diamond to its dot what their use costs. Means with 95% bootstrap intervals over seeds, {}.",
        seeds_text(runs)
    );
    let told = |i: usize| by_train(runs, &move |run| embedding_auroc(run, MODES[i]));
    let seen = format!(
        "Balanced read-out of shape: {}. Of texture: {}.",
        told(0),
        told(1)
    );
    Ok(Some(Figure {
        name: "costs".into(),
        caption,
        svg: drawing.finish("Not learned, or not used", &seen),
    }))
}

/// The own decision is a diamond, the balanced read-out a dot.
fn draw(drawing: &mut Drawing, place: [f64; 2], kind: usize, colour: &str) {
    match kind {
        0 => hollow(drawing, place, RADIUS, 3, colour),
        _ => mark(drawing, place, RADIUS, 0, colour),
    }
}

fn legend(drawing: &mut Drawing) {
    let words = ["own decision", "balanced read-out of the embedding"];
    for (kind, (x, word)) in [LEFT, LEFT + 140.0].into_iter().zip(words).enumerate() {
        draw(drawing, [x, 22.0], kind, "#555555");
        drawing.text([x + 12.0, 26.0], word, 13.0, Anchor::Start);
    }
}
