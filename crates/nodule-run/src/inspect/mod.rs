//! Finished runs: evaluation on other images, attribution maps, and randomisation checks.

mod evaluate;
mod explain;
mod map_kind;
mod open;
mod randomisation;
mod read_outs;
mod sources;
mod stability;

pub use evaluate::{ImagesEvaluation, evaluate_images, evaluate_run};
pub use explain::{ExplainSettings, Subject, explain_run, select_testable_images};
pub use map_kind::MapKind;
pub(crate) use open::{OpenedRun, open_run};
pub use randomisation::check_randomisation;
pub(crate) use randomisation::{compare_maps, compare_randomised_layers};
pub(crate) use read_outs::fit_read_outs;
pub use sources::Sources;
