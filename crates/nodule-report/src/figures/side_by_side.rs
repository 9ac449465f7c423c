//! The landscapes of all networks of the study, for the page to put any two side by side: loss against loss,
//! seed against seed, one training distribution against another.

use nodule_eval::ReadOut;
use serde::Serialize;

use super::boundary;
use nodule_analysis::Runs;
use nodule_analysis::plane::display_order;

/// Seeds of one loss and distribution that have a landscape of their own here: a page must open quickly. The
/// mean is over all.
const MOST_SEEDS: usize = 5;

/// Every landscape.
#[derive(Debug, Serialize)]
pub(crate) struct Landscapes {
    /// Points along each side of the square.
    pub(crate) points: usize,
    /// Nodules that each decision is the mean of.
    pub(crate) nodules: usize,
    pub(crate) networks: Vec<Landscape>,
}

/// Of one network under one read-out, or the mean over seeds.
#[derive(Debug, Serialize)]
pub(crate) struct Landscape {
    pub(crate) train: String,
    pub(crate) loss: String,
    pub(crate) read_out: ReadOut,
    /// `mean`, or the seed's number.
    pub(crate) seed: String,
    /// Decisions in thousandths of a spread, in the order in which pictures show them.
    decisions: Vec<i64>,
}

/// None where the study has no landscapes.
pub(crate) fn landscapes(runs: &Runs) -> Option<Landscapes> {
    let study = runs.study;
    let first = runs.all.iter().flat_map(|run| &run.evaluation.read_outs);
    let first = first.map(|measured| &measured.decision_surface);
    let points = boundary::side(first.into_iter().find(|square| !square.is_empty())?);
    let mut networks = Vec::new();
    for train in study.train_names() {
        for loss in &study.losses {
            for read_out in &study.read_outs {
                let of = |seed: String, decisions: &[f64]| Landscape {
                    train: train.to_owned(),
                    loss: loss.clone(),
                    read_out: *read_out,
                    seed,
                    decisions: thousandths(decisions, points),
                };
                let squares = runs.group(train, loss).iter().filter_map(|run| {
                    let square = &run.read_out(*read_out)?.decision_surface;
                    let scores = square.iter().map(|point| point.score);
                    let is_whole = square.len() == points * points;
                    is_whole.then(|| (run.record.seed, scores.collect::<Vec<_>>()))
                });
                let squares: Vec<_> = squares.collect();
                if squares.is_empty() {
                    continue;
                }
                networks.push(of("mean".to_owned(), &mean(&squares)));
                let some = squares.iter().take(MOST_SEEDS);
                networks.extend(some.map(|(seed, square)| of(seed.to_string(), square)));
            }
        }
    }
    Some(Landscapes {
        points,
        nodules: study.samples.landscape,
        networks,
    })
}

fn mean(squares: &[(usize, Vec<f64>)]) -> Vec<f64> {
    let points = squares.first().map_or(0, |(_, square)| square.len());
    let of_point = |i: usize| squares.iter().map(|(_, square)| square[i]).sum::<f64>();
    (0..points)
        .map(|i| of_point(i) / squares.len() as f64)
        .collect()
}

fn thousandths(decisions: &[f64], points: usize) -> Vec<i64> {
    let shown = display_order(points).filter_map(|i| decisions.get(i));
    shown.map(|d| (1000.0 * d).round() as i64).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mean_is_over_seeds_and_is_shown_from_the_highest_texture() {
        let squares = [
            (0, vec![-1.0, 0.0, 1.0, 2.0]),
            (1, vec![-3.0, 0.5, 1.0, 2.0001]),
        ];
        assert_eq!(thousandths(&mean(&squares), 2), [250, 2000, -2000, 1000]);
    }
}
