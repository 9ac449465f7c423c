//! What do the decision values of one network say? Metrics, reliance, the landscape, scores of maps, what
//! layers hold: records, from plain arrays.

mod landscape;
mod maps;
mod predictions;
mod read_out;
mod representation;
mod test_sets;

pub use maps::{map_regions, map_scores, mass, mass_in};
pub use predictions::Predictions;
pub use read_out::{Decided, evaluate};
pub use representation::{Layer, decoded, high, representation};
pub use test_sets::given_metrics;
