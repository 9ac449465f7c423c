//! Shape and texture reliance per loss and read-out: one panel a training distribution and mode.

use super::plot::{Anchor, Drawing, Panel, range};
use super::{Figure, colour, mean_interval, seeds_text};
use crate::hypotheses::value;
use crate::record::FinishedRun;
use crate::select::{group, values};
use crate::settings::{Endpoint, Study};

const LEFT: f64 = 78.0;
const TOP: f64 = 74.0;
const PANEL: [f64; 2] = [290.0, 200.0];
const GAP: f64 = 44.0;
/// Runs lie this far to the left of their place and their mean to the right, in read-outs.
const ASIDE: f64 = 0.05;
const MODES: [&str; 2] = ["shape", "texture"];

pub(crate) fn figure(study: &Study, runs: &[FinishedRun]) -> Figure {
    let columns = study.train.len() as f64;
    let width = LEFT + (PANEL[0] + GAP) * columns;
    let mut drawing = Drawing::new(width, TOP + 2.0 * (PANEL[1] + GAP) + 26.0);
    let legend: Vec<_> = study
        .losses
        .iter()
        .map(|l| (l.as_str(), colour(l)))
        .collect();
    drawing.legend([LEFT, 26.0], &legend);
    for (row, mode) in MODES.iter().enumerate() {
        let endpoint = Endpoint::Effect {
            mode: (*mode).to_owned(),
        };
        let all = study
            .read_outs
            .iter()
            .flat_map(|r| values(&runs.iter().collect::<Vec<_>>(), &endpoint, *r));
        let y = range(all, (-0.1, 1.0));
        let top = TOP + (PANEL[1] + GAP) * row as f64;
        drawing.text_upwards(
            [20.0, top + PANEL[1] / 2.0],
            &format!("{mode} reliance"),
            13.0,
        );
        drawing.text_upwards(
            [36.0, top + PANEL[1] / 2.0],
            "(spreads of the decision value)",
            11.0,
        );
        for (column, train) in study.train.iter().enumerate() {
            let left = LEFT + (PANEL[0] + GAP) * column as f64;
            let frame = [left, top, left + PANEL[0], top + PANEL[1]];
            let panel = Panel {
                frame,
                x: (0.0, study.read_outs.len() as f64),
                y,
            };
            panel.y_ticks(&mut drawing);
            drawing.line(panel.at(0.0, 0.0), panel.at(panel.x.1, 0.0), "#888", 1.0);
            marks(&mut drawing, &panel, study, runs, train, &endpoint);
            panel.border(&mut drawing);
            if row == 0 {
                let title = format!("trained on {train}");
                drawing.text(
                    [left + PANEL[0] / 2.0, TOP - 12.0],
                    &title,
                    13.0,
                    Anchor::Middle,
                );
            } else {
                for (i, read_out) in study.read_outs.iter().enumerate() {
                    let [x, y] = panel.at(i as f64 + 0.5, y.0);
                    drawing.text([x, y + 18.0], &read_out.to_string(), 12.0, Anchor::Middle);
                }
            }
        }
    }
    Figure {
        name: "reliance".into(),
        caption: format!(
            "Counterfactual reliance: how far the decision value moves when only shape, or only texture, goes from its low to its high level, in standard deviations of the decision value in distribution (spreads). Small dots: runs, joined where they share a seed; large dots: means over seeds with 95% bootstrap intervals over seeds, {}. The grey line is no reliance.",
            seeds_text(study, runs)
        ),
        svg: drawing.finish("Shape and texture reliance by loss and read-out"),
    }
}

fn marks(
    drawing: &mut Drawing,
    panel: &Panel,
    study: &Study,
    runs: &[FinishedRun],
    train: &str,
    endpoint: &Endpoint,
) {
    for (i, read_out) in study.read_outs.iter().enumerate() {
        let place =
            |loss: usize| i as f64 + (loss as f64 + 1.0) / (study.losses.len() as f64 + 1.0);
        for seed in 0..study.seeds {
            let runs = runs
                .iter()
                .filter(|run| run.record.train == train && run.record.seed == seed);
            let of_seed = runs.filter_map(|run| {
                let loss = study
                    .losses
                    .iter()
                    .position(|loss| *loss == run.record.loss)?;
                Some(panel.at(place(loss) - ASIDE, value(run, endpoint, *read_out)?))
            });
            drawing.path(&of_seed.collect::<Vec<_>>(), "#777", 0.6, 0.35);
        }
        for (j, loss) in study.losses.iter().enumerate() {
            let values = values(&group(runs, train, loss), endpoint, *read_out);
            let colour = colour(loss);
            for value in &values {
                drawing.dot(panel.at(place(j) - ASIDE, *value), 1.8, colour, 0.5);
            }
            if let Some((mean, interval)) = mean_interval(&values) {
                let x = place(j) + ASIDE;
                drawing.line(
                    panel.at(x, interval.low),
                    panel.at(x, interval.high),
                    colour,
                    2.0,
                );
                drawing.dot(panel.at(x, mean), 4.0, colour, 1.0);
            }
        }
    }
}
