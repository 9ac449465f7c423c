//! Read-outs of a finished run, fitted again on its training images.

use nodule_error::{invalid_value, one_of};
use nodule_eval::{FittedReadOut, ReadOut};
use nodule_train::infer;

use super::OpenedRun;
use crate::Error;
use crate::images::LabelledSet;
use crate::measure::embeddings;

/// Fits those of `read_outs` that the run has, in their order.
pub(crate) fn fit_read_outs(
    run: &OpenedRun,
    read_outs: &[ReadOut],
    training: &LabelledSet,
) -> Result<Vec<FittedReadOut>, Error> {
    let inference = infer(run.network.as_ref(), &training.images)?;
    let available = run.loss.read_outs(read_outs).into_iter();
    available
        .map(|read_out| Ok(read_out.fit(embeddings(&inference)?, &training.labels)?))
        .collect()
}

/// Fits one read-out.
///
/// # Errors
/// If the run does not have it.
pub(super) fn fit_read_out(run: &OpenedRun, read_out: ReadOut) -> Result<FittedReadOut, Error> {
    let fitted = fit_read_outs(run, &[read_out], &run.training_images()?)?;
    fitted.into_iter().next().ok_or_else(|| {
        let available = run.loss.read_outs(&ReadOut::ALL).into_iter();
        let names = one_of(available.filter(|r| r.has_derivative()).map(ReadOut::name));
        let allowed = format!("{names}: {} trains no head", run.record.loss);
        let error = invalid_value("read-out", read_out, allowed);
        error.at(&run.record.run).into()
    })
}
