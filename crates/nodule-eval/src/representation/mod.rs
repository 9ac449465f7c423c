//! What an embedding holds: what can be read from it linearly, how its classes lie, and a picture.

mod decode;
mod likeness;
mod principal;
mod separation;

pub use decode::decode;
pub use likeness::{Gram, cka, gram, precision_at_one};
pub use principal::{Principal, principal};
pub use separation::{collapse, silhouette};
