//! Where does a battery lie, and is it whole? One npz a set, one table of latents, a manifest with the hash of
//! every file, and a description in Croissant's vocabulary.

mod croissant;
mod export;
mod labels;
mod manifest;
mod npz;
mod open;

pub use export::export;
pub use manifest::Manifest;
pub use open::open;
