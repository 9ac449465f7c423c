//! Scores of attribution maps that evaluate the model again. Scores of maps alone are in `nodule_eval::saliency`.

mod completeness;
mod deletion_insertion;
mod infidelity;
mod sensitivity;

pub use completeness::completeness_gap;
pub use deletion_insertion::{Curves, deletion_insertion};
pub use infidelity::infidelity;
pub use sensitivity::sensitivity;
