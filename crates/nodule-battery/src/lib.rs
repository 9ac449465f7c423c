#![doc = include_str!("../README.md")]

mod audit;
mod battery;
mod files;
mod predictions;
pub mod scores;
pub mod sets;

pub use audit::{Audit, Model, ModelTable, audit, read_claims, read_models, write_records};
pub use battery::{Battery, Set, SetKind};
pub use files::{Manifest, export, open};
pub use predictions::{
    ExpectedSets, Outputs, Predictions, read_predictions, to_embeddings, to_scores,
};
