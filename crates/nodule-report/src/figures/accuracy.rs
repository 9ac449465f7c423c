//! Accuracy on every test set, per loss: one panel a training distribution.

use nodule_eval::{Metric, ReadOut};
use nodule_study::claims::{Endpoint, TestMetric};

use super::Figure;
use super::bands::Bands;
use super::colours::LossColours;
use super::figure::{seeds_text, shown, shown_text};
use super::plot::{Anchor, Drawing, Panel};
use super::seen::rounded;
use crate::Error;
use nodule_analysis::Runs;
use nodule_analysis::endpoints::values;

const LEFT: f64 = 150.0;
const PANEL: (f64, f64) = (170.0, 210.0);
const GAP: f64 = 30.0;
const ROW: f64 = 33.0;
const TOP: f64 = 74.0;
/// Below the panels of a band: the axis, and the title of the next.
const UNDER: f64 = 74.0;
/// Runs lie this far below their mean, so that neither hides the other.
const BELOW: f64 = 4.5;

pub(crate) fn figure(runs: &Runs, read_out: ReadOut) -> Result<Figure, Error> {
    let tests = runs.tests();
    let height = ROW * tests.len() as f64;
    let bands = Bands::of(runs.study.train.len(), LEFT, GAP, PANEL);
    let whole = TOP + (height + UNDER) * bands.bands as f64 - 24.0;
    let mut drawing = Drawing::new(bands.whole_width(), whole);
    let colours = LossColours::of(&runs.study.losses);
    drawing.legend([LEFT, 26.0], colours.legend());
    for (column, train) in runs.study.train_names().enumerate() {
        let left = bands.left_of(column);
        let top = TOP + (height + UNDER) * bands.band_of(column) as f64;
        if bands.is_first(column) {
            for (i, test) in tests.iter().enumerate() {
                let y = top + ROW * (i as f64 + 0.5) + 4.0;
                drawing.text([LEFT - 10.0, y], test, 12.0, Anchor::End);
            }
        }
        let panel = Panel {
            frame: [left, top, left + bands.width, top + height],
            x: (0.0, 1.0),
            y: (tests.len() as f64, 0.0),
        };
        let middle = left + bands.width / 2.0;
        let title = format!("trained on {train}");
        drawing.text([middle, top - 12.0], &title, 13.0, Anchor::Middle);
        background(&mut drawing, &panel, tests.len());
        for (i, test) in tests.iter().enumerate() {
            let endpoint = Endpoint::from(TestMetric {
                metric: Metric::Accuracy,
                test: (*test).to_owned(),
            });
            for (j, (loss, colour)) in colours.legend().iter().enumerate() {
                let share = 1.0 / (colours.legend().len() as f64 + 1.0);
                let y = i as f64 + share * (j as f64 + 0.85);
                let values = values(runs.group(train, loss), &endpoint, read_out);
                marks(&mut drawing, &panel, (runs, &values), y, colour)?;
            }
        }
        panel.border(&mut drawing);
        let below = [middle, top + height + 36.0];
        drawing.text(below, "accuracy", 12.0, Anchor::Middle);
    }
    Ok(Figure {
        name: format!("accuracy-{read_out}"),
        caption: caption(runs, read_out),
        svg: drawing.finish(
            &format!("Accuracy by test set, {read_out} read-out"),
            &ends(runs, &tests, read_out)?,
        ),
    })
}

/// For each training distribution and loss, the tests on which it is least and most often right.
fn ends(runs: &Runs, tests: &[&str], read_out: ReadOut) -> Result<String, Error> {
    let mut said = Vec::new();
    for train in runs.study.train_names() {
        for loss in &runs.study.losses {
            let mut means = Vec::new();
            for test in tests {
                let endpoint = Endpoint::from(TestMetric {
                    metric: Metric::Accuracy,
                    test: (*test).to_owned(),
                });
                let mean = runs.mean(&values(runs.group(train, loss), &endpoint, read_out))?;
                means.extend(mean.map(|mean| (mean.mean, *test)));
            }
            means.sort_by(|a, b| a.0.total_cmp(&b.0));
            let text = |(mean, test): &(f64, &str)| format!("{} on {test}", rounded(*mean));
            said.extend(means.first().zip(means.last()).map(|(least, most)| {
                let (least, most) = (text(least), text(most));
                format!("{loss} trained on {train}: mean accuracy from {least} to {most}")
            }));
        }
    }
    Ok(format!("{}.", said.join("; ")))
}

fn caption(runs: &Runs, read_out: ReadOut) -> String {
    let headless = match read_out.needs_head() {
        true => headless(runs, read_out),
        false => String::new(),
    };
    format!(
        "Accuracy of the {read_out} read-out on every test set. Small dots: runs; large dots: means over seeds with 95% bootstrap intervals over seeds, {}. The grey line is chance. Rows conflict-by-… are the share decided as that rule says{headless}.{}",
        seeds_text(runs),
        shown_text(runs)
    )
}

/// Every other row tinted, the grid, and chance.
fn background(drawing: &mut Drawing, panel: &Panel, tests: usize) {
    for i in (1..tests).step_by(2) {
        let [x, y] = panel.at(0.0, i as f64);
        let [end, _] = panel.at(1.0, i as f64);
        drawing.rectangle([x, y], [end - x, ROW], "#f3f4f6");
    }
    panel.x_ticks(drawing);
    let ends = [panel.at(0.5, 0.0), panel.at(0.5, tests as f64)];
    drawing.line(ends[0], ends[1], "#888", 1.0);
}

/// The runs of one loss, and their mean above them.
fn marks(
    drawing: &mut Drawing,
    panel: &Panel,
    (runs, values): (&Runs, &[f64]),
    y: f64,
    colour: &str,
) -> Result<(), Error> {
    for value in shown(values) {
        let [x, y] = panel.at(*value, y);
        drawing.dot([x, y + BELOW], 1.7, colour, 0.5);
    }
    if let Some(mean) = runs.mean(values)? {
        if let Some(i) = mean.interval {
            drawing.line(panel.at(i.low, y), panel.at(i.high, y), colour, 2.0);
        }
        drawing.dot(panel.at(mean.mean, y), 3.6, colour, 1.0);
    }
    Ok(())
}

/// Which losses train no head, in words: none of their finished runs has that read-out.
fn headless(runs: &Runs, read_out: ReadOut) -> String {
    let without = |loss: &&String| {
        let mut own = runs
            .all
            .iter()
            .filter(|run| run.record.loss == **loss)
            .peekable();
        own.peek().is_some() && own.all(|run| run.read_out(read_out).is_none())
    };
    let losses: Vec<_> = runs.study.losses.iter().filter(without).collect();
    match losses.as_slice() {
        [] => String::new(),
        [one] => format!("; the {one} loss trains no head"),
        [first @ .., last] => {
            let first: Vec<_> = first.iter().map(|loss| loss.as_str()).collect();
            format!("; {} and {last} train no head", first.join(", "))
        }
    }
}
