#![doc = include_str!("../README.md")]
//!
//! # Where to find what
//!
//! [`load_study`] reads a file and checks all of it, with the losses and networks of a [`Registry`];
//! [`plan`](plan()) says which runs it means; [`tuned`] is what trials of settings chose; [`records`] are what a run leaves behind, plain data; [`claims`] compare finished runs; and
//! [`Output`] is where they lie: [`open_output`] to write, [`read_output`] to look.

pub mod claims;
pub mod csv;
mod error;
pub mod files;
pub mod plan;
pub mod records;
pub mod results;
mod seeds;
pub mod settings;
pub mod text;
pub mod tuned;
mod unique;

pub use error::Error;
pub use plan::{RunSpec, plan, plan_grid};
pub use results::{Output, open_output, read_output};
pub use settings::{Registry, Resolved, Study, load_study};
