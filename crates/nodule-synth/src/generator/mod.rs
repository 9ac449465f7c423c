//! From latents to an image: contour, interior, background, blur and noise.

mod contour;
mod field;
mod latents;
mod lung;
mod mode;
mod recipe;
mod render;
mod settings;

pub use latents::Latents;
pub use mode::Mode;
pub use render::{Generator, Rendered};
pub use settings::GeneratorSettings;
