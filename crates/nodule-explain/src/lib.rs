#![doc = include_str!("../README.md")]

mod activation_maximisation;
mod attribution;
mod check;
mod error;
pub mod metrics;
mod model;
mod noise;

pub use activation_maximisation::{ActivationMaximisation, ActivationMaximum};
pub use attribution::{
    Attribution, GradCam, Gradient, GradientXInput, IntegratedGradients, Occlusion, SmoothGrad,
    applies_to, default_attribution, mean_noisy_gradient,
};
pub use error::Error;
pub use model::Model;
pub use nodule_config::{MapUnit, Method};
pub use noise::gaussian_noise;
