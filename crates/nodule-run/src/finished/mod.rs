//! What can a finished run be asked? How it does on other images, which pixels it decides by, whether its
//! maps depend on what it learned, and what a report shows of it.

mod alike;
mod cells;
mod evaluate;
mod explain;
mod explanation;
mod fitted;
mod kept;
mod network_maps;
mod open;
mod randomisation;
mod seen;
mod showcase;
mod square_view;
mod stability;

pub use evaluate::{ImagesEvaluation, evaluate_images, evaluate_run};
pub use explain::{ExplainSettings, Subject, explain_run};
pub use explanation::MapKind;
pub(crate) use kept::{is_shown, left_by};
pub use open::Sources;
pub use randomisation::randomise_run;
pub use showcase::showcase;
pub(crate) use square_view::{Shown, shown};

/// Seed of the noise of those methods of maps that have any, wherever maps are shown.
const NOISE: u64 = 0;
