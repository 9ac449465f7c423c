//! Check that claims refer to models, tests and read-outs that were evaluated.

use nodule_eval::ReadOut;
use nodule_study::Error;
use nodule_study::claims::{ClaimScope, ComparedLoss, Hypothesis, ScoredTest, check_claims};
use nodule_study::records::FinishedRun;

use super::Audit;

/// Returns an error for a claim about anything that `audit` does not contain.
pub(super) fn check(audit: &Audit, claims: &[Hypothesis], place: &str) -> Result<(), Error> {
    let study = &audit.study;
    let describe_model = |name: &String| {
        let runs: Vec<&FinishedRun> = audit
            .runs
            .iter()
            .filter(|run| run.record.loss == *name)
            .collect();
        let has = |read_out: &ReadOut| runs.iter().all(|run| run.read_out(*read_out).is_some());
        ComparedLoss {
            name: name.clone(),
            read_outs: ReadOut::ALL.into_iter().filter(has).collect(),
        }
    };
    let compared: Vec<_> = study.losses.iter().map(describe_model).collect();
    let evaluated = audit
        .runs
        .first()
        .and_then(|run| run.evaluation.read_outs.first());
    let is_evaluated = |test: &&ScoredTest| {
        let mut tests = evaluated.iter().flat_map(|evaluation| &evaluation.tests);
        tests.any(|evaluated| evaluated.test == test.name)
    };
    let tests: Vec<_> = audit.tests.iter().filter(is_evaluated).cloned().collect();
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
