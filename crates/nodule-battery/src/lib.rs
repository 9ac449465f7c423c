//! The test battery of a study: the images that every network is asked about, and what its answers say.
//!
//! [`sets`] draws and renders what all runs of a study share; [`scores`] turns decision values into the
//! records that a report is made of. Runs of our own go through both. For networks that we did not train,
//! [`export`] writes the same images as files that NumPy reads, [`read_answers`] takes in what a network says of
//! them, checked, and [`audit`] makes the records. Nothing here knows a tensor or a page.

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
