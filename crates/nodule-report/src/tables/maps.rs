//! What maps look at, and whether it tells what networks rely on.

use nodule_study::records::{FinishedRun, MapScores};
use rayon::prelude::*;

use super::Table;
use super::cells::{NONE, bracketed, by_loss, texts};
use super::source::{Key, Source};
use crate::Error;
use nodule_analysis::Runs;
use nodule_analysis::map_faithfulness::{faithfulness, has_learnable_labels};

/// Two tables where the study has maps: which method tells the truth, and what each looks at.
pub(crate) fn tables(runs: &Runs) -> Result<Vec<Table>, Error> {
    let methods = runs.methods();
    match methods.is_empty() {
        true => Ok(Vec::new()),
        false => Ok(vec![
            truth_table(runs, &methods)?,
            scores_table(runs, &methods)?,
        ]),
    }
}

fn truth_table(runs: &Runs, methods: &[&MapScores]) -> Result<Table, Error> {
    let cell = |scores: &MapScores, of: &dyn Fn(&FinishedRun) -> bool| {
        let found = faithfulness(runs, scores, of)?;
        let text = found
            .correlation
            .map(|correlation| bracketed(correlation, found.interval, found.n));
        Ok::<_, Error>(text.unwrap_or_else(|| NONE.to_owned()))
    };
    let controls = !runs.all.iter().all(|run| has_learnable_labels(run));
    let row = |scores: &&MapScores| {
        let mut cells = vec![scores.method.to_string(), cell(scores, &|_| true)?];
        if controls {
            cells.push(cell(scores, &has_learnable_labels)?);
        }
        for train in runs.study.train_names() {
            cells.push(cell(scores, &|run| run.record.train == *train)?);
        }
        Ok(cells)
    };
    let heading: &[&str] = match controls {
        true => &["method", "all runs", "all but controls"],
        false => &["method", "all runs"],
    };
    let trains = runs.study.train_names();
    let trains = trains.map(|train| format!("trained on {train}"));
    let rows = methods.par_iter().map(row);
    Ok(Table {
        source: Source::whole("maps", 1),
        name: "maps-truth".into(),
        caption: "Which saliency method tells the truth? Spearman's correlation, over runs, of how much more a method's maps look at the contour than at the interior with the counterfactual shape reliance of the same network and read-out, with its 95% bootstrap interval over seeds (n runs). 1: the method ranks networks as the generator does.".into(),
        header: [texts(heading), trains.collect()].concat(),
        rows: rows.collect::<Result<_, Error>>()?,
    })
}

/// What a column of the scores' table shows.
type Score = (&'static str, fn(&MapScores) -> Option<f64>);

fn scores_table(runs: &Runs, methods: &[&MapScores]) -> Result<Table, Error> {
    let scores: [Score; 6] = [
        ("contour", |m| m.contour),
        ("interior", |m| m.interior),
        ("background", |m| m.background),
        ("pointing", |m| m.pointing_game),
        ("deletion", |m| m.deletion),
        ("insertion", |m| m.insertion),
    ];
    let mut rows = Vec::new();
    for train in runs.study.train_names() {
        for MapScores { method, .. } in methods {
            for (name, score) in scores {
                let head = vec![train.to_owned(), method.to_string(), name.to_owned()];
                let of_run = |run: &FinishedRun| score(run.map_scores(*method)?.1);
                rows.push([head, by_loss(runs, train, &of_run)?].concat());
            }
        }
    }
    Ok(Table {
        source: Source {
            file: "maps",
            keys: vec![("train", Key::Column(0)), ("method", Key::Column(1)), ("loss", Key::Heading)],
            first: 3,
        },
        name: "maps".into(),
        caption: "What maps look at, mean ± standard deviation over training seeds (n): the share of their mass in the contour band, the interior and the background over the share of the area (1: the map does not care); the share of maps whose largest value lies in the nodule; and the decision value, in spreads towards the decision made, while the most important pixels are taken away and put back.".into(),
        header: [texts(&["train", "method", "score"]), runs.study.losses.clone()].concat(),
        rows,
    })
}
