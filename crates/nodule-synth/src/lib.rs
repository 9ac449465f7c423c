#![doc = include_str!("../README.md")]
//!
//! # Overview
//!
//! | to | use |
//! |---|---|
//! | choose a distribution | [`Distribution`]: built in, from a TOML file, or `spurious-R` for R in 0 to 1 |
//! | generate images | [`Generator::generate`]; [`Generator::generate_chunks`] for data sets larger than memory; [`Generator::draw`] and [`Generator::render`] for single samples |
//! | change one factor of a nodule | [`Latents::with`] |
//! | use real outlines | [`Outlines`], loaded by [`Distribution::load_outlines`] |
//! | use real lung as background | [`Backgrounds`] and [`Generator::with_backgrounds`]; [`Fold`] separates training from test patients |
//! | compare a data set with its declaration | [`Audit`] |
//! | get the highest accuracy that is possible | [`Distribution::ideal_observer_accuracy`] |
//! | measure outlines and interiors | [`descriptors`] |
//! | export | `export::export_npz`, `export::export_png`, `export::export_png_chunks` |
//!
//! Image i of a data set is a pure function of ([`GENERATOR_VERSION`], seed, i): it depends neither on the number of
//! images nor on the number of threads. Transcendental functions come from `libm` and sums have a fixed order, so the
//! bits are the same on every platform with IEEE arithmetic.
//!
//! Input is checked where it enters: constructors return checked [`Distribution`]s, [`Outlines`] and [`Backgrounds`];
//! [`Generator::new`] checks settings, [`Generator::render`] latents, [`Generator::generate`] the memory it needs, and
//! an export its folder. No input makes the crate panic. [`Error::is_input`] separates invalid input from failed writes.
//!
//! The build script lists the built-in distributions in the crate's `data/distributions`; a new file there adds one.
//!
//! The recipe is *ours*: the paper's generator is not available.

mod data_set;
mod distribution;
mod error;
#[cfg(any(feature = "npz", feature = "png"))]
pub mod export;
mod generator;
mod levels;
mod name;
mod polygon;
mod real;
mod text_file;

pub use data_set::{DataSet, Sample};
pub use distribution::{Audit, AuditRow, Combination, Distribution};
pub use error::Error;
pub use generator::{Generator, GeneratorSettings, Latents, Mode, Rendered};
pub use levels::{FactorLevels, Label, ShapeLevel, TextureLevel};
pub use real::{Backgrounds, Fold, Outlines, Split, balance_folds, descriptors};

/// Version of the generator, part of every run's id. Raise it with any change that moves a bit of any sample.
pub const GENERATOR_VERSION: u32 = 1;
