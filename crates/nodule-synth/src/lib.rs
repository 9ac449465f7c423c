#![doc = include_str!("../README.md")]
//!
//! # Where to find what
//!
//! | to | there is |
//! |---|---|
//! | say what to draw | [`Distribution`]: a built-in one, a TOML file, or `spurious-R` |
//! | draw and render | [`generate`]; [`generate_parts`] for what does not fit into memory; [`draw`] and [`Generator::render`] for one |
//! | change one thing of a nodule | [`Latents::with`] |
//! | take real outlines | [`Outlines`], which [`Distribution::outlines`] chooses and [`Distribution::name_with`] names |
//! | draw over real lung | [`Backgrounds`], for [`Generator::over`]; [`HeldOut`] says whose lung is for tests |
//! | hold what was drawn against what was declared | [`audit`](audit()) |
//! | know what can be reached at best | [`Distribution::ceiling`] |
//! | measure outlines and interiors | [`descriptors`] |
//! | hand it to others | `export::export_npz`, `export::export_png`, `export::export_png_parts` |
//!
//! Image i of a data set is a pure function of ([`GENERATOR_VERSION`], seed, i): not of how many
//! are asked for, nor of threads. Transcendental functions come from `libm` and sums have a fixed
//! order, so its bits are the same on every platform with IEEE arithmetic.
//!
//! What comes from outside is checked where it comes in: a [`Distribution`], [`Outlines`] and [`Backgrounds`]
//! are sound once they exist, [`Generator::new`] checks its settings, [`Generator::render`] its latents,
//! [`generate`] the memory it is going to take, and an export that its folder is empty. Nothing a
//! caller can pass makes the crate panic; [`Error::is_input`] says whose fault an error is.
//!
//! The built-in distributions are the files of the crate's `data/distributions`, listed when it is
//! built: to add one is to add its file.
//!
//! The recipe is *ours*: the paper's generator is not available.

mod audit;
mod backgrounds;
mod built_in;
mod ceiling;
mod contour;
mod coverage;
mod data_set;
pub mod descriptors;
mod distribution;
mod error;
#[cfg(any(feature = "npz", feature = "png"))]
pub mod export;
mod field;
mod held_out;
mod input;
mod latents;
mod levels;
mod lung;
mod memory;
mod outlines;
mod render;
mod settings;
mod soundness;

pub use audit::{Audit, AuditRow, audit};
pub use backgrounds::{Backgrounds, Part};
pub use data_set::{CellName, DataSet, Drawn, draw, generate, generate_parts, generate_range};
pub use distribution::{Cell, Distribution};
pub use error::Error;
pub use held_out::HeldOut;
pub use latents::{Latents, Mode};
pub use levels::{Label, ShapeLevel, TextureLevel};
pub use memory::{available_memory, readable_bytes};
pub use outlines::Outlines;
pub use render::{Generator, Rendered};
pub use settings::GeneratorSettings;

/// Raised whenever a change moves any bit of any sample: it is part of a run's identity.
pub const GENERATOR_VERSION: u32 = 1;
