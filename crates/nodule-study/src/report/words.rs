//! The report's sentences.

use crate::hypotheses::{FEWEST_PAIRS, Ruling, Verdict};
use crate::record::FinishedRun;
use crate::settings::Study;

pub(crate) fn title(study: &Study) -> String {
    format!(
        "What the loss makes a network learn: study “{}”",
        study.name
    )
}

/// How much of the study the report is about.
pub(crate) fn completeness(study: &Study, runs: &[FinishedRun]) -> String {
    let planned = study.train.len() * study.losses.len() * study.seeds;
    if runs.len() == planned {
        format!("All {planned} runs are finished.")
    } else {
        format!(
            "Only {} of {planned} runs are finished: everything below is about those, and may change.",
            runs.len()
        )
    }
}

/// A verdict as a sentence.
pub(crate) fn sentence(v: &Verdict) -> String {
    let ruling = match v.ruling {
        Ruling::Supported => "Supported",
        Ruling::NotSupported => "Not supported",
        Ruling::Inconclusive => "Inconclusive",
    };
    match (v.effect, v.interval, v.p_holm) {
        (Some(effect), Some(i), Some(p)) => format!(
            "{ruling} ({}): {} Effect {effect:.3}, 95% interval {:.3} to {:.3} over {} seeds, corrected p {p:.4}.",
            v.id, v.claim, i.low, i.high, v.n
        ),
        _ => format!(
            "{ruling} ({}): {} Too few finished runs to say anything.",
            v.id, v.claim
        ),
    }
}

pub(crate) fn how_to_read_verdicts(study: &Study) -> String {
    let rule = "Supported: p, corrected over all claims, below 0.05 and the interval excludes 0. Not supported: the interval lies within the smallest effect of interest that the study declares. Inconclusive: neither.";
    if study.seeds < FEWEST_PAIRS {
        format!(
            "{rule} With {} seeds no paired test can reach p = 0.05 ({FEWEST_PAIRS} could): this study shows sizes and cannot support a claim on a difference.",
            study.seeds
        )
    } else {
        rule.to_owned()
    }
}
