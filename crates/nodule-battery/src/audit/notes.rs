//! Notes about models whose predictions are probably not what their author thinks: constant scores, probabilities,
//! class labels, a wrong sign.

use nodule_eval::{Metric, ReadOut};
use nodule_study::records::FinishedRun;

use super::Model;

/// Returns remarks about a model that a reader needs before its numbers, one sentence each. `training` names the set
/// that classifiers on the embedding are fitted to, with its number of images.
pub(super) fn describe_model(
    model: &Model,
    run: &FinishedRun,
    training: Option<(String, usize)>,
) -> Vec<String> {
    let mut remarks = Vec::new();
    let read_outs = &run.evaluation.read_outs;
    if read_outs
        .iter()
        .any(|evaluation| evaluation.score_sd.is_constant())
    {
        remarks.push("a control, because it scores all validation images the same".to_owned());
    } else {
        let scores = model.predictions.scores.values().flatten().copied();
        let range = describe_range(scores).or_else(|| describe_classes(run));
        remarks.extend(range.map(str::to_owned));
        remarks.extend(describe_sign(run));
    }
    if model.predictions.limited > 0 {
        remarks.push(format!(
            "{} probabilities are 0 or 1 to the precision of their type, and their logits are limited: give the logits themselves, from before the sigmoid or softmax",
            model.predictions.limited
        ));
    }
    if let Some((set, n)) = training.filter(|_| model.predictions.scores.is_empty()) {
        remarks.push(format!(
            "embeddings alone: the decisions are those of classifiers fitted to its embeddings of the {n} images of {set}"
        ));
    }
    let name = format!("{} (seed {})", model.name, model.seed);
    remarks
        .into_iter()
        .map(|remark| format!("{name}: {remark}."))
        .collect()
}

/// Returns a remark if the range of the scores does not fit a threshold of 0.
fn describe_range(scores: impl Iterator<Item = f32> + Clone) -> Option<&'static str> {
    let (low, high) = scores
        .clone()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), score| {
            (low.min(score), high.max(score))
        });
    if low >= high {
        return None;
    }
    if scores.clone().all(|score| score == low || score == high) {
        Some(
            "the scores have only two values, like class labels: effects and AUROC need continuous scores",
        )
    } else if low >= 0.0 && high <= 1.0 {
        Some(
            "all scores lie between 0 and 1, like probabilities, but every score above 0 counts as abnormal: set outputs to \
             probability, or give log(p / (1 - p))",
        )
    } else if low >= 0.0 {
        Some(
            "no score is below 0, so every image with a score above 0 counts as abnormal: subtract the decision threshold \
             from the scores, or, of percentages, divide them by 100 and set outputs to probability",
        )
    } else if high <= 0.0 {
        Some(
            "no score is above 0, so all images count as normal: subtract the decision threshold from the scores, or give \
             log(p / (1 - p)) if they are logarithms of probabilities p",
        )
    } else {
        None
    }
}

/// Returns a remark if the model's own scores give all validation images one class.
fn describe_classes(run: &FinishedRun) -> Option<&'static str> {
    let validation = &run.read_out(ReadOut::Head)?.validation;
    let accuracy = [Metric::Sensitivity, Metric::Specificity].map(|m| validation.value(m));
    match accuracy {
        [Some(1.0), Some(0.0)] => Some(
            "all validation images count as abnormal: check the decision threshold, which must be subtracted from the scores",
        ),
        [Some(0.0), Some(1.0)] => Some(
            "all validation images count as normal: check the decision threshold, which must be subtracted from the scores",
        ),
        _ => None,
    }
}

/// Returns a remark if the model's own scores separate the classes the wrong way round.
fn describe_sign(run: &FinishedRun) -> Option<String> {
    let validation = &run.read_out(ReadOut::Head)?.validation;
    let auroc = validation
        .get(Metric::Auroc)
        .filter(|auroc| auroc.high < 0.5)?;
    Some(format!(
        "its AUROC on the validation images is {:.3}, below chance: larger scores must be more abnormal; check the sign \
         of the scores and the order of the classes",
        auroc.value
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_do_not_fit_the_threshold_are_described() {
        let describe = |scores: &[f32]| describe_range(scores.iter().copied());
        for (scores, words) in [
            (&[0.2, 0.9, 0.4][..], "probabilities"),
            (&[0.0, 1.0, 1.0], "two values"),
            (&[-1.0, 1.0, -1.0], "two values"),
            (&[-0.1, -2.0, -5.0], "logarithms"),
            (&[12.0, 80.0, 99.0], "threshold"),
        ] {
            let found = describe(scores).unwrap_or_default();
            assert!(found.contains(words), "{scores:?}: {found}");
        }
        assert_eq!(describe(&[-1.0, 0.5, 2.0]), None);
        assert_eq!(describe(&[3.0, 3.0]), None);
    }
}
