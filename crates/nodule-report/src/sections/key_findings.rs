//! Key findings: one sentence with numbers per topic.

use nodule_analysis::Ruling;
use nodule_analysis::Verdict;
use nodule_analysis::endpoints::{MODES, claimed_tests};
use nodule_analysis::map_faithfulness::{faithfulness, has_learnable_labels};
use nodule_analysis::power::{PairedSd, seeds_needed};
use nodule_analysis::{Runs, mean};
use nodule_eval::statistics::Interval;
use nodule_eval::{Metric, ReadOut};
use nodule_study::Study;
use nodule_study::claims::{Contrast, MIN_SEEDS, PairedDifference};
use nodule_study::records::{FinishedRun, LayerDecodability, MapScores};
use nodule_study::settings::ImageSet;
use nodule_study::text::format_number;
use nodule_synth::{Fold, Mode};

use super::audit;
use crate::Error;
use crate::endpoints::{accuracy_on, reliance_on};
use crate::text::{classifier_of, count_of, list, networks_of, with_interval};
use crate::topic::Topic;

/// Studies with more losses show only the smallest and the largest value.
const MOST_LOSSES: usize = 3;

/// A number of a run; `None` if the run does not have it.
type RunValue<'a> = &'a dyn Fn(&FinishedRun) -> Option<f64>;

/// Returns the findings from the runs of the study's own grid.
pub(super) fn grid_findings(runs: &Runs) -> Result<Vec<(Topic, String)>, Error> {
    let mut findings = vec![(Topic::Setup, setup(runs))];
    let focus = runs.focus();
    if let Some((train, read_out)) = focus.filter(|_| !runs.all.is_empty()) {
        let found = [
            (Topic::Reliance, reliance(runs, train, read_out)?),
            (
                Topic::Generalization,
                generalization(runs, train, read_out)?,
            ),
            (Topic::Embedding, embedding(runs, train)?),
            (Topic::SaliencyMaps, saliency_maps(runs)?),
            (
                Topic::QualityChecks,
                accuracy_in_distribution(runs, read_out)?,
            ),
        ];
        findings.extend(
            found
                .into_iter()
                .filter_map(|(topic, text)| Some((topic, text?))),
        );
    }
    Ok(findings)
}

/// Returns losses, training images, networks and tests.
fn setup(runs: &Runs) -> String {
    let study = runs.study;
    if runs.external {
        return audit::setup(runs);
    }
    let networks = study.losses.len() * study.train.len() * study.seeds;
    format!(
        "The study compares {} ({}) by the features that the same network architecture learns. {}: each loss is trained on {}, with {}. A training seed sets data, initial weights and batch order, which all losses share. Each network is tested on {}, and on {} pairs of nodules that differ only in shape or only in texture.",
        count_of(study.losses.len(), "loss"),
        list(&study.losses),
        count_of(networks, "network"),
        training_images(study),
        count_of(study.seeds, "training seed"),
        count_of(study.test.len(), "test distribution"),
        study.samples.pairs
    )
}

/// Returns number and source of the training images.
fn training_images(study: &Study) -> String {
    let (synthetic, imported): (Vec<_>, Vec<_>) = study
        .train
        .iter()
        .partition(|set| set.distribution().is_some());
    let names = |sets: &[&ImageSet]| {
        let names: Vec<_> = sets.iter().map(|set| format!("`{}`", set.name())).collect();
        list(&names)
    };
    let n = study.samples.train;
    let from_generator = match synthetic.len() {
        1 => format!("{n} images of the {} distribution", names(&synthetic)),
        _ => format!(
            "{n} images of each of the distributions {}",
            names(&synthetic)
        ),
    };
    let Fold { folds, fold, .. } = study.fold();
    let from_user = format!(
        "the images of {} outside of fold {fold} of {folds}, without a fifth of their groups, which is used for validation",
        names(&imported)
    );
    match (synthetic.is_empty(), imported.is_empty()) {
        (false, true) => from_generator,
        (true, _) => from_user,
        (false, false) => format!("{from_generator}, and on {from_user}"),
    }
}

/// Returns the number of claims by verdict.
pub(super) fn verdict_counts(runs: &Runs, verdicts: &[Verdict]) -> String {
    let study = runs.study;
    let listed = Ruling::list_occurring(verdicts.iter().map(|v| v.ruling));
    let counts = listed.map(|ruling| {
        let n = verdicts.iter().filter(|v| v.ruling == ruling).count();
        let verb = if n == 1 { "is" } else { "are" };
        format!("{n} {verb} {ruling}")
    });
    let counts: Vec<_> = counts.collect();
    let extent = [
        count_of(study.losses.len(), "loss"),
        count_of(study.train.len(), "training distribution"),
        count_of(study.seeds, "training seed"),
    ];
    if runs.external {
        return audit::verdict_counts(study, verdicts.len(), &counts);
    }
    let note = match study.seeds < MIN_SEEDS {
        true => format!("; fewer than {MIN_SEEDS} seeds allow no decision"),
        false => String::new(),
    };
    let extent = format!("{}{note}", list(&extent));
    match verdicts.len() {
        0 => format!("The study declares no claims ({extent})."),
        n => format!(
            "Of {} declared before the runs, {} ({extent}).",
            count_of(n, "claim"),
            list(&counts)
        ),
    }
}

/// Returns a number with its interval for each loss, or for the losses with the smallest and the largest one.
fn by_loss(runs: &Runs, train: &str, value: RunValue) -> Result<Option<String>, Error> {
    let mut means = Vec::new();
    for loss in &runs.study.losses {
        let values = runs.group(train, loss).iter().filter_map(|run| value(run));
        let mean = runs.mean(&values.collect::<Vec<_>>())?;
        means.extend(mean.map(|mean| {
            (
                mean.mean,
                format!("{loss} {}", with_interval(mean.mean, mean.interval)),
            )
        }));
    }
    if means.len() <= MOST_LOSSES {
        let texts: Vec<_> = means.iter().map(|(_, text)| text).collect();
        return Ok((!texts.is_empty()).then(|| list(&texts)));
    }
    means.sort_by(|a, b| a.0.total_cmp(&b.0));
    let ends = means.first().zip(means.last());
    Ok(ends.map(|((_, least), (_, most))| format!("from {least} to {most}")))
}

/// Returns a sentence on the brackets.
fn interval_note(runs: &Runs) -> &'static str {
    match runs.study.seeds {
        1 if runs.external => " The tables have intervals over pairs and images.",
        _ if runs.external => " Brackets: 95% intervals over the seeds of a model.",
        1 => " One seed gives no interval.",
        _ => " Brackets: 95% intervals over training seeds.",
    }
}

fn reliance(runs: &Runs, train: &str, read_out: ReadOut) -> Result<Option<String>, Error> {
    let mut parts = Vec::new();
    for mode in MODES {
        let endpoint = reliance_on(mode);
        let losses = by_loss(runs, train, &|run| endpoint.value(run, read_out))?;
        parts.extend(losses.map(|losses| format!("on {mode} {losses}")));
    }
    let nuisance = larger_nuisance(runs, train, read_out)?.unwrap_or_default();
    Ok((!parts.is_empty()).then(|| {
        format!(
            "Reliance of {}, {}, in SD units: {}.{nuisance}{}",
            networks_of(runs, train),
            classifier_of(runs, read_out),
            parts.join("; "),
            interval_note(runs)
        )
    }))
}

/// Returns a sentence on the nuisance with the largest effect, if it is larger than those of shape and texture.
fn larger_nuisance(runs: &Runs, train: &str, read_out: ReadOut) -> Result<Option<String>, Error> {
    let effect = |mode: Mode| move |run: &FinishedRun| reliance_on(mode).value(run, read_out);
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
    let is_larger = |mode: &Mode| MODES.iter().all(|own| size(*mode) > size(*own));
    let Some(mode) = largest.filter(is_larger) else {
        return Ok(None);
    };
    let losses = by_loss(runs, train, &effect(mode))?;
    Ok(losses.map(|losses| {
        format!(" A nuisance has a larger effect than either: reliance on {mode} is {losses}.")
    }))
}

fn generalization(runs: &Runs, train: &str, read_out: ReadOut) -> Result<Option<String>, Error> {
    let validation = |run: &FinishedRun| run.read_out(read_out)?.validation.value(Metric::Accuracy);
    let Some(in_distribution) = by_loss(runs, train, &validation)? else {
        return Ok(None);
    };
    let mut parts = vec![match runs.external {
        true => format!("on validation images {in_distribution}"),
        false => format!("in distribution {in_distribution}"),
    }];
    for test in claimed_tests(runs) {
        let endpoint = accuracy_on(&test);
        let losses = by_loss(runs, train, &|run| endpoint.value(run, read_out))?;
        parts.extend(losses.map(|losses| format!("on `{test}` {losses}")));
    }
    Ok(Some(format!(
        "Accuracy of {}, {}: {}.{}",
        networks_of(runs, train),
        classifier_of(runs, read_out),
        parts.join("; "),
        interval_note(runs)
    )))
}

fn embedding(runs: &Runs, train: &str) -> Result<Option<String>, Error> {
    type LayerValue = fn(&LayerDecodability) -> Option<f64>;
    let last_layer = |value: LayerValue| {
        move |run: &FinishedRun| value(run.evaluation.representation.as_ref()?.layers.last()?)
    };
    let mean = |value: LayerValue| {
        let all: Vec<f64> = runs
            .trained_on(train)
            .filter_map(last_layer(value))
            .collect();
        (!all.is_empty()).then(|| format_number(mean(&all)))
    };
    let shape = by_loss(runs, train, &last_layer(|l| l.shape))?;
    let texture = by_loss(runs, train, &last_layer(|l| l.texture))?;
    let untrained = mean(|l| l.untrained_shape).zip(mean(|l| l.untrained_texture));
    let found = shape.zip(texture);
    if runs.external {
        return Ok(found.map(|(shape, texture)| {
            format!(
                "AUROC of a linear probe of the embedding: for shape {shape}; for texture {texture}."

            )
        }));
    }
    Ok(found.zip(untrained).map(|((shape, texture), (untrained_shape, untrained_texture))| {
        format!(
            "AUROC of a linear probe of the embedding, trained on the `{train}` distribution: for shape {shape} (untrained {untrained_shape}); for texture {texture} (untrained {untrained_texture}).{}",
            interval_note(runs)
        )
    }))
}

/// Returns how well the methods rank the networks of each training distribution. Networks of several distributions
/// are not pooled: maps and reliance both differ between distributions, so a pooled correlation is high even if no
/// method ranks the networks of any of them.
fn saliency_maps(runs: &Runs) -> Result<Option<String>, Error> {
    let methods = runs.methods();
    let mut parts = Vec::new();
    for train in runs.study.train_names() {
        parts.extend(rank_methods(runs, &methods, train)?);
    }
    let note = match (runs.study.seeds, runs.external) {
        (1, false) => interval_note(runs),
        (1, true) => " Models of one seed give no interval.",
        _ => "",
    };
    let (networks, seeds) = match runs.external {
        true => ("models of one reference set", "seeds"),
        false => ("networks of one training distribution", "training seeds"),
    };
    Ok((!parts.is_empty()).then(|| {
        format!(
            "Saliency methods, of {}, that rank the {networks} by their reliance on shape better than chance (95% interval of Spearman's rank correlation over {seeds} above 0): {}.{note}",
            methods.len(),
            parts.join("; ")
        )
    }))
}

/// Returns the number of methods that rank the networks of `train` better than chance, with the best and the worst
/// method; `None` for a control and without correlations.
fn rank_methods(runs: &Runs, methods: &[&MapScores], train: &str) -> Result<Option<String>, Error> {
    let is_included = |run: &FinishedRun| run.record.train == train && has_learnable_labels(run);
    let mut ranked = Vec::new();
    for scores in methods {
        let found = faithfulness(runs, scores, is_included)?;
        let correlation = found.correlation;
        ranked.extend(correlation.map(|correlation| (scores.method, found.interval, correlation)));
    }
    ranked.sort_by(|a, b| b.2.total_cmp(&a.2));
    let is_above_chance =
        |(_, interval, _): &&(_, Option<Interval>, _)| interval.is_some_and(|i| i.low > 0.0);
    let n = ranked.iter().filter(is_above_chance).count();
    let text = |(method, interval, correlation): &(_, Option<Interval>, f64)| {
        format!("{method} {}", with_interval(*correlation, *interval))
    };
    Ok(ranked.first().zip(ranked.last()).map(|(best, worst)| {
        format!(
            "{n} on `{train}` (best: {}; worst: {})",
            text(best),
            text(worst)
        )
    }))
}

fn accuracy_in_distribution(runs: &Runs, read_out: ReadOut) -> Result<Option<String>, Error> {
    let validation = |run: &FinishedRun| run.read_out(read_out)?.validation.value(Metric::Accuracy);
    let mut parts = Vec::new();
    for train in runs.study.train_names() {
        let control = match runs.is_control(train) {
            true => " (a control: 0.5 is expected)",
            false => "",
        };
        let losses = by_loss(runs, train, &validation)?;
        parts.extend(losses.map(|losses| format!("on `{train}`{control} {losses}")));
    }
    Ok((!parts.is_empty()).then(|| {
        format!(
            "{}, {}: {}.{}",
            match runs.external {
                true => "Accuracy on the validation images of the reference set",
                false => "Accuracy in distribution",
            },
            classifier_of(runs, read_out),
            parts.join("; "),
            interval_note(runs)
        )
    }))
}

/// Returns the number of seeds that each paired claim needs, from the SD of its difference over the finished seeds.
pub(super) fn power_finding(
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
        let is_claimed = |pair: &&PairedSd| {
            pair.train == claim.train && pair.losses == losses && pair.measure == endpoint.title()
        };
        let has_classifier = a.read_out == read_out && b.read_out == read_out;
        let Some(pair) = pairs.iter().find(is_claimed).filter(|_| has_classifier) else {
            continue;
        };
        let sd = format_number(pair.sd);
        needs.push(match seeds_needed(claim.smallest_effect, pair.sd)? {
            // No claim can be supported with fewer seeds, however large the difference.
            Some(n) => format!(
                "{} {} (SD {sd} over {})",
                claim.id,
                n.max(MIN_SEEDS),
                count_of(pair.n, "seed")
            ),
            None => format!("{} more than is practical (SD {sd})", claim.id),
        });
    }
    Ok((!needs.is_empty()).then(|| {
        format!(
            "Training seeds needed to detect the smallest effect size of interest with power 0.8: {}. This study has {}.",
            needs.join(", "),
            study.seeds
        )
    }))
}
