#![doc = include_str!("../README.md")]
//!
//! # Where to find what
//!
//! A [`Model`] is anything with a decision value for each image; a closure will do. [`attribute`] takes a
//! [`Method`] by name with its defaults; the functions are in [`method`], the scores in [`score`]. Maps are
//! signed and as large as the images: positive where more of the pixel raises the decision value. What they
//! are measured in is their method's [`MapUnit`].

mod error;
pub mod method;
mod model;
pub mod score;

pub use error::Error;
pub use method::{MapUnit, Method, applies_to, attribute};
pub use model::{Convolutional, Model};
