//! Read-outs of a finished run, fitted on its training images as they were when it was measured, and the
//! unit of their decisions.

use crate::Error;
use nodule_error::{invalid_value, one_of};
use nodule_eval::{FittedReadOut, ReadOut};
use nodule_study::records::FinishedRun;
use nodule_train::infer;

use super::open::OpenedRun;
use crate::images::Labelled;
use crate::measure::embeddings;

/// Those of `read_outs` that the run has, in their order: one pass over the training images for all.
pub(super) fn fitted(
    run: &OpenedRun,
    read_outs: &[ReadOut],
    training: &Labelled,
) -> Result<Vec<FittedReadOut>, Error> {
    let inference = infer(run.network.as_ref(), &training.images)?;
    let of_run = run.loss.read_outs(read_outs).into_iter();
    let fitted = of_run.map(|r| Ok(r.fit(embeddings(&inference)?, &training.labels)?));
    fitted.collect()
}

/// The one that is asked for.
///
/// # Errors
/// [`Error::Setting`] if the run has no such read-out.
pub(super) fn fitted_one(run: &OpenedRun, read_out: ReadOut) -> Result<FittedReadOut, Error> {
    let found = fitted(run, &[read_out], &run.training()?)?;
    found.into_iter().next().ok_or_else(|| {
        let known = run.loss.read_outs(&ReadOut::ALL);
        let known = known.into_iter().filter(|r| r.has_derivative());
        let names = one_of(known.map(ReadOut::name));
        let allowed = format!("{names}: {} trains no head", run.record.loss);
        invalid_value("read-out", read_out, allowed)
            .at(&run.record.run)
            .into()
    })
}

/// What turns a decision value of a run into spreads; 0 where the decision never varies.
pub(super) fn unit(runs: &[FinishedRun], id: &str, read_out: ReadOut) -> f64 {
    let run = runs.iter().find(|run| run.record.run == id);
    let spread = run.and_then(|run| run.score_sd(read_out));
    spread.map_or(1.0, |spread| spread.to_sd_units(1.0))
}
