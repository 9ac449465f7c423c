//! Attribution maps for any Candle model, and scores that say how far to trust them.
//!
//! A [`Model`] is anything with a decision value for each image; a closure will do. The methods are
//! one a file in `method`, the scores one a file in `score`. Maps are signed and as large as the
//! images: positive where more of the pixel raises the decision value.
//!
//! ```
//! use candle_core::{Device, Tensor};
//! use nodule_explain::method::{gradient, integrated_gradients};
//!
//! // A model that weighs the four pixels of an image.
//! let weights = Tensor::new(&[[[[1.0f32, -2.0], [0.0, 3.0]]]], &Device::Cpu)?;
//! let model = |images: &Tensor| images.broadcast_mul(&weights)?.sum((1, 2, 3));
//!
//! let images = Tensor::new(&[[[[0.5f32, 0.5], [0.5, 1.0]]]], &Device::Cpu)?;
//! let map = gradient(&model, &images)?;
//! assert_eq!(map.flatten_all()?.to_vec1::<f32>()?, [1.0, -2.0, 0.0, 3.0]);
//! let map = integrated_gradients(&model, &images, 0.0, 8)?;
//! assert_eq!(map.flatten_all()?.to_vec1::<f32>()?, [0.5, -1.0, 0.0, 3.0]);
//! # Ok::<(), nodule_explain::Error>(())
//! ```

mod error;
pub mod method;
mod model;
pub mod score;

pub use error::Error;
pub use method::{MapUnit, Method, attribute};
pub use model::{Convolutional, Model};
