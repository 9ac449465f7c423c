//! Statistics over runs. The unit is the run, never the image.

mod bootstrap;
mod correlation;
mod effect_size;
mod holm;
mod power;
pub(crate) mod ranks;
pub(crate) mod rounding;
mod sign_flip;
mod variance;
mod wilcoxon;

pub use bootstrap::{Interval, bootstrap_mean, percentile};
pub use correlation::{kendall, spearman};
pub use effect_size::{cohen_dz, mean_sd};
pub use holm::holm;
pub use power::{paired_power, pairs_needed};
pub use ranks::midranks;
pub use sign_flip::sign_flip_test;
pub use variance::{VarianceComponents, variance_components};
pub use wilcoxon::wilcoxon_signed_rank;
