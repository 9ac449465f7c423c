//! Variations of a study: variants of `[vary]`, and the trials of `[tune]`.

mod change;
mod range;
mod trials;
mod vary;

pub use trials::check_tuned;
pub(crate) use trials::create_trials;
pub(crate) use vary::create_variants;
