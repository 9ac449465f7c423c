//! The losses, one per file, and the trait that every loss implements.

mod contrastive;
mod cross_entropy;
mod joint;
mod log_margin;
mod nt_xent;
mod pairs;
mod sup_con;
mod triplet;

use std::fmt;

use candle_core::Tensor;

pub use contrastive::{Contrastive, Embedding, contrastive, raw_contrastive};
pub use cross_entropy::{CrossEntropy, cross_entropy};
pub use joint::Joint;
pub use log_margin::{LogMargin, log_margin};
pub use nt_xent::{NtXent, nt_xent};
pub use sup_con::{SupCon, sup_con};
pub use triplet::{Triplet, triplet};

use crate::{Constructor, Error, Output};

/// Constructors of the losses of the crate, in the order of [`nodule_config::LOSSES`]. A new loss is a file with its
/// implementation, its settings in `nodule-config`, and a line in both lists.
pub const LOSSES: &[Constructor<dyn Loss>] = &[
    Constructor::<dyn Loss>::new::<CrossEntropy>(),
    Constructor::<dyn Loss>::new::<Contrastive>(),
    Constructor::<dyn Loss>::new::<Joint<Contrastive>>(),
    Constructor::<dyn Loss>::new::<SupCon>(),
    Constructor::<dyn Loss>::new::<Joint<SupCon>>(),
    Constructor::<dyn Loss>::new::<Triplet>(),
    Constructor::<dyn Loss>::new::<Joint<NtXent>>(),
    Constructor::<dyn Loss>::new::<Joint<LogMargin>>(),
];

/// A loss with its settings.
///
/// # Example
/// ```
/// use candle_core::Tensor;
/// use nodule_nn::losses::cross_entropy;
/// use nodule_nn::{Error, Loss, Output};
///
/// /// Cross-entropy of logits that are divided by a temperature.
/// #[derive(Debug)]
/// struct Tempered(f64);
///
/// impl Loss for Tempered {
///     fn trains_head(&self) -> bool {
///         true
///     }
///
///     fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
///         cross_entropy(&(&output.logits / self.0)?, labels)
///     }
/// }
/// ```
pub trait Loss: fmt::Debug + Send + Sync {
    /// Returns whether the loss trains the network's own head. A loss on embeddings alone does not.
    fn trains_head(&self) -> bool {
        false
    }

    /// Number of views of every image in a batch, 1 or 2. A batch holds all first views, then all second views, with the
    /// labels in the same order.
    fn views(&self) -> usize {
        1
    }

    /// Returns the loss of a batch, a scalar; `labels` are `u32` `[n]`, 0 or 1.
    ///
    /// If the loss does not use the logits, the head's parameters get no gradient at all.
    ///
    /// # Errors
    /// If the batch does not suit the loss, or the device fails.
    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constructors_agree_with_the_list_of_settings() {
        assert_eq!(LOSSES.len(), nodule_config::LOSSES.len());
        for (constructor, kind) in LOSSES.iter().zip(nodule_config::LOSSES) {
            assert_eq!(constructor.name(), kind.schema.name());
            let loss = constructor.build(&constructor.schema().defaults()).unwrap();
            let found = (loss.trains_head(), loss.views());
            assert_eq!(
                found,
                (kind.trains_head, kind.views),
                "{}",
                constructor.name()
            );
        }
    }
}
