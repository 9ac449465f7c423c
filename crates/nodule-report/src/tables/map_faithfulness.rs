//! Faithfulness of saliency maps, and their scores by method.

use nodule_analysis::Runs;
use nodule_analysis::map_faithfulness::{faithfulness, has_learnable_labels};
use nodule_study::records::{FinishedRun, MapScores};
use rayon::prelude::*;

use super::formatting::{
    MISSING, interval_and_n, mean_sd_by_loss, mean_sd_note, strings, with_losses,
};
use super::{Source, Table};
use crate::Error;
use crate::figures::train_titles;
use crate::text::training_set;

/// Returns two tables: faithfulness and scores of each method; none if the study makes no maps.
pub(crate) fn tables(runs: &Runs) -> Result<Vec<Table>, Error> {
    let methods = runs.methods();
    match methods.is_empty() {
        true => Ok(Vec::new()),
        false => Ok(vec![
            faithfulness_table(runs, &methods)?,
            scores(runs, &methods)?,
        ]),
    }
}

fn faithfulness_table(runs: &Runs, methods: &[&MapScores]) -> Result<Table, Error> {
    let cell = |scores: &MapScores, is_included: &dyn Fn(&FinishedRun) -> bool| {
        let found = faithfulness(runs, scores, is_included)?;
        let correlation = found.correlation;
        let text = correlation.map(|c| interval_and_n(c, found.interval, found.n));
        Ok::<_, Error>(text.unwrap_or_else(|| MISSING.to_owned()))
    };
    let has_controls = !runs.all.iter().all(|run| has_learnable_labels(run));
    let row = |scores: &&MapScores| {
        let mut cells = vec![scores.method.to_string(), cell(scores, &|_| true)?];
        if has_controls {
            cells.push(cell(scores, &has_learnable_labels)?);
        }
        for train in runs.study.train_names() {
            cells.push(cell(scores, &|run| run.record.train == *train)?);
        }
        Ok(cells)
    };
    let first: &[&str] = match has_controls {
        true => &["method", "all runs", "all but controls"],
        false if runs.external => &["method", "all models"],
        false => &["method", "all runs"],
    };
    let trains = train_titles(runs);
    let rows = methods.par_iter().map(row);
    let (many, one, seeds) = match runs.external {
        true => ("models", "model", "seeds"),
        false => ("runs", "network", "training seeds"),
    };
    Ok(Table {
        name: "maps-truth".into(),
        caption: format!(
            "Faithfulness of saliency methods. Spearman's rank correlation over {many} of the contour preference of the maps (relevance mass on the contour against the interior) with the counterfactual reliance on shape of the same {one} and classifier, with its 95% bootstrap interval over {seeds} (n {many}). 1: the maps rank {one}s as their reliance does.",
        ),
        header: [strings(first), trains].concat(),
        rows: rows.collect::<Result<_, Error>>()?,
        source: Source::whole("maps"),
    })
}

/// Name and value of a score.
type Score = (&'static str, fn(&MapScores) -> Option<f64>);

const SCORES: [Score; 6] = [
    ("contour", |m| m.contour),
    ("interior", |m| m.interior),
    ("background", |m| m.background),
    ("pointing", |m| m.pointing_game),
    ("deletion", |m| m.deletion),
    ("insertion", |m| m.insertion),
];

fn scores(runs: &Runs, methods: &[&MapScores]) -> Result<Table, Error> {
    let mut rows = Vec::new();
    for train in runs.study.train_names() {
        for MapScores { method, .. } in methods {
            for (name, score) in SCORES {
                let value = |run: &FinishedRun| score(run.map_scores(*method)?.1);
                let head = vec![train.to_owned(), method.to_string(), name.to_owned()];
                rows.push([head, mean_sd_by_loss(runs, train, &value)?].concat());
            }
        }
    }
    Ok(Table {
        name: "maps".into(),
        caption: format!(
            "Scores of saliency maps. Contour, interior, background: relevance mass of the region, as share of the mass over share of the area (1: no preference). Pointing: share of maps whose maximum lies in the nodule (pointing game).{} {}",
            match runs.external {
                true => "",
                false =>
                    " Deletion, insertion: mean decision score in SD units, in the direction of the predicted class, while the most relevant pixels are removed or restored.",
            },
            mean_sd_note(runs)
        ),
        header: with_losses(&[training_set(runs), "method", "score"], runs.study),
        rows,
        source: Source::new("maps", &["train", "method", "loss"]),
    })
}
