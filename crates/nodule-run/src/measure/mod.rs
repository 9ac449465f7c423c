//! Measurements on one network: metrics and reliance by read-out, attribution maps and their scores, representation by
//! layer, and the timeline over epochs.

mod attribution;
mod completeness;
mod decision_model;
mod decision_scores;
mod network;
mod representation;
mod timeline;

pub(crate) use attribution::{MethodMaps, NOISE_SEED, compute_maps};
pub(crate) use completeness::{attribute_until_complete, attribute_with_steps};
pub(crate) use decision_model::{DecisionModel, LinearReadOut};
pub(crate) use decision_scores::{decision_scores, embeddings};
pub(crate) use network::{EmbeddedSet, measure_network};
pub(crate) use representation::{activation_rows, measure_representation};
pub(crate) use timeline::Timeline;
