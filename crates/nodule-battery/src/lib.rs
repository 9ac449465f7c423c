#![doc = include_str!("../README.md")]

mod answers;
mod audit;
mod battery;
mod files;
pub mod scores;
pub mod sets;

pub use answers::{Answers, Wanted, read_answers};
pub use audit::{Audit, Model, ModelTable, audit, claims_of, models_of, write_records};
pub use battery::{Battery, Set, SetKind};
pub use files::{Manifest, export, open};
