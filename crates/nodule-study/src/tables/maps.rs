//! What maps look at, and whether it tells what networks rely on.

use nodule_eval::Interval;
use nodule_explain::Method;
use nodule_seed::{derive, stream};
use nodule_synth::{ShapeLevel, TextureLevel};

use super::cells::{by_loss, texts};
use crate::hypotheses::correlation_interval;
use crate::numbers::number;
use crate::record::{FinishedRun, MapScores, trained_on};
use crate::select::{look, mapped};
use crate::settings::Study;
use crate::source::{Key, Source};
use crate::table::Table;

const RESAMPLES: usize = 2000;

/// Shape reliance of a run under the read-out that its maps were made of.
fn shape_reliance(run: &FinishedRun, method: Method) -> Option<f64> {
    let (read_out, _) = mapped(run, method)?;
    let measured = run.evaluation.read_outs.iter();
    let of_read_out = measured.filter(|r| r.read_out == read_out);
    let mut modes = of_read_out.flat_map(|r| &r.reliance);
    Some(modes.find(|m| m.mode == "shape")?.effect)
}

/// Two tables where the study has maps: which method tells the truth, and what each looks at.
pub(super) fn tables(study: &Study, runs: &[FinishedRun]) -> Vec<Table> {
    let any = runs
        .iter()
        .any(|run| mapped(run, Method::Gradient).is_some());
    if any {
        vec![truth_table(study, runs), scores_table(study, runs)]
    } else {
        Vec::new()
    }
}

fn truth_table(study: &Study, runs: &[FinishedRun]) -> Table {
    let cell = |method: Method, of: &dyn Fn(&FinishedRun) -> bool| {
        let pairs = |seed: usize| {
            let of_seed = runs.iter().filter(|run| run.record.seed == seed && of(run));
            let pair = |run| Some((look(run, method)?, shape_reliance(run, method)?));
            of_seed.filter_map(pair).collect::<Vec<_>>()
        };
        let groups: Vec<_> = (0..study.seeds)
            .map(pairs)
            .filter(|g| !g.is_empty())
            .collect();
        let count: usize = groups.iter().map(Vec::len).sum();
        let mut random = stream(derive(0, &["maps", &method.to_string()]));
        correlation_text(correlation_interval(&groups, RESAMPLES, &mut random), count)
    };
    let controls = !runs.iter().all(learnable);
    let row = |method: Method| {
        let mut all = vec![cell(method, &|_| true)];
        if controls {
            all.push(cell(method, &learnable));
        }
        let each = study.train.iter();
        let each = each.map(|train| cell(method, &|run| run.record.train == *train));
        [vec![method.to_string()], all, each.collect()].concat()
    };
    let trains = study
        .train
        .iter()
        .map(|train| format!("trained on {train}"));
    let heading: &[&str] = match controls {
        true => &["method", "all runs", "all but controls"],
        false => &["method", "all runs"],
    };
    Table {
        source: Source {
            file: "maps",
            keys: vec![],
            first: 1,
        },
        name: "maps-truth".into(),
        caption: "Which saliency method tells the truth? Spearman's correlation, over runs, of how much more a method's maps look at the contour than at the interior with the counterfactual shape reliance of the same network and read-out, with its 95% bootstrap interval over seeds (n runs). 1: the method ranks networks as the generator does.".into(),
        header: [texts(heading), trains.collect()].concat(),
        rows: Method::ALL.into_iter().map(row).collect(),
    }
}

/// Whether a run's training labels said anything of the images.
fn learnable(run: &FinishedRun) -> bool {
    trained_on(run).is_none_or(|d| {
        let ceiling = d.ceiling(ShapeLevel::Any, TextureLevel::Any);
        ceiling.is_none_or(|c| c > 0.5 + 1e-9)
    })
}

fn correlation_text((effect, interval): (Option<f64>, Option<Interval>), n: usize) -> String {
    match (effect, interval) {
        (Some(effect), Some(i)) => format!(
            "{} [{}, {}] ({n})",
            number(effect),
            number(i.low),
            number(i.high)
        ),
        _ => "–".to_owned(),
    }
}

/// What a column of the scores' table shows.
type Score = (&'static str, fn(&MapScores) -> Option<f64>);

fn scores_table(study: &Study, runs: &[FinishedRun]) -> Table {
    let scores: [Score; 6] = [
        ("contour", |m| m.contour),
        ("interior", |m| m.interior),
        ("background", |m| m.background),
        ("pointing", |m| m.pointing),
        ("deletion", |m| Some(m.deletion)),
        ("insertion", |m| Some(m.insertion)),
    ];
    let mut rows = Vec::new();
    for train in &study.train {
        for method in Method::ALL {
            for (name, score) in scores {
                let head = vec![train.clone(), method.to_string(), name.to_owned()];
                let cells = by_loss(study, runs, train, &|run| score(mapped(run, method)?.1));
                rows.push([head, cells].concat());
            }
        }
    }
    Table {
        source: Source {
            file: "maps",
            keys: vec![("train", Key::Column(0)), ("method", Key::Column(1)), ("loss", Key::Heading)],
            first: 3,
        },
        name: "maps".into(),
        caption: "What maps look at, mean ± standard deviation over training seeds (n): the share of their mass in the contour band, the interior and the background over the share of the area (1: the map does not care); the share of maps whose largest value lies in the nodule; and the decision value, in spreads towards the decision made, while the most important pixels are taken away and put back.".into(),
        header: [texts(&["train", "method", "score"]), study.losses.clone()].concat(),
        rows,
    }
}
