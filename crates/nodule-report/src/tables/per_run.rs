//! Every number of every run as CSV: one row a run, read-out and test, cell, mode, point or layer. An
//! undefined number is an empty field.

use nodule_eval::{Metric, Metrics};
use nodule_study::csv::{Column, CsvFile};
use nodule_study::records::{
    CombinationEvaluation, FinishedRun, LayerDecodability, MapScores, ModeReliance,
    ProjectedEmbedding, Representation, SurfacePoint, TimelinePoint,
};
use nodule_synth::Mode;
use rayon::prelude::*;

use super::per_row::{Row, by_read_out, by_run};
use crate::Error;
use nodule_analysis::dose_response::{Dose, dose_response};
use nodule_analysis::threshold_cost::{ThresholdCost, threshold_cost};

type Runs<'a> = [&'a FinishedRun];
type File = Result<CsvFile, Error>;

/// All of the files.
pub(crate) fn files(runs: &Runs) -> Result<Vec<CsvFile>, Error> {
    let all: [fn(&Runs) -> File; 13] = [
        results, validation, cells, threshold, reliance, flips, dose, landscape, maps, layers,
        separation, embedding, timeline,
    ];
    all.par_iter().map(|file| file(runs)).collect()
}

/// The metrics of one set of images.
struct Scored<'a> {
    test: &'a str,
    metrics: &'a Metrics,
}

/// How many images, and every metric there is.
fn of_metrics<'a>() -> impl Iterator<Item = Column<Row<'a, Scored<'a>>>> {
    let n = Column::new("n", |row: &Row<Scored>| row.of.metrics.n.into());
    let metrics = Metric::ALL.into_iter().enumerate();
    let metrics = metrics.map(|(i, metric)| {
        Column::nth(metric.name(), i, |row: &Row<Scored>, i| {
            row.of.metrics.value(Metric::ALL[i]).into()
        })
    });
    [n].into_iter().chain(metrics)
}

fn results(runs: &Runs) -> File {
    let test = Column::new("test", |row: &Row<Scored>| row.of.test.into());
    let columns = [test].into_iter().chain(of_metrics());
    by_read_out("results", runs, columns, |r| {
        r.tests.iter().map(|t| Scored {
            test: &t.test,
            metrics: &t.metrics,
        })
    })
}

/// Of validation images of the training distribution.
fn validation(runs: &Runs) -> File {
    by_read_out("validation", runs, of_metrics(), |r| {
        [Scored {
            test: "",
            metrics: &r.validation,
        }]
    })
}

fn cells(runs: &Runs) -> File {
    type OfCell<'a> = Row<'a, (&'a str, &'a CombinationEvaluation)>;
    let columns = [
        Column::new("test", |row: &OfCell| row.of.0.into()),
        Column::new("label", |row| row.of.1.label.into()),
        Column::new("shape", |row| row.of.1.shape.to_string().into()),
        Column::new("texture", |row| row.of.1.texture.to_string().into()),
        Column::new("n", |row| row.of.1.n.into()),
        Column::new("accuracy", |row| row.of.1.accuracy.into()),
        Column::new("mean_score", |row| row.of.1.mean_score.into()),
        Column::new("ceiling", |row| row.of.1.ideal_observer.into()),
    ];
    by_read_out("cells", runs, columns, |r| {
        let tests = r.tests.iter();
        tests.flat_map(|t| t.combinations.iter().map(|cell| (t.test.as_str(), cell)))
    })
}

fn threshold(runs: &Runs) -> File {
    type OfTest<'a> = Row<'a, (&'a str, ThresholdCost)>;
    let columns = [
        Column::new("test", |row: &OfTest| row.of.0.into()),
        Column::new("auroc_lost", |row| row.of.1.auroc.into()),
        Column::new("balanced_accuracy_lost", |row| {
            row.of.1.balanced_accuracy.into()
        }),
        Column::new("lost_by_ranking", |row| row.of.1.by_ranking.into()),
        Column::new("lost_by_threshold", |row| row.of.1.by_threshold.into()),
        Column::new("best_threshold", |row| row.of.1.best_threshold.into()),
        Column::new("validation_best_threshold", |row| {
            row.of.1.validation_best_threshold.into()
        }),
    ];
    by_read_out("threshold", runs, columns, |r| {
        let tests = r.tests.iter();
        tests.filter_map(|t| Some((t.test.as_str(), threshold_cost(r, t)?)))
    })
}

fn reliance(runs: &Runs) -> File {
    let columns = [
        Column::new("mode", |row: &Row<&ModeReliance>| {
            row.of.mode.to_string().into()
        }),
        Column::new("effect", |row| row.of.effect.into()),
        Column::new("flipped", |row| row.of.flipped.into()),
    ];
    by_read_out("reliance", runs, columns, |r| &r.reliance)
}

fn flips(runs: &Runs) -> File {
    let columns = [
        Column::new("mode", |row: &Row<&ModeReliance>| {
            row.of.mode.to_string().into()
        }),
        Column::new("became_abnormal", |row| row.of.raised.into()),
        Column::new("became_normal", |row| {
            (row.of.flipped - row.of.raised).into()
        }),
    ];
    by_read_out("flips", runs, columns, |r| &r.reliance)
}

fn dose(runs: &Runs) -> File {
    type Level = fn(&SurfacePoint) -> f64;
    let modes: [(Mode, Level); 2] = [(Mode::Shape, |p| p.shape), (Mode::Texture, |p| p.texture)];
    let columns = [
        Column::new("mode", |row: &Row<(Mode, Dose)>| {
            row.of.0.to_string().into()
        }),
        Column::new("level", |row| row.of.1.level.into()),
        Column::new("effect", |row| row.of.1.effect.into()),
        Column::new("abnormal", |row| row.of.1.abnormal.into()),
    ];
    by_read_out("dose", runs, columns, |r| {
        modes.into_iter().flat_map(|(mode, level)| {
            let doses = dose_response(&r.decision_surface, level).into_iter();
            doses.map(move |dose| (mode, dose))
        })
    })
}

fn landscape(runs: &Runs) -> File {
    let columns = [
        Column::new("shape", |row: &Row<&SurfacePoint>| row.of.shape.into()),
        Column::new("texture", |row| row.of.texture.into()),
        Column::new("score", |row| row.of.score.into()),
        Column::new("abnormal", |row| row.of.abnormal.into()),
    ];
    by_read_out("landscape", runs, columns, |r| &r.decision_surface)
}

fn maps(runs: &Runs) -> File {
    let columns = [
        Column::new("method", |row: &Row<&MapScores>| {
            row.of.method.to_string().into()
        }),
        Column::new("n", |row| row.of.n.into()),
        Column::new("blank", |row| row.of.blank.into()),
        Column::new("contour", |row| row.of.contour.into()),
        Column::new("interior", |row| row.of.interior.into()),
        Column::new("background", |row| row.of.background.into()),
        Column::new("pointing", |row| row.of.pointing_game.into()),
        Column::new("deletion", |row| row.of.deletion.into()),
        Column::new("insertion", |row| row.of.insertion.into()),
        Column::new("completeness_gap", |row| row.of.completeness_gap.into()),
    ];
    by_read_out("maps", runs, columns, |r| &r.maps)
}

fn layers(runs: &Runs) -> File {
    let columns = [
        Column::new("layer", |row: &Row<&LayerDecodability>| {
            (&row.of.layer).into()
        }),
        Column::new("shape", |row| row.of.shape.into()),
        Column::new("texture", |row| row.of.texture.into()),
        Column::new("untrained_shape", |row| row.of.untrained_shape.into()),
        Column::new("untrained_texture", |row| row.of.untrained_texture.into()),
    ];
    by_run("layers", runs, columns, |run| {
        run.evaluation.representation.iter().flat_map(|r| &r.layers)
    })
}

fn separation(runs: &Runs) -> File {
    let columns = [
        Column::new("silhouette", |row: &Row<&Representation>| {
            row.of.silhouette.into()
        }),
        Column::new("collapse", |row| row.of.nc1.into()),
        Column::new("decided_shape", |row| {
            row.of.decision_auroc.and_then(|d| d[0]).into()
        }),
        Column::new("decided_texture", |row| {
            row.of.decision_auroc.and_then(|d| d[1]).into()
        }),
    ];
    by_run("separation", runs, columns, |run| {
        &run.evaluation.representation
    })
}

fn embedding(runs: &Runs) -> File {
    let columns = [
        Column::new("shape", |row: &Row<&ProjectedEmbedding>| {
            row.of.shape.into()
        }),
        Column::new("texture", |row| row.of.texture.into()),
        Column::new("x", |row| row.of.x.into()),
        Column::new("y", |row| row.of.y.into()),
    ];
    by_run("embedding", runs, columns, |run| {
        run.evaluation
            .representation
            .iter()
            .flat_map(|r| &r.projection)
    })
}

fn timeline(runs: &Runs) -> File {
    let columns = [
        Column::new("epoch", |row: &Row<&TimelinePoint>| row.of.epoch.into()),
        Column::new("validation_accuracy", |row| {
            row.of.validation_accuracy.into()
        }),
        Column::new("validation_loss", |row| row.of.validation_loss.into()),
        Column::new("shape", |row| row.of.shape.into()),
        Column::new("texture", |row| row.of.texture.into()),
        Column::new("shape_decoded", |row| row.of.shape_decoded.into()),
        Column::new("texture_decoded", |row| row.of.texture_decoded.into()),
        Column::new("shape_only", |row| row.of.shape_only.into()),
        Column::new("texture_only", |row| row.of.texture_only.into()),
    ];
    by_run("timeline", runs, columns, |run| &run.evaluation.timeline)
}
