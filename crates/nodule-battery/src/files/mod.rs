//! Files of a battery: one npz per set, a table of latents, a manifest with checksums, and a Croissant description.

mod croissant;
mod export;
mod labels;
mod manifest;
mod npz;
mod open;

pub use export::export;
pub use manifest::Manifest;
pub(crate) use manifest::to_json;
pub use open::open;
