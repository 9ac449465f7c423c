//! Multiverse analysis (Steegen et al. 2016): every claim judged in every variant of the study and under every
//! read-out, and the share of these settings in which each verdict holds.

use nodule_eval::ReadOut;
use nodule_study::Study;
use nodule_study::claims::Hypothesis;
use nodule_study::settings::shared_read_outs;
use rayon::prelude::*;

use crate::Error;
use crate::ruling::Ruling;
use crate::variants::VariantRuns;
use crate::verdicts::{Verdict, judge_all_runs};

/// One claim judged in one variant under one read-out.
pub struct Outcome {
    /// Name of the variant.
    pub variant: String,
    /// The read-out; `None` for a claim that compares two.
    pub read_out: Option<ReadOut>,
    /// The verdict.
    pub verdict: Verdict,
    /// Whether this is the setting in which the claim was declared.
    pub is_declared: bool,
}

/// Verdicts and effects of one claim over all settings.
pub struct ClaimShares<'a> {
    /// The claim.
    pub claim: &'a Hypothesis,
    /// Its verdict in the declared setting; `None` if too few runs are finished.
    pub declared: Option<Ruling>,
    /// Number of settings with each of [`Ruling::ALL`].
    pub counts: [usize; Ruling::ALL.len()],
    /// Number of settings.
    pub settings: usize,
    /// Smallest, median and largest effect; `None` without settings.
    pub effects: [Option<f64>; 3],
}

/// Judges every claim of `study` in every setting that has an effect.
///
/// # Errors
/// If a number in the record of a run is not finite.
pub fn judge_multiverse(study: &Study, variants: &[VariantRuns]) -> Result<Vec<Outcome>, Error> {
    let read_outs = shared_read_outs(&study.read_outs);
    let settings: Vec<_> = variants
        .iter()
        .enumerate()
        .flat_map(|(i, variant)| read_outs.iter().map(move |r| (i == 0, variant, *r)))
        .collect();
    let judged = settings
        .par_iter()
        .map(|&(is_declared, variant, read_out)| {
            let is_first = read_outs.first() == Some(&read_out);
            judge_setting(study, (is_declared, variant), (read_out, is_first))
        })
        .collect::<Result<Vec<_>, Error>>()?;
    Ok(judged.into_iter().flatten().collect())
}

/// Judges every claim in one variant under one read-out. A claim that compares read-outs is judged under the first only.
fn judge_setting(
    study: &Study,
    (is_declared, variant): (bool, &VariantRuns),
    (read_out, is_first): (ReadOut, bool),
) -> Result<Vec<Outcome>, Error> {
    let claims: Vec<_> = study
        .hypotheses
        .iter()
        .map(|claim| with_read_out(claim, read_out))
        .collect();
    let verdicts = judge_all_runs(&claims, &variant.runs)?;
    let outcomes = study
        .hypotheses
        .iter()
        .zip(verdicts)
        .filter_map(|(claim, verdict)| {
            let own = claim.contrast.kind().read_out();
            let is_judged = verdict.effect.is_some() && (own.is_some() || is_first);
            is_judged.then(|| Outcome {
                variant: variant.name.clone(),
                read_out: own.map(|_| read_out),
                verdict,
                is_declared: is_declared && own.is_none_or(|own| own == read_out),
            })
        });
    Ok(outcomes.collect())
}

fn with_read_out(claim: &Hypothesis, read_out: ReadOut) -> Hypothesis {
    let mut claim = claim.clone();
    claim.contrast.kind_mut().set_read_out(read_out);
    claim
}

/// Summarises the outcomes claim by claim.
pub fn claim_shares<'a>(study: &'a Study, outcomes: &[Outcome]) -> Vec<ClaimShares<'a>> {
    study
        .hypotheses
        .iter()
        .map(|claim| claim_share(claim, outcomes))
        .collect()
}

fn claim_share<'a>(claim: &'a Hypothesis, outcomes: &[Outcome]) -> ClaimShares<'a> {
    let own: Vec<_> = outcomes
        .iter()
        .filter(|outcome| outcome.verdict.id == claim.id)
        .collect();
    let count = |ruling| own.iter().filter(|o| o.verdict.ruling == ruling).count();
    let mut effects: Vec<f64> = own.iter().filter_map(|o| o.verdict.effect).collect();
    effects.sort_by(f64::total_cmp);
    let quantile = |share: f64| {
        let index = (share * (effects.len().max(1) - 1) as f64).round() as usize;
        effects.get(index).copied()
    };
    ClaimShares {
        claim,
        declared: own
            .iter()
            .find(|outcome| outcome.is_declared)
            .map(|outcome| outcome.verdict.ruling),
        counts: Ruling::ALL.map(count),
        settings: own.len(),
        effects: [0.0, 0.5, 1.0].map(quantile),
    }
}
