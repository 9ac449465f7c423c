//! Claims about models, checked against those that there are.

use std::path::Path;

use nodule_eval::ReadOut;
use nodule_study::Error;
use nodule_study::claims::{ClaimScope, ComparedLoss, Hypothesis, check_claims};
use nodule_study::records::FinishedRun;
use nodule_study::settings::read_claims;

use super::Audit;

/// The claims in the file at `path`, spelled as in a study file, `loss` being the name of a model.
///
/// # Errors
/// One message that names the file, the field, its value and what is allowed.
pub fn claims_of(path: &Path) -> Result<Vec<Hypothesis>, Error> {
    read_claims(path)
}

/// Refuses claims about anything that `audit` has not measured.
pub(super) fn check(audit: &Audit, claims: &[Hypothesis], place: &str) -> Result<(), Error> {
    let study = &audit.study;
    let compared = study.losses.iter().map(|name| {
        let own = audit.runs.iter().filter(|run| run.record.loss == *name);
        let own: Vec<&FinishedRun> = own.collect();
        let has = |read_out: &ReadOut| own.iter().all(|run| run.read_out(*read_out).is_some());
        ComparedLoss {
            name: name.clone(),
            read_outs: ReadOut::ALL.into_iter().filter(has).collect(),
        }
    });
    let compared: Vec<_> = compared.collect();
    let first = audit.runs.first();
    let measured = first.and_then(|run| run.evaluation.read_outs.first());
    let tests = measured.map(|m| m.tests.iter().map(|test| test.test.clone()).collect());
    let tests: Vec<String> = tests.unwrap_or_default();
    let train: Vec<_> = study.train_names().map(ToOwned::to_owned).collect();
    let scope = ClaimScope {
        train: &train,
        tests: &tests,
        losses: &compared,
        read_outs: &study.read_outs,
        has_representation: study.samples.representation > 0,
        read_out_note: "head needs decision scores, the others need embeddings",
    };
    Ok(check_claims(claims, &scope).map_err(|error| error.at(place))?)
}
