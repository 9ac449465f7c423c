//! What can a finished run be asked? How it does on other images, which pixels it decides by, whether its
//! maps depend on what it learned, and what a report shows of it.

mod alike;
mod cells;
mod evaluate;
mod explain;
mod explanation;
mod fitted;
mod open;
mod randomisation;
mod showcase;
mod square_view;
mod stability;

pub use evaluate::{ImagesEvaluation, evaluate_images, evaluate_run};
pub use explain::{ExplainSettings, Subject, explain_run};
pub use explanation::MapKind;
pub use open::Sources;
pub use randomisation::randomise_run;
pub use showcase::showcase;

/// Seed of the noise of those methods of maps that have any, wherever maps are shown.
const NOISE: u64 = 0;
