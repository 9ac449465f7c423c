//! What every test costs against in distribution: by ranking, and by the threshold.

use nodule_eval::ReadOut;
use nodule_study::records::FinishedRun;

use super::Table;
use super::cells::{NONE, by_loss, texts};
use super::source::{Key, Source};
use crate::Error;
use nodule_analysis::Runs;
use nodule_analysis::threshold_cost::{ThresholdCost, threshold_cost};

/// Of networks trained on `train`, under `read_out`.
pub(crate) fn table(runs: &Runs, train: &str, read_out: ReadOut) -> Result<Table, Error> {
    type Of = fn(&ThresholdCost) -> f64;
    let parts: [(&str, Of); 5] = [
        ("AUROC lost", |l| l.auroc),
        ("balanced accuracy lost", |l| l.balanced_accuracy),
        ("… by ranking", |l| l.by_ranking),
        ("… by the threshold", |l| l.by_threshold),
        ("best threshold (spreads)", |l| l.best_threshold),
    ];
    let mut rows = Vec::new();
    for test in runs.tests() {
        for (name, of) in parts {
            let lost = |run: &FinishedRun| {
                let measured = run.read_out(read_out)?;
                Some(of(&threshold_cost(measured, measured.test(test)?)?))
            };
            let cells = by_loss(runs, train, &lost)?;
            if cells.iter().any(|cell| cell != NONE) {
                rows.push([vec![test.to_owned(), name.into()], cells].concat());
            }
        }
    }
    Ok(Table {
        source: Source {
            file: "threshold",
            keys: vec![
                ("train", Key::Is(train.to_owned())),
                ("test", Key::Column(0)),
                ("readout", Key::Is(read_out.to_string())),
                ("loss", Key::Heading),
            ],
            first: 2,
        },
        name: format!("threshold-{train}"),
        caption: format!(
            "Trained on {train}: what each test set costs against in-distribution validation, {read_out} read-out, split into what no threshold could save (ranking: balanced accuracy at each set's own best threshold) and what a better threshold would (the fitted one is 0). Mean ± standard deviation over training seeds (n)."
        ),
        header: [texts(&["test", "what"]), runs.study.losses.clone()].concat(),
        rows,
    })
}
