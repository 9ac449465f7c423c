//! Accuracy on every test set, per loss: one panel a training distribution.

use nodule_eval::ReadOut;

use super::plot::{Anchor, Drawing, Panel};
use super::{Figure, colour, mean_interval, seeds_text};
use crate::record::FinishedRun;
use crate::select::{group, tests, values};
use crate::settings::{Endpoint, Study};

const LEFT: f64 = 150.0;
const PANEL: f64 = 210.0;
const GAP: f64 = 36.0;
const ROW: f64 = 33.0;
const TOP: f64 = 74.0;
/// Runs lie this far below their mean, so that neither hides the other.
const BELOW: f64 = 4.5;

pub(crate) fn figure(study: &Study, runs: &[FinishedRun], read_out: ReadOut) -> Figure {
    let tests = tests(runs);
    let height = ROW * tests.len() as f64;
    let width = LEFT + (PANEL + GAP) * study.train.len() as f64;
    let mut drawing = Drawing::new(width, TOP + height + 50.0);
    let legend: Vec<_> = study
        .losses
        .iter()
        .map(|l| (l.as_str(), colour(l)))
        .collect();
    drawing.legend([LEFT, 26.0], &legend);
    for (i, test) in tests.iter().enumerate() {
        let y = TOP + ROW * (i as f64 + 0.5) + 4.0;
        drawing.text([LEFT - 10.0, y], test, 12.0, Anchor::End);
    }
    for (column, train) in study.train.iter().enumerate() {
        let left = LEFT + (PANEL + GAP) * column as f64;
        let frame = [left, TOP, left + PANEL, TOP + height];
        let panel = Panel {
            frame,
            x: (0.0, 1.0),
            y: (tests.len() as f64, 0.0),
        };
        drawing.text(
            [left + PANEL / 2.0, TOP - 12.0],
            &format!("trained on {train}"),
            13.0,
            Anchor::Middle,
        );
        for i in (1..tests.len()).step_by(2) {
            let [x, y] = panel.at(0.0, i as f64);
            drawing.rectangle([x, y], [PANEL, ROW], "#f3f4f6");
        }
        panel.x_ticks(&mut drawing);
        drawing.line(
            panel.at(0.5, 0.0),
            panel.at(0.5, tests.len() as f64),
            "#888",
            1.0,
        );
        for (i, test) in tests.iter().enumerate() {
            marks(
                &mut drawing,
                &panel,
                study,
                runs,
                train,
                test,
                read_out,
                i as f64,
            );
        }
        panel.border(&mut drawing);
        drawing.text(
            [left + PANEL / 2.0, TOP + height + 36.0],
            "accuracy",
            12.0,
            Anchor::Middle,
        );
    }
    Figure {
        name: format!("accuracy-{read_out}"),
        caption: format!(
            "Accuracy of the {read_out} read-out on every test set. Small dots: runs; large dots: means over seeds with 95% bootstrap intervals over seeds, {}. The grey line is chance. Rows conflict-by-… are the share decided as that rule says{}.",
            seeds_text(study, runs),
            if read_out == ReadOut::Head {
                "; the contrastive loss trains no head"
            } else {
                ""
            }
        ),
        svg: drawing.finish(&format!("Accuracy by test set, {read_out} read-out")),
    }
}

#[expect(
    clippy::too_many_arguments,
    reason = "one place that says where a group of marks goes"
)]
fn marks(
    drawing: &mut Drawing,
    panel: &Panel,
    study: &Study,
    runs: &[FinishedRun],
    train: &str,
    test: &str,
    read_out: ReadOut,
    row: f64,
) {
    let endpoint = Endpoint::Accuracy {
        test: test.to_owned(),
    };
    let share = 1.0 / (study.losses.len() as f64 + 1.0);
    for (i, loss) in study.losses.iter().enumerate() {
        let y = row + share * (i as f64 + 0.85);
        let values = values(&group(runs, train, loss), &endpoint, read_out);
        let colour = colour(loss);
        for value in &values {
            let [x, y] = panel.at(*value, y);
            drawing.dot([x, y + BELOW], 1.7, colour, 0.5);
        }
        if let Some((mean, interval)) = mean_interval(&values) {
            drawing.line(
                panel.at(interval.low, y),
                panel.at(interval.high, y),
                colour,
                2.0,
            );
            drawing.dot(panel.at(mean, y), 3.6, colour, 1.0);
        }
    }
}
