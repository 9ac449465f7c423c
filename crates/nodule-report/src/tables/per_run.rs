//! Every number of every run as CSV: one row per run, classifier and test, combination, mode, point or layer. An
//! undefined number is an empty field.

use nodule_analysis::dose_response::{Dose, dose_response};
use nodule_analysis::threshold_cost::{ThresholdCost, threshold_cost};
use nodule_eval::{Metric, Metrics};
use nodule_study::csv::{Column, CsvFile};
use nodule_study::records::{
    CombinationEvaluation, FinishedRun, LayerDecodability, MapScores, ModeReliance,
    ProjectedEmbedding, Representation, SurfacePoint, TimelinePoint,
};
use nodule_synth::Mode;
use rayon::prelude::*;

use super::run_columns::{Row, csv_per_classifier, csv_per_run};
use crate::Error;

type Runs<'a> = [&'a FinishedRun];
type File = Result<CsvFile, Error>;

/// Returns all files. Those of external models end with the 95% intervals of each model over pairs, latents or images.
pub(crate) fn files(runs: &Runs, external: bool) -> Result<Vec<CsvFile>, Error> {
    let all: [fn(&Runs, bool) -> File; 13] = [
        results,
        validation,
        |runs, _| cells(runs),
        |runs, _| threshold(runs),
        reliance,
        flips,
        |runs, _| dose(runs),
        landscape,
        |runs, _| maps(runs),
        |runs, _| layers(runs),
        |runs, _| separation(runs),
        |runs, _| embedding(runs),
        |runs, _| timeline(runs),
    ];
    all.par_iter().map(|file| file(runs, external)).collect()
}

/// Metrics of a set of images.
struct TestMetrics<'a> {
    test: &'a str,
    metrics: &'a Metrics,
    worst_group: Option<f64>,
}

/// Names of the bounds of every metric, in the order of [`Metric::ALL`].
const BOUNDS: [[&str; 2]; Metric::ALL.len()] = [
    ["accuracy_low", "accuracy_high"],
    ["sensitivity_low", "sensitivity_high"],
    ["specificity_low", "specificity_high"],
    ["balanced_accuracy_low", "balanced_accuracy_high"],
    ["auroc_low", "auroc_high"],
];

type MetricColumn<'a> = Column<Row<'a, TestMetrics<'a>>>;

/// Returns the columns of n and of every metric.
fn metric_columns<'a>() -> impl Iterator<Item = MetricColumn<'a>> {
    let n = Column::new("n", |row: &Row<TestMetrics>| row.record.metrics.n.into());
    let metrics = Metric::ALL.into_iter().enumerate().map(|(i, metric)| {
        Column::nth(metric.name(), i, |row: &Row<TestMetrics>, i| {
            row.record.metrics.value(Metric::ALL[i]).into()
        })
    });
    [n].into_iter().chain(metrics)
}

/// Returns the columns of the ends of every metric's interval, which only external models have.
fn bound_columns<'a>(external: bool) -> impl Iterator<Item = MetricColumn<'a>> {
    let ends = BOUNDS.into_iter().enumerate().flat_map(|(i, [low, high])| {
        [
            Column::nth(low, i, |row: &Row<TestMetrics>, i| {
                row.record.metrics.get(Metric::ALL[i]).map(|e| e.low).into()
            }),
            Column::nth(high, i, |row: &Row<TestMetrics>, i| {
                row.record
                    .metrics
                    .get(Metric::ALL[i])
                    .map(|e| e.high)
                    .into()
            }),
        ]
    });
    external.then_some(ends).into_iter().flatten()
}

fn results(runs: &Runs, external: bool) -> File {
    let test = Column::new("test", |row: &Row<TestMetrics>| row.record.test.into());
    let worst_group = Column::new("worst_group_accuracy", |row: &Row<TestMetrics>| {
        row.record.worst_group.into()
    });
    let columns = [test]
        .into_iter()
        .chain(metric_columns())
        .chain([worst_group])
        .chain(bound_columns(external));
    csv_per_classifier("results", runs, columns, |r| {
        r.tests.iter().map(|t| TestMetrics {
            test: &t.test,
            metrics: &t.metrics,
            worst_group: t.worst_group().map(|worst| worst.accuracy),
        })
    })
}

/// Metrics on validation images of the training distribution.
fn validation(runs: &Runs, external: bool) -> File {
    let columns = metric_columns().chain(bound_columns(external));
    csv_per_classifier("validation", runs, columns, |r| {
        [TestMetrics {
            test: "",
            metrics: &r.validation,
            worst_group: None,
        }]
    })
}

fn cells(runs: &Runs) -> File {
    type CellRow<'a> = Row<'a, (&'a str, &'a CombinationEvaluation)>;
    let columns = [
        Column::new("test", |row: &CellRow| row.record.0.into()),
        Column::new("label", |row| row.record.1.label.into()),
        Column::new("shape", |row| row.record.1.shape.to_string().into()),
        Column::new("texture", |row| row.record.1.texture.to_string().into()),
        Column::new("n", |row| row.record.1.n.into()),
        Column::new("accuracy", |row| row.record.1.accuracy.into()),
        Column::new("mean_score", |row| row.record.1.mean_score.into()),
        Column::new("ceiling", |row| row.record.1.ideal_observer.into()),
    ];
    csv_per_classifier("cells", runs, columns, |r| {
        let tests = r.tests.iter();
        tests.flat_map(|t| t.combinations.iter().map(|cell| (t.test.as_str(), cell)))
    })
}

fn threshold(runs: &Runs) -> File {
    type TestRow<'a> = Row<'a, (&'a str, ThresholdCost)>;
    let columns = [
        Column::new("test", |row: &TestRow| row.record.0.into()),
        Column::new("auroc_lost", |row| row.record.1.auroc.into()),
        Column::new("balanced_accuracy_lost", |row| {
            row.record.1.balanced_accuracy.into()
        }),
        Column::new("lost_by_ranking", |row| row.record.1.by_ranking.into()),
        Column::new("lost_by_threshold", |row| row.record.1.by_threshold.into()),
        Column::new("best_threshold", |row| row.record.1.best_threshold.into()),
        Column::new("validation_best_threshold", |row| {
            row.record.1.validation_best_threshold.into()
        }),
    ];
    csv_per_classifier("threshold", runs, columns, |r| {
        let tests = r.tests.iter();
        tests.filter_map(|t| Some((t.test.as_str(), threshold_cost(r, t)?)))
    })
}

fn reliance(runs: &Runs, external: bool) -> File {
    let ends = [
        Column::new("effect_low", |row: &Row<&ModeReliance>| {
            row.record.intervals.map(|i| i.effect.low).into()
        }),
        Column::new("effect_high", |row| {
            row.record.intervals.map(|i| i.effect.high).into()
        }),
        Column::new("flipped_low", |row| {
            row.record.intervals.map(|i| i.flipped.low).into()
        }),
        Column::new("flipped_high", |row| {
            row.record.intervals.map(|i| i.flipped.high).into()
        }),
    ];
    let columns = [
        Column::new("mode", |row: &Row<&ModeReliance>| {
            row.record.mode.to_string().into()
        }),
        Column::new("effect", |row| row.record.effect.into()),
        Column::new("flipped", |row| row.record.flipped.into()),
    ];
    let ends = external.then_some(ends).into_iter().flatten();
    csv_per_classifier("reliance", runs, columns.into_iter().chain(ends), |r| {
        &r.reliance
    })
}

fn flips(runs: &Runs, external: bool) -> File {
    let ends = [
        Column::new("became_abnormal_low", |row: &Row<&ModeReliance>| {
            row.record.intervals.map(|i| i.became_abnormal.low).into()
        }),
        Column::new("became_abnormal_high", |row| {
            row.record.intervals.map(|i| i.became_abnormal.high).into()
        }),
        Column::new("became_normal_low", |row| {
            row.record.intervals.map(|i| i.became_normal.low).into()
        }),
        Column::new("became_normal_high", |row| {
            row.record.intervals.map(|i| i.became_normal.high).into()
        }),
    ];
    let columns = [
        Column::new("mode", |row: &Row<&ModeReliance>| {
            row.record.mode.to_string().into()
        }),
        Column::new("became_abnormal", |row| row.record.raised.into()),
        Column::new("became_normal", |row| {
            (row.record.flipped - row.record.raised).into()
        }),
    ];
    let ends = external.then_some(ends).into_iter().flatten();
    csv_per_classifier("flips", runs, columns.into_iter().chain(ends), |r| {
        &r.reliance
    })
}

fn dose(runs: &Runs) -> File {
    type Level = fn(&SurfacePoint) -> f64;
    let modes: [(Mode, Level); 2] = [(Mode::Shape, |p| p.shape), (Mode::Texture, |p| p.texture)];
    let columns = [
        Column::new("mode", |row: &Row<(Mode, Dose)>| {
            row.record.0.to_string().into()
        }),
        Column::new("level", |row| row.record.1.level.into()),
        Column::new("effect", |row| row.record.1.effect.into()),
        Column::new("abnormal", |row| row.record.1.abnormal.into()),
    ];
    csv_per_classifier("dose", runs, columns, |r| {
        modes.into_iter().flat_map(|(mode, level)| {
            let doses = dose_response(&r.decision_surface, level).into_iter();
            doses.map(move |dose| (mode, dose))
        })
    })
}

fn landscape(runs: &Runs, external: bool) -> File {
    let ends = [
        Column::new("score_low", |row: &Row<&SurfacePoint>| {
            row.record.intervals.map(|i| i.score.low).into()
        }),
        Column::new("score_high", |row| {
            row.record.intervals.map(|i| i.score.high).into()
        }),
        Column::new("abnormal_low", |row| {
            row.record.intervals.map(|i| i.abnormal.low).into()
        }),
        Column::new("abnormal_high", |row| {
            row.record.intervals.map(|i| i.abnormal.high).into()
        }),
    ];
    let columns = [
        Column::new("shape", |row: &Row<&SurfacePoint>| row.record.shape.into()),
        Column::new("texture", |row| row.record.texture.into()),
        Column::new("score", |row| row.record.score.into()),
        Column::new("abnormal", |row| row.record.abnormal.into()),
    ];
    let ends = external.then_some(ends).into_iter().flatten();
    csv_per_classifier("landscape", runs, columns.into_iter().chain(ends), |r| {
        &r.decision_surface
    })
}

fn maps(runs: &Runs) -> File {
    let columns = [
        Column::new("method", |row: &Row<&MapScores>| {
            row.record.method.to_string().into()
        }),
        Column::new("n", |row| row.record.n.into()),
        Column::new("blank", |row| row.record.blank.into()),
        Column::new("contour", |row| row.record.contour.into()),
        Column::new("interior", |row| row.record.interior.into()),
        Column::new("background", |row| row.record.background.into()),
        Column::new("pointing", |row| row.record.pointing_game.into()),
        Column::new("deletion", |row| row.record.deletion.into()),
        Column::new("insertion", |row| row.record.insertion.into()),
        Column::new("completeness_gap", |row| row.record.completeness_gap.into()),
    ];
    csv_per_classifier("maps", runs, columns, |r| &r.maps)
}

fn layers(runs: &Runs) -> File {
    let columns = [
        Column::new("layer", |row: &Row<&LayerDecodability>| {
            (&row.record.layer).into()
        }),
        Column::new("shape", |row| row.record.shape.into()),
        Column::new("texture", |row| row.record.texture.into()),
        Column::new("untrained_shape", |row| row.record.untrained_shape.into()),
        Column::new("untrained_texture", |row| {
            row.record.untrained_texture.into()
        }),
    ];
    csv_per_run("layers", runs, columns, |run| {
        run.evaluation.representation.iter().flat_map(|r| &r.layers)
    })
}

fn separation(runs: &Runs) -> File {
    let columns = [
        Column::new("silhouette", |row: &Row<&Representation>| {
            row.record.silhouette.into()
        }),
        Column::new("collapse", |row| row.record.nc1.into()),
        Column::new("decided_shape", |row| {
            row.record.decision_auroc.and_then(|d| d[0]).into()
        }),
        Column::new("decided_texture", |row| {
            row.record.decision_auroc.and_then(|d| d[1]).into()
        }),
    ];
    csv_per_run("separation", runs, columns, |run| {
        &run.evaluation.representation
    })
}

fn embedding(runs: &Runs) -> File {
    let columns = [
        Column::new("shape", |row: &Row<&ProjectedEmbedding>| {
            row.record.shape.into()
        }),
        Column::new("texture", |row| row.record.texture.into()),
        Column::new("x", |row| row.record.x.into()),
        Column::new("y", |row| row.record.y.into()),
    ];
    csv_per_run("embedding", runs, columns, |run| {
        run.evaluation
            .representation
            .iter()
            .flat_map(|r| &r.projection)
    })
}

fn timeline(runs: &Runs) -> File {
    let columns = [
        Column::new("epoch", |row: &Row<&TimelinePoint>| row.record.epoch.into()),
        Column::new("validation_accuracy", |row| {
            row.record.validation_accuracy.into()
        }),
        Column::new("validation_loss", |row| row.record.validation_loss.into()),
        Column::new("shape", |row| row.record.shape.into()),
        Column::new("texture", |row| row.record.texture.into()),
        Column::new("shape_decoded", |row| row.record.shape_decoded.into()),
        Column::new("texture_decoded", |row| row.record.texture_decoded.into()),
        Column::new("shape_only", |row| row.record.shape_only.into()),
        Column::new("texture_only", |row| row.record.texture_only.into()),
    ];
    csv_per_run("timeline", runs, columns, |run| &run.evaluation.timeline)
}
