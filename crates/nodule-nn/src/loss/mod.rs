//! The losses, one a file, and the list of those that a study file can name.

mod contrastive;
mod cross_entropy;
mod joint;
mod log_margin;
mod nt_xent;
mod sphere;
mod sup_con;
mod triplet;

use std::fmt;
use std::sync::Arc;

use candle_core::Tensor;
use serde_json::Value;

pub use contrastive::{Contrastive, Embedding, contrastive, raw_contrastive};
pub use cross_entropy::{CrossEntropy, cross_entropy};
pub use joint::Joint;
pub use log_margin::{LogMargin, log_margin};
pub use nt_xent::{NtXent, nt_xent};
pub use sup_con::{SupCon, sup_con};
pub use triplet::{Triplet, triplet};

use crate::kind::{Kind, Made, Named, checked};
use crate::{Error, Output};

/// The losses that come with the crate, in the order of tables and colours. A new one is a file with
/// its settings, and a line here.
pub const LOSSES: &[Kind<dyn Loss>] = &[
    Kind::<dyn Loss>::of::<CrossEntropy>(),
    Kind::<dyn Loss>::of::<Contrastive>(),
    Kind::<dyn Loss>::of::<Joint<Contrastive>>(),
    Kind::<dyn Loss>::of::<SupCon>(),
    Kind::<dyn Loss>::of::<Joint<SupCon>>(),
    Kind::<dyn Loss>::of::<Triplet>(),
    Kind::<dyn Loss>::of::<Joint<NtXent>>(),
    Kind::<dyn Loss>::of::<Joint<LogMargin>>(),
];

/// A loss with its settings.
pub trait Loss: fmt::Debug + Send + Sync {
    /// Whether it trains the network's own head: a loss on embeddings alone does not.
    fn trains_head(&self) -> bool {
        false
    }

    /// How many views of every image a batch must hold, 1 or 2: all first views, then all second
    /// ones, with the labels in the same order.
    fn views(&self) -> usize {
        1
    }

    /// The loss of a batch, a scalar; `labels` u32 `[n]`, 0 or 1.
    ///
    /// Where the loss does not use the logits, the head's parameters get no gradient at all.
    ///
    /// # Errors
    /// If the batch is not what the loss can use, or the device fails.
    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error>;
}

impl Kind<dyn Loss> {
    /// The kind of loss that is made of settings `L`.
    #[must_use]
    pub const fn of<L: Loss + Named + 'static>() -> Self {
        Self::new::<L>(made::<L>)
    }
}

fn made<L: Loss + Named + 'static>(settings: Value) -> Result<Made<dyn Loss>, Error> {
    let (loss, settings) = checked::<L>(settings)?;
    Ok((Arc::new(loss), settings))
}
