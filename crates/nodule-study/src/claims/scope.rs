//! Names that the claims of a study may use: training sets, tests, losses and read-outs.

use nodule_error::{InvalidInput, conflict, invalid_value, one_of};
use nodule_eval::ReadOut;
use serde::{Deserialize, Serialize};

use super::Endpoint;

/// A loss of the study, or an external model in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedLoss {
    /// Its name.
    pub name: String,
    /// The read-outs of the networks that are trained with it.
    pub read_outs: Vec<ReadOut>,
}

/// A scored test set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoredTest {
    /// Its name, as in tables.
    pub name: String,
    /// Identity of its images: two tests with the same text have the same images.
    pub images: String,
    /// Whether its labels are the opposite of those that the images have by themselves, or by another test.
    pub is_reversed: bool,
    /// Whether half of the images are abnormal.
    pub is_balanced: bool,
}

impl ScoredTest {
    /// Beginning of the identity of generated images.
    const GENERATED: &str = "distribution ";

    /// Returns the identity of the images of a distribution.
    #[must_use]
    pub fn generated_images(distribution: &str) -> String {
        format!("{}{distribution}", Self::GENERATED)
    }

    /// Whether its images are generated, so that their levels of shape and texture are known.
    #[must_use]
    pub fn is_generated(&self) -> bool {
        self.images.starts_with(Self::GENERATED)
    }
}

/// Names that claims may use, and what the runs measure.
#[derive(Debug, Clone, Copy)]
pub struct ClaimScope<'a> {
    /// Names of the training distributions.
    pub train: &'a [String],
    /// The scored tests.
    pub tests: &'a [ScoredTest],
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

    /// Checks that two endpoints of a claim, each with its key, are not one quantity or exact functions of each other.
    pub(super) fn check_distinct(
        &self,
        (first_key, first): (&str, &Endpoint),
        (key, second): (&str, &Endpoint),
    ) -> Result<(), InvalidInput> {
        if first.kind().quantity(self) != second.kind().quantity(self) {
            return Ok(());
        }
        let (first, second) = (first.title(), second.title());
        let reason = match first == second {
            true => format!("{second} is {first_key} too; compare two different quantities"),
            false => format!(
                "{second} follows exactly from {first_key}, {first}; compare two different quantities"
            ),
        };
        Err(conflict(key, reason))
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
