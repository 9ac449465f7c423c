//! Difference of every paired claim at every value of a setting: at the end of training, and where both losses are
//! equally good in distribution.

use nodule_study::Study;
use nodule_study::claims::{Contrast, Evidence, Hypothesis, mean_evidence};
use rayon::prelude::*;

use crate::equal_loss::{Moment, compare};
use crate::sweep::Sweep;
use crate::verdicts::random_seed;
use crate::{Error, Runs};

/// The difference of one claim at one value of the setting.
pub struct SweepDifference<'a> {
    /// The setting.
    pub over: String,
    /// The claim.
    pub claim: &'a Hypothesis,
    /// Description of the difference, with its unit.
    pub measure: String,
    /// The value of the setting.
    pub value: f64,
    /// The epochs that are compared.
    pub moment: Moment,
    /// The difference.
    pub evidence: Evidence,
}

/// Returns the differences of every claim with a paired difference, in the order of the study and along the setting.
///
/// # Errors
/// If a number in the record of a run is not finite.
pub fn sweep_differences<'a>(
    study: &'a Study,
    sweep: &Sweep,
) -> Result<Vec<SweepDifference<'a>>, Error> {
    let places: Vec<_> = study
        .hypotheses
        .iter()
        .flat_map(|claim| {
            let points = sweep.points.iter();
            points.flat_map(move |(value, runs)| {
                Moment::ALL.map(|moment| (claim, *value, *runs, moment))
            })
        })
        .collect();
    let differences = places
        .into_par_iter()
        .map(|(claim, value, runs, moment)| {
            let evidence = difference_at(claim, runs, moment)?;
            Ok(evidence.map(|evidence| SweepDifference {
                over: sweep.over.to_owned(),
                claim,
                measure: claim.contrast.kind().measure(),
                value,
                moment,
                evidence,
            }))
        })
        .collect::<Result<Vec<_>, Error>>()?;
    Ok(differences.into_iter().flatten().collect())
}

/// Returns `None` if the claim has no paired difference, or the timeline does not hold its endpoint.
fn difference_at(
    claim: &Hypothesis,
    runs: &Runs,
    moment: Moment,
) -> Result<Option<Evidence>, Error> {
    let Contrast::PairedDifference(pair) = &claim.contrast else {
        return Ok(None);
    };
    if moment == Moment::End {
        let values = pair.differences(&runs.claim_runs(&claim.train));
        return Ok(Some(mean_evidence(&values, random_seed(claim))?));
    }
    let Some(field) = pair.endpoint.kind().timeline_field() else {
        return Ok(None);
    };
    let losses = (pair.a.loss.as_str(), pair.b.loss.as_str());
    let comparison = compare(runs, &claim.train, losses, moment, field)?;
    Ok(comparison.map(|comparison| comparison.evidence))
}
