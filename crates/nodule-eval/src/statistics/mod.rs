//! Statistics over runs. The unit is the run, never the image.

mod bootstrap;
mod correlation;
mod effect_size;
mod holm;
mod ranks;
mod sign_flip;
mod wilcoxon;

pub use bootstrap::{Interval, bootstrap_mean, percentile};
pub use correlation::{kendall, spearman};
pub use effect_size::{cohen_dz, mean_sd};
pub use holm::holm;
pub use ranks::midranks;
pub use sign_flip::sign_flip_test;
pub use wilcoxon::wilcoxon_signed_rank;
