//! Synthetic lung nodules with controlled shape and texture.
//!
//! ```
//! use nodule_synth::{Distribution, Generator, GeneratorSettings, Mode, Outlines, generate};
//!
//! let generator = Generator::new(GeneratorSettings::default(), Outlines::embedded())?;
//! let both = Distribution::resolve("both")?;
//! let data = generate(&generator, &both, 7, 4)?;
//! assert_eq!(data.images.len(), 4 * 64 * 64);
//!
//! // The same nodule with nothing changed but its outline.
//! let irregular = generator.render(&data.latents[0].with(Mode::Shape, 1.0));
//! # let _ = irregular;
//! # Ok::<(), nodule_synth::Error>(())
//! ```
//!
//! Image i of a data set is a pure function of ([`GENERATOR_VERSION`], seed, i): not of how many
//! are asked for, nor of threads. Transcendental functions come from `libm` and sums have a fixed
//! order, so its bits are the same on every platform with IEEE arithmetic.
//!
//! The recipe is *ours*: the paper's generator is not available.

mod audit;
mod built_in;
mod ceiling;
mod contour;
mod coverage;
mod data_set;
pub mod descriptors;
mod distribution;
mod error;
mod export;
mod field;
mod latents;
mod levels;
mod outlines;
mod render;
mod settings;

pub use audit::{Audit, AuditRow, audit};
pub use data_set::{CellName, DataSet, Drawn, draw, generate};
pub use distribution::{Cell, Distribution};
pub use error::Error;
pub use export::{contact_sheet, export_npz, export_png};
pub use latents::{Latents, Mode};
pub use levels::{Label, ShapeLevel, TextureLevel};
pub use outlines::Outlines;
pub use render::{Generator, Rendered};
pub use settings::GeneratorSettings;

/// Raised whenever a change moves any bit of any sample: it is part of a run's identity.
pub const GENERATOR_VERSION: u32 = 1;
