//! Statistics over runs. The unit of analysis is the run, not the image.

mod bootstrap;
pub(crate) mod constant;
mod correlation;
mod effect_size;
mod equivalence;
mod holm;
mod power;
mod random_effects;
pub(crate) mod ranks;
mod sign_flip;
mod variance;

pub use bootstrap::{Interval, bootstrap_mean, percentile};
pub use correlation::{kendall, spearman};
pub use effect_size::{MeanSd, cohen_dz, mean_sd};
pub use equivalence::equivalence_test;
pub use holm::holm;
pub use power::{equivalence_power, paired_power, pairs_needed};
pub use random_effects::{PooledEffect, pool_effects};
pub use ranks::midranks;
pub use sign_flip::sign_flip_test;
pub use variance::{VarianceComponents, variance_components};
