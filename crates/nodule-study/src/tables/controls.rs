//! Controls: what layers hold, how classes lie, losses compared at equal validation loss, regret
//! against an ideal observer, and what ranking and threshold each cost.

use nodule_eval::ReadOut;

use super::cells::{NONE, by_loss, spread_text, texts};
use crate::maps::mapped;
use crate::matched::{Moment, compare};
use crate::numbers::{number, p_value};
use crate::record::{
    CellEvaluation, FinishedRun, LayerDecodability, ReadOutEvaluation, TimelinePoint,
};
use crate::select::group;
use crate::settings::Study;
use crate::source::{Key, Source};
use crate::table::Table;
use crate::threshold::{ThresholdLoss, threshold_loss};

/// Over all training distributions; a table for each thing that the study asked for.
pub(super) fn tables(study: &Study, runs: &[FinishedRun]) -> Vec<Table> {
    let mut tables = Vec::new();
    if runs
        .iter()
        .any(|run| run.evaluation.representation.is_some())
    {
        tables.push(decodability_table(study, runs));
        tables.push(separation_table(study, runs));
    }
    if runs.iter().any(|run| !run.evaluation.timeline.is_empty()) {
        tables.push(matched_table(study, runs));
    }
    tables
}

/// Of one training distribution, under the read-out that all losses have.
pub(super) fn tables_of_train(study: &Study, runs: &[FinishedRun], train: &str) -> Vec<Table> {
    let Some(read_out) = mapped(&study.read_outs) else {
        return Vec::new();
    };
    vec![
        cells_table(study, runs, train, read_out),
        threshold_table(study, runs, train, read_out),
    ]
}

fn decodability_table(study: &Study, runs: &[FinishedRun]) -> Table {
    type Of = fn(&LayerDecodability) -> [Option<f64>; 2];
    let modes: [(&str, Of); 2] = [
        ("shape", |l| [l.shape, l.untrained_shape]),
        ("texture", |l| [l.texture, l.untrained_texture]),
    ];
    let first = runs
        .iter()
        .find_map(|run| run.evaluation.representation.as_ref());
    let layers: Vec<_> = first
        .iter()
        .flat_map(|r| r.layers.iter().map(|l| &l.layer))
        .collect();
    let mut rows = Vec::new();
    for train in &study.train {
        for (mode, of) in modes {
            for layer in &layers {
                let at = |run: &FinishedRun, which: usize| {
                    let mut layers = run.evaluation.representation.iter().flat_map(|r| &r.layers);
                    of(layers.find(|l| l.layer == **layer)?)[which]
                };
                // Before training all losses have the same network: those of the first tell.
                let before = study.losses.first().map_or(Vec::new(), |loss| {
                    let runs = group(runs, train, loss);
                    runs.into_iter().filter_map(|run| at(run, 1)).collect()
                });
                let head = vec![
                    train.clone(),
                    mode.into(),
                    (*layer).clone(),
                    spread_text(&before),
                ];
                rows.push([head, by_loss(study, runs, train, &|run| at(run, 0))].concat());
            }
        }
    }
    Table {
        source: Source {
            file: "layers",
            keys: vec![("train", Key::Column(0)), ("layer", Key::Column(2)), ("loss", Key::Heading)],
            first: 4,
        },
        name: "decodability".into(),
        caption: "What the layers hold: AUROC of shape and of texture (high against low), read linearly from each layer on images that the map was not fitted on; mean ± standard deviation over training seeds (n).".into(),
        header: [texts(&["train", "mode", "layer", "before training"]), study.losses.clone()].concat(),
        rows,
    }
}

fn separation_table(study: &Study, runs: &[FinishedRun]) -> Table {
    type Of = fn(&FinishedRun) -> Option<f64>;
    let measures: [(&str, Of); 2] = [
        ("silhouette", |run| {
            run.evaluation.representation.as_ref()?.silhouette
        }),
        ("within-class variability (NC1)", |run| {
            run.evaluation.representation.as_ref()?.collapse
        }),
    ];
    let of_train = |train: &String| {
        measures.map(|(name, of)| {
            [
                vec![train.clone(), name.into()],
                by_loss(study, runs, train, &of),
            ]
            .concat()
        })
    };
    Table {
        source: Source {
            file: "separation",
            keys: vec![("train", Key::Column(0)), ("loss", Key::Heading)],
            first: 2,
        },
        name: "separation".into(),
        caption: "How the classes lie in the embedding of in-distribution validation images: mean silhouette (Rousseeuw 1987; 1: two far points), and within-class variability over the distance between classes (NC1 of Papyan et al. 2020; 0: collapsed). Mean ± standard deviation over training seeds (n).".into(),
        header: [texts(&["train", "measure"]), study.losses.clone()].concat(),
        rows: study.train.iter().flat_map(of_train).collect(),
    }
}

fn matched_table(study: &Study, runs: &[FinishedRun]) -> Table {
    type Of = fn(&TimelinePoint) -> f64;
    let endpoints: [(&str, Of); 3] = [
        ("shape reliance in spreads", |p| p.shape),
        ("texture reliance in spreads", |p| p.texture),
        ("accuracy on shape alone", |p| p.shape_only),
    ];
    let moments = [
        ("equal epochs", Moment::EqualEpochs),
        ("equal validation loss", Moment::EqualValidationLoss),
    ];
    let mut rows = Vec::new();
    let (first, others) = study
        .losses
        .split_first()
        .map_or(("", &[][..]), |(f, o)| (f, o));
    for train in &study.train {
        for other in others {
            for (name, of) in endpoints {
                for (moment_name, moment) in moments {
                    let pair = (first, other.as_str());
                    let Some(c) = compare(study, runs, train, pair, moment, of) else {
                        continue;
                    };
                    rows.push(vec![
                        train.clone(),
                        format!("{first} minus {other}"),
                        name.into(),
                        moment_name.into(),
                        format!("{:.1}, {:.1}", c.epochs.0, c.epochs.1),
                        number(c.effect),
                        format!("{} to {}", number(c.interval.low), number(c.interval.high)),
                        p_value(c.p),
                        c.n.to_string(),
                    ]);
                }
            }
        }
    }
    Table {
        source: Source {
            file: "timeline",
            keys: vec![],
            first: 5,
        },
        name: "matched".into(),
        caption: "Losses compared after equally many epochs, and at equal validation loss: each run at the first epoch that reaches the lowest loss which both runs of that seed reach. The loss is the mean logistic loss of the centroid read-out's decision in spreads, one unit for all. Difference with its 95% bootstrap interval over n training seeds; p of a sign-flip test, not corrected: these comparisons explain, they decide nothing.".into(),
        header: texts(&["train", "losses", "what", "compared at", "mean epochs", "difference", "95% interval", "p", "n"]),
        rows,
    }
}

fn measured(run: &FinishedRun, read_out: ReadOut) -> Option<&ReadOutEvaluation> {
    run.evaluation
        .read_outs
        .iter()
        .find(|r| r.read_out == read_out)
}

fn cells_table(study: &Study, runs: &[FinishedRun], train: &str, read_out: ReadOut) -> Table {
    let first = runs.iter().find_map(|run| measured(run, read_out));
    let tests = first.map_or(&[][..], |r| r.tests.as_slice());
    let mut rows = Vec::new();
    for test in tests {
        for cell in &test.cells {
            let same = |other: &&CellEvaluation| {
                (&other.shape, &other.texture, other.label)
                    == (&cell.shape, &cell.texture, cell.label)
            };
            let accuracy = |run: &FinishedRun| {
                let tests = &measured(run, read_out)?.tests;
                let found = tests
                    .iter()
                    .find(|t| t.test == test.test)?
                    .cells
                    .iter()
                    .find(same)?;
                Some(found.ceiling - found.accuracy)
            };
            let label = if cell.label == 1 {
                "abnormal"
            } else {
                "normal"
            };
            let head = vec![
                test.test.clone(),
                format!("{}, {}", cell.shape, cell.texture),
                label.into(),
                number(cell.ceiling),
            ];
            rows.push([head, by_loss(study, runs, train, &accuracy)].concat());
        }
    }
    Table {
        source: Source {
            file: "cells",
            keys: vec![
                ("train", Key::Is(train.to_owned())),
                ("test", Key::Column(0)),
                ("shape", Key::Part(1, 0)),
                ("texture", Key::Part(1, 1)),
                ("readout", Key::Is(read_out.to_string())),
                ("loss", Key::Heading),
            ],
            first: 4,
        },
        name: format!("regret-{train}"),
        caption: format!(
            "Trained on {train}: regret on each cell of each test set, {read_out} read-out: the accuracy of an ideal observer, which knows shape, texture and the set's table but not the label, minus the network's. Mean ± standard deviation over training seeds (n)."
        ),
        header: [
            texts(&["test", "cell", "label", "ideal observer"]),
            study.losses.clone(),
        ]
        .concat(),
        rows,
    }
}

fn threshold_table(study: &Study, runs: &[FinishedRun], train: &str, read_out: ReadOut) -> Table {
    type Of = fn(&ThresholdLoss) -> f64;
    let parts: [(&str, Of); 5] = [
        ("AUROC lost", |l| l.auroc),
        ("balanced accuracy lost", |l| l.balanced_accuracy),
        ("… by ranking", |l| l.by_ranking),
        ("… by the threshold", |l| l.by_threshold),
        ("best threshold (spreads)", |l| l.best_threshold),
    ];
    let mut rows = Vec::new();
    for test in crate::select::tests(runs) {
        for (name, of) in parts {
            let lost = |run: &FinishedRun| {
                let measured = measured(run, read_out)?;
                let test = measured.tests.iter().find(|t| t.test == test)?;
                Some(of(&threshold_loss(measured, test)?))
            };
            let cells = by_loss(study, runs, train, &lost);
            if cells.iter().any(|cell| cell != NONE) {
                rows.push([vec![test.clone(), name.into()], cells].concat());
            }
        }
    }
    Table {
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
        header: [texts(&["test", "what"]), study.losses.clone()].concat(),
        rows,
    }
}
