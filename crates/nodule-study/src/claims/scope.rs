//! Names that the claims of a study may use: training sets, tests, losses and read-outs.

use nodule_error::{InvalidInput, invalid_value, one_of};
use nodule_eval::ReadOut;

/// A loss of the study, or an external model in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedLoss {
    /// Its name.
    pub name: String,
    /// The read-outs of the networks that are trained with it.
    pub read_outs: Vec<ReadOut>,
}

/// Names that claims may use, and what the runs measure.
#[derive(Debug, Clone, Copy)]
pub struct ClaimScope<'a> {
    /// Names of the training distributions.
    pub train: &'a [String],
    /// Names of the scored tests.
    pub tests: &'a [String],
    /// The losses or models that claims compare.
    pub losses: &'a [ComparedLoss],
    /// The read-outs of the study.
    pub read_outs: &'a [ReadOut],
    /// Whether the runs measure how well shape and texture are decoded from the layers.
    pub has_representation: bool,
    /// Which losses or models lack a read-out, as messages explain it.
    pub read_out_note: &'a str,
}

impl ClaimScope<'_> {
    /// Checks that the study has the read-out of the key `read_out`.
    pub(super) fn check_read_out(&self, read_out: ReadOut) -> Result<(), InvalidInput> {
        let names = self.read_outs.iter().map(ToString::to_string);
        check_name("read_out", &read_out.to_string(), names)
    }

    /// Returns how many losses have `read_out`.
    pub(super) fn count_losses_with(&self, read_out: ReadOut) -> usize {
        self.losses
            .iter()
            .filter(|loss| loss.read_outs.contains(&read_out))
            .count()
    }
}

/// Checks that `value` of `field` is one of `names`.
pub(super) fn check_name(
    field: &str,
    value: &str,
    names: impl IntoIterator<Item = impl AsRef<str>> + Clone,
) -> Result<(), InvalidInput> {
    if names.clone().into_iter().any(|name| name.as_ref() == value) {
        return Ok(());
    }
    Err(invalid_value(field, value, one_of(names.clone())).suggest_value(names))
}
