//! The multiverse: every claim judged again in every variant of the study and under every read-out
//! (Steegen et al. 2016), and the share of settings in which each verdict holds.

use nodule_eval::ReadOut;
use nodule_study::Study;
use nodule_study::settings::{Contrast, Hypothesis, shared_read_outs};
use rayon::prelude::*;

use super::ruling::Ruling;
use super::variants::VariantRuns;
use super::verdicts::{Verdict, judge_once};
use crate::Error;

/// One claim, judged in one variant under one read-out.
pub struct Outcome {
    /// The variant's name.
    pub variant: String,
    /// None for a claim that compares read-outs itself.
    pub read_out: Option<ReadOut>,
    pub verdict: Verdict,
    /// The setting in which the claim was declared.
    pub declared: bool,
}

/// What becomes of one claim over all settings.
pub struct ClaimShares<'a> {
    pub claim: &'a Hypothesis,
    /// In the setting in which it was declared; none where too few runs are finished there.
    pub declared: Option<Ruling>,
    /// Settings with each of [`Ruling::ALL`].
    pub counts: [usize; 3],
    /// Settings in all.
    pub settings: usize,
    /// The least, the median and the greatest effect; none without settings.
    pub effects: [Option<f64>; 3],
}

/// Every claim of `study` in every setting in which it can be judged.
pub fn outcomes(study: &Study, variants: &[VariantRuns]) -> Result<Vec<Outcome>, Error> {
    let read_outs = shared_read_outs(&study.read_outs);
    let settings: Vec<_> = variants
        .iter()
        .enumerate()
        .flat_map(|(i, variant)| read_outs.iter().map(move |r| (i, variant, *r)))
        .collect();
    let judged = settings.par_iter().map(|&(i, variant, read_out)| {
        let claims: Vec<_> = study
            .hypotheses
            .iter()
            .map(|c| under(c, read_out))
            .collect();
        let verdicts = judge_once(&claims, &variant.runs)?;
        let of_claim = |(claim, verdict): (&Hypothesis, Verdict)| {
            let own = read_out_of(claim);
            // A claim about read-outs has its own: once is enough.
            let first = read_outs.first() == Some(&read_out);
            let judged = verdict.effect.is_some() && (own.is_some() || first);
            judged.then(|| Outcome {
                variant: variant.name.clone(),
                read_out: own.map(|_| read_out),
                verdict,
                declared: i == 0 && own.is_none_or(|own| own == read_out),
            })
        };
        let outcomes = study.hypotheses.iter().zip(verdicts).filter_map(of_claim);
        Ok(outcomes.collect::<Vec<_>>())
    });
    Ok(judged
        .collect::<Result<Vec<_>, Error>>()?
        .into_iter()
        .flatten()
        .collect())
}

/// Claim by claim.
pub fn shares<'a>(study: &'a Study, outcomes: &[Outcome]) -> Vec<ClaimShares<'a>> {
    let of_claim = |claim: &'a Hypothesis| {
        let own = outcomes.iter().filter(|o| o.verdict.id == claim.id);
        let own: Vec<_> = own.collect();
        let with = |ruling| own.iter().filter(|o| o.verdict.ruling == ruling).count();
        let mut effects: Vec<f64> = own.iter().filter_map(|o| o.verdict.effect).collect();
        effects.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let index = (share * (effects.len().max(1) - 1) as f64).round() as usize;
            effects.get(index).copied()
        };
        let declared = own.iter().find(|o| o.declared);
        ClaimShares {
            claim,
            declared: declared.map(|o| o.verdict.ruling),
            counts: Ruling::ALL.map(with),
            settings: own.len(),
            effects: [0.0, 0.5, 1.0].map(at),
        }
    };
    study.hypotheses.iter().map(of_claim).collect()
}

/// The one read-out that a claim is judged by; none where it compares two.
fn read_out_of(claim: &Hypothesis) -> Option<ReadOut> {
    match &claim.contrast {
        Contrast::PairedDifference { a, b, .. } => (a.read_out == b.read_out).then_some(a.read_out),
        Contrast::RankCorrelation { read_out, .. } | Contrast::OrderCarries { read_out, .. } => {
            Some(*read_out)
        }
    }
}

/// The claim judged by `by`, unless it compares read-outs itself.
fn under(claim: &Hypothesis, by: ReadOut) -> Hypothesis {
    let mut claim = claim.clone();
    match &mut claim.contrast {
        Contrast::PairedDifference { a, b, .. } if a.read_out == b.read_out => {
            (a.read_out, b.read_out) = (by, by);
        }
        Contrast::PairedDifference { .. } => {}
        Contrast::RankCorrelation { read_out, .. } | Contrast::OrderCarries { read_out, .. } => {
            *read_out = by;
        }
    }
    claim
}
