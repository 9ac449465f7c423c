//! Scores of maps, one a file: where the mass lies, and whether the model agrees.

mod completeness;
mod deletion_insertion;
mod infidelity;
mod pointing;
mod regions;
mod sensitivity;
mod similarity;

pub use completeness::completeness_gap;
pub use deletion_insertion::{Curves, deletion_insertion};
pub use infidelity::infidelity;
pub use pointing::pointing;
pub use regions::{MassRatios, Regions, mass_ratios, regions};
pub use sensitivity::sensitivity;
pub use similarity::similarity;
