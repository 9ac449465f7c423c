//! The answer to each question, in a sentence of numbers.

use nodule_eval::statistics::Interval;
use nodule_eval::{Metric, ReadOut};
use nodule_study::Study;
use nodule_study::claims::{
    Contrast, Effect, EndpointKind, MIN_SEEDS, PairedDifference, TestMetric,
};
use nodule_study::records::{FinishedRun, LayerDecodability};
use nodule_study::settings::ImageSet;
use nodule_study::text::format_number;
use nodule_synth::{Fold, Mode};

use super::Topic;
use crate::Error;
use nodule_analysis::Ruling;
use nodule_analysis::Verdict;
use nodule_analysis::endpoints::{MODES, claimed_tests};
use nodule_analysis::map_faithfulness::{Faithfulness, faithfulness, has_learnable_labels};
use nodule_analysis::multiverse::ClaimShares;
use nodule_analysis::power::{PairedSd, seeds_needed};
use nodule_analysis::{Runs, mean};

/// More losses than this are told by the least and the greatest of them.
const MOST_LOSSES: usize = 3;

/// What the runs of the study's own grid answer.
pub(super) fn of_grid(runs: &Runs) -> Result<Vec<(Topic, String)>, Error> {
    let mut answers = vec![(Topic::Asked, asked(runs.study))];
    let focus = runs.focus();
    if let Some((train, read_out)) = focus.filter(|_| !runs.all.is_empty()) {
        let found = [
            (Topic::Reliance, reliance(runs, train, read_out)?),
            (Topic::Elsewhere, elsewhere(runs, train, read_out)?),
            (Topic::Embedding, embedding(runs, train)?),
            (Topic::Maps, maps(runs)?),
            (Topic::Trust, trust(runs, read_out)?),
        ];
        let found = found.into_iter();
        answers.extend(found.filter_map(|(topic, text)| Some((topic, text?))));
    }
    Ok(answers)
}

/// How many images of what.
fn trained_on(study: &Study) -> String {
    let (drawn, given): (Vec<_>, Vec<_>) =
        study.train.iter().partition(|set| set.drawn().is_some());
    let names = |sets: &[&ImageSet]| {
        let names: Vec<_> = sets.iter().map(|set| format!("`{}`", set.name())).collect();
        names.join(", ")
    };
    let of_each = format!(
        "{} images of each of {}",
        study.samples.train,
        names(&drawn)
    );
    let Fold { folds, fold } = study.fold();
    let own = format!(
        "the images of {} outside fold {fold} of {folds}, less a fifth of their groups, which validates",
        names(&given)
    );
    match (drawn.is_empty(), given.is_empty()) {
        (false, true) => of_each,
        (true, _) => own,
        (false, false) => format!("{of_each}, and on {own}"),
    }
}

/// Which losses, on what, how often.
fn asked(study: &Study) -> String {
    let losses = study.losses.join(", ");
    let networks = study.losses.len() * study.train.len() * study.seeds;
    format!(
        "Do losses ({losses}) make the same network rely on different features? {networks} networks: each loss on {}, {} times with new data, weights and order that all losses share; each is tested on {} distributions and by changing shape or texture of {} nodules alone.",
        trained_on(study),
        study.seeds,
        study.test.len(),
        study.samples.pairs
    )
}

/// How many claims became what.
pub(super) fn judged(study: &Study, verdicts: &[Verdict]) -> String {
    let counted = Ruling::ALL.map(|ruling| {
        let n = verdicts.iter().filter(|v| v.ruling == ruling).count();
        format!("{n} {ruling}")
    });
    let (claims, seeds) = (verdicts.len(), study.seeds);
    let plural = |n: usize| if n == 1 { "" } else { "s" };
    let few = match seeds < MIN_SEEDS {
        true => format!("; fewer than {MIN_SEEDS} seeds decide nothing"),
        false => String::new(),
    };
    let over = format!(
        "{} losses, {} training distribution{} and {seeds} seed{}{few}",
        study.losses.len(),
        study.train.len(),
        plural(study.train.len()),
        plural(seeds)
    );
    match claims {
        0 => format!("The study declares no claims; it has {over}."),
        _ => format!(
            "Of {claims} claim{} declared before the runs, {} ({over}).",
            plural(claims),
            counted.join(", ")
        ),
    }
}

type OfRun<'a> = &'a dyn Fn(&FinishedRun) -> Option<f64>;

/// A number of each loss with its interval over seeds: all losses, or the least and the greatest.
fn by_loss(runs: &Runs, train: &str, of: OfRun) -> Result<Option<String>, Error> {
    let mut found = Vec::new();
    for loss in &runs.study.losses {
        let values = runs.group(train, loss).iter().filter_map(|run| of(run));
        let mean = runs.mean(&values.collect::<Vec<_>>())?;
        found.extend(mean.map(|mean| (loss, mean.mean, mean.interval)));
    }
    let text = |(loss, mean, interval): &(&String, f64, Option<Interval>)| {
        format!("{loss} {}", with_interval(*mean, *interval))
    };
    if found.len() <= MOST_LOSSES {
        let all: Vec<_> = found.iter().map(text).collect();
        return Ok((!all.is_empty()).then(|| all.join(", ")));
    }
    found.sort_by(|a, b| a.1.total_cmp(&b.1));
    let ends = found.first().zip(found.last());
    Ok(ends.map(|(least, most)| format!("from {} to {}", text(least), text(most))))
}

/// `0.512 [0.500, 0.530]`.
fn with_interval(value: f64, interval: Option<Interval>) -> String {
    let ends = interval.map(|i| format!(" [{}, {}]", format_number(i.low), format_number(i.high)));
    format!("{}{}", format_number(value), ends.unwrap_or_default())
}

/// What the brackets are.
fn brackets(runs: &Runs) -> String {
    match runs.study.seeds {
        1 => " One seed has no interval.".to_owned(),
        _ => " In brackets: 95% intervals over seeds.".to_owned(),
    }
}

fn reliance(runs: &Runs, train: &str, read_out: ReadOut) -> Result<Option<String>, Error> {
    let mut modes = Vec::new();
    for mode in MODES {
        let endpoint = Effect { mode };
        let losses = by_loss(runs, train, &|run| endpoint.value(run, read_out))?;
        modes.extend(losses.map(|losses| format!("with {mode} by {losses}")));
    }
    let more = shortcut(runs, train, read_out)?.unwrap_or_default();
    Ok((!modes.is_empty()).then(|| {
        format!(
            "Trained on `{train}` and read out by {read_out}, the decision moves {} spreads.{more}{}",
            modes.join("; "),
            brackets(runs)
        )
    }))
}

/// What moves decisions of some loss more than shape and texture move those of any, where anything does: a clue
/// that nobody asked about.
fn shortcut(runs: &Runs, train: &str, read_out: ReadOut) -> Result<Option<String>, Error> {
    let effect = |mode: Mode| move |run: &FinishedRun| Effect { mode }.value(run, read_out);
    let size = |mode: Mode| {
        let means = runs.study.losses.iter().filter_map(|loss| {
            let values: Vec<_> = runs
                .group(train, loss)
                .iter()
                .filter_map(|run| effect(mode)(run))
                .collect();
            (!values.is_empty()).then(|| mean(&values).abs())
        });
        means.fold(0.0, f64::max)
    };
    let largest = Mode::ALL
        .into_iter()
        .max_by(|a, b| size(*a).total_cmp(&size(*b)));
    let more = |mode: &Mode| MODES.iter().all(|own| size(*mode) > size(*own));
    let Some(mode) = largest.filter(more) else {
        return Ok(None);
    };
    let losses = by_loss(runs, train, &effect(mode))?;
    Ok(losses.map(|losses| format!(" More than by either it is moved by {mode}: {losses}.")))
}

fn elsewhere(runs: &Runs, train: &str, read_out: ReadOut) -> Result<Option<String>, Error> {
    let validated = |run: &FinishedRun| run.read_out(read_out)?.validation.value(Metric::Accuracy);
    let Some(before) = by_loss(runs, train, &validated)? else {
        return Ok(None);
    };
    let mut tests = vec![format!("{before} in distribution")];
    for test in claimed_tests(runs) {
        let endpoint = TestMetric {
            metric: Metric::Accuracy,
            test: test.clone(),
        };
        let losses = by_loss(runs, train, &|run| endpoint.value(run, read_out))?;
        tests.extend(losses.map(|losses| format!("{losses} on `{test}`")));
    }
    Ok(Some(format!(
        "Trained on `{train}` and read out by {read_out}, accuracy is {}.{}",
        tests.join("; "),
        brackets(runs)
    )))
}

fn embedding(runs: &Runs, train: &str) -> Result<Option<String>, Error> {
    type OfLayer = fn(&LayerDecodability) -> Option<f64>;
    let last = |of: OfLayer| {
        move |run: &FinishedRun| of(run.evaluation.representation.as_ref()?.layers.last()?)
    };
    let before = |of: OfLayer| -> Option<String> {
        let all: Vec<f64> = runs.trained_on(train).filter_map(last(of)).collect();
        (!all.is_empty()).then(|| format_number(mean(&all)))
    };
    let shape = by_loss(runs, train, &last(|l| l.shape))?;
    let texture = by_loss(runs, train, &last(|l| l.texture))?;
    let untrained = before(|l| l.untrained_shape).zip(before(|l| l.untrained_texture));
    let found = shape.zip(texture).zip(untrained);
    Ok(found.map(|((shape, texture), (shape_before, texture_before))| {
        format!(
            "Trained on `{train}`, a linear map reads shape from the embedding with an AUROC of {shape} (untrained {shape_before}), and texture with {texture} (untrained {texture_before}).{}",
            brackets(runs)
        )
    }))
}

fn maps(runs: &Runs) -> Result<Option<String>, Error> {
    let methods = runs.methods().into_iter();
    let found = methods.map(|scores| {
        Ok((
            scores.method,
            faithfulness(runs, scores, has_learnable_labels)?,
        ))
    });
    let found = found.collect::<Result<Vec<_>, Error>>()?;
    let mut ranked: Vec<_> = found
        .iter()
        .filter_map(|(method, truth)| Some((method, truth, truth.correlation?)))
        .collect();
    ranked.sort_by(|a, b| b.2.total_cmp(&a.2));
    let Some((first, last)) = ranked.first().zip(ranked.last()) else {
        return Ok(None);
    };
    let above = |truth: &Faithfulness| truth.interval.is_some_and(|i| i.low > 0.0);
    let right = ranked.iter().filter(|(_, truth, _)| above(truth)).count();
    let text = |(method, truth, correlation): &(_, &Faithfulness, f64)| {
        format!("{method} {}", with_interval(*correlation, truth.interval))
    };
    let single = match runs.study.seeds {
        1 => ", one seed having no interval",
        _ => "",
    };
    Ok(Some(format!(
        "Of {} methods, {right} rank networks by their reliance on shape better than chance (rank correlation whose 95% interval over seeds lies above 0{single}): best is {}, last {}.",
        found.len(),
        text(first),
        text(last)
    )))
}

/// Whether losses are equally good in distribution, and how controls do.
fn trust(runs: &Runs, read_out: ReadOut) -> Result<Option<String>, Error> {
    let validated = |run: &FinishedRun| run.read_out(read_out)?.validation.value(Metric::Accuracy);
    let mut parts = Vec::new();
    for train in runs.study.train_names() {
        let control = match runs.is_control(train) {
            true => " (a control: 0.5 is expected)",
            false => "",
        };
        let losses = by_loss(runs, train, &validated)?;
        parts.extend(losses.map(|losses| format!("on `{train}`{control} {losses}")));
    }
    Ok((!parts.is_empty()).then(|| {
        format!(
            "Accuracy in distribution, read out by {read_out}: {}.{}",
            parts.join("; "),
            brackets(runs)
        )
    }))
}

/// Seeds that each paired claim needs, from how its difference varies over the seeds that are there.
pub(super) fn of_power(
    study: &Study,
    pairs: &[PairedSd],
    read_out: ReadOut,
) -> Result<Option<String>, Error> {
    let mut needs = Vec::new();
    for claim in &study.hypotheses {
        let Contrast::PairedDifference(PairedDifference { endpoint, a, b }) = &claim.contrast
        else {
            continue;
        };
        let losses = format!("{}, {}", a.loss, b.loss);
        let same = |pair: &&PairedSd| {
            pair.train == claim.train && pair.losses == losses && pair.measure == endpoint.title()
        };
        let is_read_so = a.read_out == read_out && b.read_out == read_out;
        let Some(pair) = pairs.iter().find(same).filter(|_| is_read_so) else {
            continue;
        };
        let sd = format_number(pair.sd);
        needs.push(match seeds_needed(claim.smallest_effect, pair.sd)? {
            // Fewer support no claim, however clear the difference.
            Some(n) => format!(
                "{} {} (SD over {} seeds {sd})",
                claim.id,
                n.max(MIN_SEEDS),
                pair.n
            ),
            None => format!("{} more than anyone trains (SD {sd})", claim.id),
        });
    }
    Ok((!needs.is_empty()).then(|| {
        format!(
            "To see its smallest effect of interest in 80 of 100 studies, a claim needs so many seeds: {}; this study has {}.",
            needs.join(", "),
            study.seeds
        )
    }))
}

/// How many verdicts hold whatever we choose.
pub(super) fn of_multiverse(shares: &[ClaimShares]) -> String {
    let same = |share: &ClaimShares| {
        let declared = share.declared?;
        let place = Ruling::ALL.iter().position(|ruling| *ruling == declared)?;
        Some(format!(
            "{} {} of {}",
            share.claim.id, share.counts[place], share.settings
        ))
    };
    let kept: Vec<_> = shares.iter().filter_map(same).collect();
    match kept.as_slice() {
        [] => "No claim can be judged in the setting in which it was declared yet.".to_owned(),
        _ => format!(
            "Judged again with one of our choices changed and under every shared read-out, a claim keeps its verdict in so many settings: {}.",
            kept.join(", ")
        ),
    }
}
