//! What do the runs of the study's own grid say? Claims, accuracy, reliance, maps, layers, timelines.

use nodule_study::records::Gallery;
use rayon::prelude::*;

use super::{Section, Topic, answers};
use crate::Error;
use crate::figures::{self, Figure};
use crate::tables::{self, Table};
use nodule_analysis::Runs;
use nodule_analysis::Verdict;

/// Its figures and tables, and the files of every number of every run.
pub(super) fn section(
    runs: &Runs,
    verdicts: &[Verdict],
    gallery: &Gallery,
) -> Result<Section, Error> {
    let (drawn, (told, (files, answers))) = rayon::join(
        || drawn(runs, gallery),
        || {
            rayon::join(
                || told(runs, verdicts),
                || {
                    rayon::join(
                        || tables::per_run::files(&runs.all),
                        || answers::of_grid(runs),
                    )
                },
            )
        },
    );
    Ok(Section {
        result: figures::result::figure(runs)?,
        landscapes: figures::side_by_side::landscapes(runs),
        figures: drawn?,
        answers: answers?,
        judged: answers::judged(runs.study, verdicts),
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

/// One or more things that are made by themselves, and the question that they help to answer.
type Make<'a, T> = (Topic, &'a (dyn Fn() -> Result<Vec<T>, Error> + Sync));

/// All of them in their order, made side by side.
fn made<T: Send>(all: &[Make<T>]) -> Result<Vec<(Topic, T)>, Error> {
    let parts = all.par_iter().map(|(topic, make)| {
        let parts = make()?.into_iter();
        Ok::<_, Error>(parts.map(|part| (*topic, part)).collect::<Vec<_>>())
    });
    let parts = parts.collect::<Result<Vec<_>, _>>()?;
    Ok(parts.into_iter().flatten().collect())
}

/// All figures that the finished runs allow, and the example nodules. The first of a question shows its
/// answer.
fn drawn(runs: &Runs, gallery: &Gallery) -> Result<Vec<(Topic, Figure)>, Error> {
    let some = |figure: Option<Figure>| figure.into_iter().collect::<Vec<_>>();
    let examples = figures::nodules::figure(gallery)?;
    let examples: Vec<_> = examples.map(|f| (Topic::Asked, f)).into_iter().collect();
    if runs.all.is_empty() {
        return Ok(examples);
    }
    // The read-out that all losses have goes first.
    let mut read_outs = runs.study.read_outs.clone();
    read_outs.sort_by_key(|read_out| Some(*read_out) != runs.main_read_out());
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
    let all: [Make<Figure>; 11] = [
        (Topic::Reliance, &|| {
            Ok(vec![figures::reliance::figure(runs)?])
        }),
        (Topic::Reliance, &|| Ok(landscapes())),
        (Topic::Reliance, &|| figures::dose::figure(runs).map(some)),
        (Topic::Elsewhere, &accuracies),
        (Topic::Elsewhere, &|| {
            figures::prediction::figure(runs).map(some)
        }),
        (Topic::Embedding, &|| {
            figures::decodability::figure(runs).map(some)
        }),
        (Topic::Embedding, &|| figures::costs::figure(runs).map(some)),
        (Topic::Embedding, &|| {
            Ok(some(figures::embedding::figure(runs)))
        }),
        (Topic::Maps, &|| Ok(some(figures::maps::figure(runs)))),
        (Topic::Depends, &|| {
            figures::timeline::figure(runs).map(some)
        }),
        (Topic::Trust, &|| {
            let known = trained(runs).then(|| figures::training::figure(runs));
            Ok(known.into_iter().collect())
        }),
    ];
    Ok(examples.into_iter().chain(made(&all)?).collect())
}

/// Whether anything is known of how the runs were trained.
fn trained(runs: &Runs) -> bool {
    runs.all.iter().any(|run| !run.history.is_empty())
}

/// The tables: verdicts, states, accuracy in distribution, reliance, maps, layers, equal loss, and those of each
/// training distribution by itself.
fn told(runs: &Runs, verdicts: &[Verdict]) -> Result<Vec<(Topic, Table)>, Error> {
    let all: [Make<Table>; 8] = [
        (Topic::Asked, &|| {
            Ok(vec![tables::verdicts::table(verdicts)])
        }),
        (Topic::Trust, &|| Ok(vec![tables::states::table(runs)])),
        (Topic::Trust, &|| {
            Ok(vec![tables::summaries::validation(runs)?])
        }),
        (Topic::Reliance, &|| {
            Ok(vec![tables::summaries::reliance(runs)?])
        }),
        (Topic::Maps, &|| tables::maps::tables(runs)),
        (Topic::Embedding, &|| tables::representation::tables(runs)),
        (Topic::Depends, &|| {
            Ok(tables::equal_loss::table(runs)?.into_iter().collect())
        }),
        (Topic::Elsewhere, &|| {
            let trains = runs.study.train.par_iter();
            let trains = trains.map(|train| of_train(runs, train.name()));
            let trains = trains.collect::<Result<Vec<_>, _>>()?;
            Ok(trains.into_iter().flatten().collect())
        }),
    ];
    made(&all)
}

/// Of one training distribution.
fn of_train(runs: &Runs, train: &str) -> Result<Vec<Table>, Error> {
    let mut all = tables::summaries::of_tests(runs, train)?;
    if let Some(read_out) = runs.main_read_out() {
        all.push(tables::regret::table(runs, train, read_out)?);
        all.push(tables::threshold_cost::table(runs, train, read_out)?);
    }
    Ok(all)
}
