//! Shape and texture reliance per loss and read-out: one panel a training distribution and mode.

use nodule_study::claims::{Effect, Endpoint};
use nodule_study::records::FinishedRun;

use super::Figure;
use super::bands::Bands;
use super::colours::LossColours;
use super::figure::{seeds_text, shown, shown_text};
use super::plot::{Anchor, Drawing, Panel, range};
use super::seen::by_train;
use crate::Error;
use nodule_analysis::Runs;
use nodule_analysis::endpoints::{MODES, values};

const LEFT: f64 = 78.0;
const TOP: f64 = 74.0;
/// Of a panel.
const HEIGHT: f64 = 170.0;
const WIDTH: (f64, f64) = (190.0, 290.0);
const GAP: [f64; 2] = [40.0, 36.0];
/// Below the panels of a band, where another follows: for its title.
const BELOW: f64 = 26.0;
/// Runs lie this far to the left of their place and their mean to the right, in read-outs.
const ASIDE: f64 = 0.05;

pub(crate) fn figure(runs: &Runs) -> Result<Figure, Error> {
    let study = runs.study;
    let bands = Bands::of(study.train.len(), LEFT, GAP[0], WIDTH);
    let band = 2.0 * (HEIGHT + GAP[1]) + BELOW;
    let height = TOP + band * bands.bands as f64;
    let mut drawing = Drawing::new(bands.whole_width(), height);
    let colours = LossColours::of(&study.losses);
    drawing.legend([LEFT, 26.0], colours.legend());
    for (row, mode) in MODES.into_iter().enumerate() {
        let endpoint = Endpoint::from(Effect { mode });
        let read_outs = study.read_outs.iter();
        let all = read_outs.flat_map(|r| values(&runs.all, &endpoint, *r));
        let y = range(all, (-0.1, 1.0));
        for (column, train) in study.train_names().enumerate() {
            let above = TOP + band * bands.band_of(column) as f64;
            let (left, top) = (
                bands.left_of(column),
                above + (HEIGHT + GAP[1]) * row as f64,
            );
            let [middle, centre] = [top + HEIGHT / 2.0, left + bands.width / 2.0];
            if bands.is_first(column) {
                drawing.text_upwards([20.0, middle], &format!("{mode} reliance"), 13.0);
                let unit = "(spreads of the decision)";
                drawing.text_upwards([36.0, middle], unit, 11.0);
            }
            let panel = Panel {
                frame: [left, top, left + bands.width, top + HEIGHT],
                x: (0.0, study.read_outs.len() as f64),
                y,
            };
            panel.y_ticks(&mut drawing);
            drawing.line(panel.at(0.0, 0.0), panel.at(panel.x.1, 0.0), "#888", 1.0);
            marks(&mut drawing, &panel, (runs, train), &colours, &endpoint)?;
            panel.border(&mut drawing);
            if row == 0 {
                let title = format!("trained on {train}");
                drawing.text([centre, above - 12.0], &title, 13.0, Anchor::Middle);
            } else {
                for (i, read_out) in study.read_outs.iter().enumerate() {
                    let [x, y] = panel.at(i as f64 + 0.5, y.0);
                    drawing.text([x, y + 18.0], &read_out.to_string(), 11.0, Anchor::Middle);
                }
            }
        }
    }
    Ok(Figure {
        name: "reliance".into(),
        caption: format!(
            "Counterfactual reliance: how far the decision value moves when only shape, or only texture, goes from its low to its high level, in standard deviations of the decision value in distribution (spreads). Small dots: runs, joined where they share a seed; large dots: means over seeds with 95% bootstrap intervals over seeds, {}. The grey line is no reliance.{}",
            seeds_text(runs),
            shown_text(runs)
        ),
        svg: drawing.finish(
            "Shape and texture reliance by loss and read-out",
            &seen(runs),
        ),
    })
}

/// The means under the read-out that all losses have.
fn seen(runs: &Runs) -> String {
    let Some(read_out) = runs.main_read_out() else {
        return String::new();
    };
    let of_mode = |mode| {
        let endpoint = Endpoint::from(Effect { mode });
        let of_run = |run: &FinishedRun| endpoint.value(run, read_out);
        format!("{mode} reliance, {}", by_train(runs, &of_run))
    };
    format!(
        "Means of the {read_out} read-out in spreads. {}.",
        MODES.map(of_mode).join(". ")
    )
}

fn marks(
    drawing: &mut Drawing,
    panel: &Panel,
    (runs, train): (&Runs, &str),
    colours: &LossColours,
    endpoint: &Endpoint,
) -> Result<(), Error> {
    let losses = colours.legend();
    for (i, read_out) in runs.study.read_outs.iter().enumerate() {
        let place = |loss: usize| i as f64 + (loss as f64 + 1.0) / (losses.len() as f64 + 1.0);
        let seeds: Vec<_> = (0..runs.study.seeds).collect();
        for seed in shown(&seeds) {
            let of_loss = |(j, (loss, _)): (usize, &(&str, &str))| {
                let value = endpoint.value(runs.find(train, loss, *seed)?, *read_out)?;
                Some(panel.at(place(j) - ASIDE, value))
            };
            let joined: Vec<_> = losses.iter().enumerate().filter_map(of_loss).collect();
            drawing.path(&joined, "#777", 0.6, 0.35);
        }
        for (j, (loss, colour)) in losses.iter().enumerate() {
            let values = values(runs.group(train, loss), endpoint, *read_out);
            for value in shown(&values) {
                drawing.dot(panel.at(place(j) - ASIDE, *value), 1.8, colour, 0.5);
            }
            if let Some(mean) = runs.mean(&values)? {
                let x = place(j) + ASIDE;
                if let Some(i) = mean.interval {
                    drawing.line(panel.at(x, i.low), panel.at(x, i.high), colour, 2.0);
                }
                drawing.dot(panel.at(x, mean.mean), 4.0, colour, 1.0);
            }
        }
    }
    Ok(())
}
