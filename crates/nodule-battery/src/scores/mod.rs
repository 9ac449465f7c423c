//! Records of one network from its decision scores, embeddings and saliency maps, as plain arrays.

mod decision_surface;
mod maps;
mod predictions_csv;
mod read_out;
mod representation;
mod test_sets;

pub use maps::{relevance_masses, relevance_masses_in, score_method_maps, score_regions};
pub use predictions_csv::PredictionsCsv;
pub use read_out::{DecisionScores, evaluate_read_out};
pub use representation::{Layer, decode_properties, evaluate_representation, high_levels};
pub use test_sets::external_metrics;
