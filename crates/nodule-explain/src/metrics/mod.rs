//! Metrics of attribution maps that need further evaluations of the model: completeness, deletion and insertion, infidelity and
//! max-sensitivity.
//!
//! Metrics that use only the maps (SSIM, pointing game, relevance mass) are in `nodule_eval::saliency`.

mod completeness;
mod deletion_insertion;
mod infidelity;
mod max_sensitivity;

pub use completeness::completeness_gap;
pub use deletion_insertion::{DeletionInsertion, deletion_insertion};
pub use infidelity::infidelity;
pub use max_sensitivity::max_sensitivity;
