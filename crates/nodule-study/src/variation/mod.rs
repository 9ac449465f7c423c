//! Variations of a study: variants of `[vary]`, and the trials of `[tune]`.

mod change;
mod range;
mod trials;
mod vary;

pub(crate) use trials::create_trials;
pub use trials::reject_untuned;
pub(crate) use vary::create_variants;
