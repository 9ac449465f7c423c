//! Real data: outlines of nodules, lung as background, and the fold that separates training from test patients.

mod backgrounds;
pub mod descriptors;
mod distinct;
mod fold;
mod outline_checks;
mod outlines;

pub use backgrounds::{Backgrounds, Split};
pub use fold::{Fold, balance_folds};
pub use outlines::Outlines;
