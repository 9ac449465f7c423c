#![doc = include_str!("../README.md")]
//!
//! # Modules
//!
//! [`load_study`] reads and checks a study file with the losses and networks of a [`Registry`]. [`plan`](plan()) returns its
//! runs, [`open_output`] and [`read_output`] open its output folder, and [`Output`] reads the [`records`] of finished runs.
//! [`claims`] compares finished runs, and [`tuned`] chooses among the trials of a study with a `[tune]` table.

mod check;
pub mod claims;
pub mod csv;
mod error;
mod file;
pub mod files;
mod load;
pub mod plan;
pub mod records;
mod resolved;
pub mod results;
mod seeds;
pub mod settings;
pub mod text;
pub mod tuned;
mod unique;
mod variation;

pub use error::Error;
pub use plan::{RunSpec, plan, plan_grid};
pub use results::{Output, open_output, read_output};
pub use settings::{Registry, Resolved, Study, load_study};
