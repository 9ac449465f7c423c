//! What an embedding holds: what can be read from it linearly, how its classes lie, and a picture.

mod decode;
mod principal;
mod separation;

pub use decode::decode;
pub use principal::{Principal, principal};
pub use separation::{collapse, silhouette};
