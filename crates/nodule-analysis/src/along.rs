//! Every claim's difference at every value of a setting: where training ends, and where both losses are equally
//! good in distribution.

use nodule_eval::Metric;
use nodule_seed::derive;
use nodule_study::Study;
use nodule_study::records::TimelinePoint;
use nodule_study::settings::{Contrast, Endpoint, Hypothesis};
use nodule_synth::Mode;
use rayon::prelude::*;

use super::Runs;
use super::claim_words::measure;
use super::equal_loss::{Moment, compare};
use super::evidence::{Evidence, differences, of_mean};
use super::sweep::Sweep;
use crate::Error;

/// One claim's difference at one value of the setting.
pub struct Point<'a> {
    /// The setting.
    pub over: String,
    pub claim: &'a Hypothesis,
    /// What the difference is of.
    pub measure: String,
    pub value: f64,
    pub moment: Moment,
    pub evidence: Evidence,
}

/// Of every claim with a paired difference, in the study's order, along the setting.
pub fn along<'a>(study: &'a Study, sweep: &Sweep) -> Result<Vec<Point<'a>>, Error> {
    let places = study.hypotheses.iter().flat_map(|claim| {
        let at = sweep.at.iter();
        at.flat_map(move |(value, runs)| Moment::ALL.map(|moment| (claim, *value, *runs, moment)))
    });
    let places: Vec<_> = places.collect();
    let points = places.into_par_iter().map(|(claim, value, runs, moment)| {
        let evidence = evidence(claim, runs, moment)?;
        Ok(evidence.map(|evidence| Point {
            over: sweep.over.to_owned(),
            claim,
            measure: measure(&claim.contrast),
            value,
            moment,
            evidence,
        }))
    });
    let points = points.collect::<Result<Vec<_>, Error>>()?;
    Ok(points.into_iter().flatten().collect())
}

/// None where the claim or the timeline has no such number.
fn evidence(claim: &Hypothesis, runs: &Runs, moment: Moment) -> Result<Option<Evidence>, Error> {
    let Contrast::PairedDifference { endpoint, a, b } = &claim.contrast else {
        return Ok(None);
    };
    if moment == Moment::End {
        let values = differences(runs, &claim.train, endpoint, (a, b));
        return of_mean(&values, derive(0, &["hypothesis", &claim.id])).map(Some);
    }
    let Some(of) = on_timeline(endpoint) else {
        return Ok(None);
    };
    let found = compare(runs, &claim.train, (&a.loss, &b.loss), moment, of)?;
    Ok(found.map(|found| Evidence {
        effect: Some(found.effect),
        standardised: None,
        interval: found.interval,
        p: Some(found.p),
        n: found.n,
    }))
}

/// What the timeline holds of an endpoint, by the centroid read-out.
fn on_timeline(endpoint: &Endpoint) -> Option<fn(&TimelinePoint) -> f64> {
    match endpoint {
        Endpoint::Effect { mode: Mode::Shape } => Some(|p| p.shape),
        Endpoint::Effect {
            mode: Mode::Texture,
        } => Some(|p| p.texture),
        Endpoint::Metric {
            metric: Metric::Accuracy,
            test,
        } => match test.as_str() {
            "shape-only" => Some(|p| p.shape_only),
            "texture-only" => Some(|p| p.texture_only),
            _ => None,
        },
        _ => None,
    }
}
