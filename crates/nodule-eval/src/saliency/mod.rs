//! Scores of saliency maps that need no model: where the relevance lies, and how similar two maps are.
//!
//! Maps are plain arrays `[h, w]`, so that they can come from any attribution method.

mod pointing_game;
mod regions;
mod relevance_mass;
mod ssim;

pub use pointing_game::pointing_game;
pub use regions::{Regions, regions};
pub use relevance_mass::{RelevanceMass, relevance_mass};
pub use ssim::ssim;
