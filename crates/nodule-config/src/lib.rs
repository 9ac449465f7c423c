#![doc = include_str!("../README.md")]

mod method;

pub use method::{MapUnit, Method};
