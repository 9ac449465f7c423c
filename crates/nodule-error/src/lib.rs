#![doc = include_str!("../README.md")]

mod input;
mod operation;
mod suggest;

pub use input::{InvalidInput, conflict, describe_parse_error, invalid_value, one_of};
pub use operation::{FailedOperation, failed_to, open_file, read_file};
