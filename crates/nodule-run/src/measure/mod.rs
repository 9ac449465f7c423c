//! What is measured on one network? Every read-out on every test set, reliance by counterfactual pairs,
//! the decision landscape, maps and their scores, what layers hold, and how it all emerges.

mod attribution;
mod completeness;
mod decision;
mod decision_values;
mod network;
mod representation;
mod timeline;

pub(crate) use completeness::{exact_maps, with_steps};
pub(crate) use decision::{Decision, LinearReadOut, decision, linear};
pub(crate) use decision_values::{decision_values, embeddings};
pub(crate) use network::{Embedded, measure};
pub(crate) use representation::{represent, rows};
pub(crate) use timeline::Timeline;
