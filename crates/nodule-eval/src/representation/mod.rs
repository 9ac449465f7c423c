//! Measures of a representation: linear decodability, class separation, precision at one, similarity to another
//! representation (CKA), and PCA.

mod cka;
mod class_separation;
mod decode;
mod pca;
mod precision_at_one;

pub use cka::{Gram, cka};
pub use class_separation::{nc1, silhouette};
pub use decode::decode;
pub use pca::{Pca, pca};
pub use precision_at_one::precision_at_one;
