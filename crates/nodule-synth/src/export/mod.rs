//! Export of data sets: NumPy arrays or pictures, with a table of labels and latents.

#[cfg(feature = "png")]
mod contact_sheet;
mod labels;
#[cfg(feature = "npz")]
mod npz;
#[cfg(feature = "png")]
mod png;
mod staging;

#[cfg(feature = "png")]
pub use contact_sheet::contact_sheet;
#[cfg(feature = "npz")]
pub use npz::{ArrayValues, export_npz, write_npz};
#[cfg(feature = "png")]
pub use png::{export_png, export_png_chunks};
pub use staging::{Staging, check_export_folder};

/// Returns the 8-bit grey value of an intensity in [0, 1].
#[cfg(feature = "png")]
fn grey(value: f32) -> u8 {
    (value * 255.0).round().clamp(0.0, 255.0) as u8
}
