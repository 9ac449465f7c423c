//! What do the runs of the study's own grid say? Claims, accuracy, reliance, maps, layers, timelines.

use nodule_study::records::Gallery;
use rayon::prelude::*;

use super::Section;
use crate::Error;
use crate::analysis::Runs;
use crate::analysis::verdicts::Verdict;
use crate::figures::{self, Figure};
use crate::tables::{self, Table};

/// Its figures and tables, and the files of every number of every run.
pub(super) fn section(
    runs: &Runs,
    verdicts: &[Verdict],
    gallery: &Gallery,
) -> Result<Section, Error> {
    let (drawn, (told, files)) = rayon::join(
        || drawn(runs, gallery),
        || {
            rayon::join(
                || told(runs, verdicts),
                || tables::per_run::files(&runs.all),
            )
        },
    );
    Ok(Section {
        figures: drawn?,
        tables: told?,
        files: [
            files?,
            vec![tables::verdicts::csv(verdicts)?, tables::states::csv(runs)?],
        ]
        .concat(),
        notes: tables::states::notes(runs),
        ..Section::default()
    })
}

/// One or more things that are made by themselves.
type Make<'a, T> = &'a (dyn Fn() -> Result<Vec<T>, Error> + Sync);

/// All of them in their order, made side by side.
fn made<T: Send>(all: &[Make<T>]) -> Result<Vec<T>, Error> {
    let parts = all.par_iter().map(|make| make());
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    Ok(parts.into_iter().flatten().collect())
}

/// All figures that the finished runs allow, and the example nodules.
fn drawn(runs: &Runs, gallery: &Gallery) -> Result<Vec<Figure>, Error> {
    let some = |figure: Option<Figure>| figure.into_iter().collect::<Vec<_>>();
    let examples = some(figures::nodules::figure(gallery)?);
    if runs.all.is_empty() {
        return Ok(examples);
    }
    let read_outs = &runs.study.read_outs;
    let landscapes = || {
        let all = read_outs.iter();
        all.filter_map(|r| figures::landscape::figure(runs, *r))
            .collect()
    };
    let accuracies = || {
        read_outs
            .par_iter()
            .map(|r| figures::accuracy::figure(runs, *r))
            .collect()
    };
    let all: [Make<Figure>; 10] = [
        &|| Ok(vec![figures::reliance::figure(runs)?]),
        &|| figures::prediction::figure(runs).map(some),
        &|| Ok(landscapes()),
        &|| figures::dose::figure(runs).map(some),
        &|| Ok(some(figures::maps::figure(runs))),
        &|| figures::decodability::figure(runs).map(some),
        &|| Ok(some(figures::embedding::figure(runs))),
        &|| figures::timeline::figure(runs).map(some),
        &accuracies,
        &|| {
            Ok(trained(runs)
                .then(|| figures::training::figure(runs))
                .into_iter()
                .collect())
        },
    ];
    Ok(examples.into_iter().chain(made(&all)?).collect())
}

/// Whether anything is known of how the runs were trained.
fn trained(runs: &Runs) -> bool {
    runs.all.iter().any(|run| !run.history.is_empty())
}

/// The tables: verdicts, states, accuracy in distribution, reliance, maps, layers, equal loss, and those of each
/// training distribution by itself.
fn told(runs: &Runs, verdicts: &[Verdict]) -> Result<Vec<Table>, Error> {
    let all: [Make<Table>; 8] = [
        &|| Ok(vec![tables::verdicts::table(verdicts)]),
        &|| Ok(vec![tables::states::table(runs)]),
        &|| Ok(vec![tables::summaries::validation(runs)?]),
        &|| Ok(vec![tables::summaries::reliance(runs)?]),
        &|| tables::maps::tables(runs),
        &|| tables::representation::tables(runs),
        &|| Ok(tables::equal_loss::table(runs)?.into_iter().collect()),
        &|| {
            let trains = runs
                .study
                .train
                .par_iter()
                .map(|train| of_train(runs, train));
            Ok(trains
                .collect::<Result<Vec<_>, _>>()?
                .into_iter()
                .flatten()
                .collect())
        },
    ];
    made(&all)
}

/// Of one training distribution.
fn of_train(runs: &Runs, train: &str) -> Result<Vec<Table>, Error> {
    let mut all = tables::summaries::of_tests(runs, train)?;
    if let Some(read_out) = runs.read_out() {
        all.push(tables::regret::table(runs, train, read_out)?);
        all.push(tables::threshold_cost::table(runs, train, read_out)?);
    }
    Ok(all)
}
