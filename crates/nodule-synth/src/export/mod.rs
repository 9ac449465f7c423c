//! Export: NumPy arrays or pictures, with a table of labels and latents.

#[cfg(feature = "png")]
mod contact_sheet;
#[cfg(feature = "npz")]
mod npz;
#[cfg(feature = "png")]
mod pictures;
mod table;
mod unfinished;

#[cfg(feature = "png")]
pub use contact_sheet::contact_sheet;
#[cfg(feature = "npz")]
pub use npz::export_npz;
#[cfg(feature = "png")]
pub use pictures::{export_png, export_png_parts};
pub use unfinished::check_export_folder;

#[cfg(feature = "png")]
fn grey(value: f32) -> u8 {
    (value * 255.0).round().clamp(0.0, 255.0) as u8
}
