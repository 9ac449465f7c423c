//! Export: NumPy arrays or pictures, with a table of labels and latents.

mod contact_sheet;
mod npz;
mod pictures;
mod table;
mod unfinished;

pub use contact_sheet::contact_sheet;
pub use npz::export_npz;
pub use pictures::{export_png, export_png_parts};
pub use unfinished::check_export_folder;

fn grey(value: f32) -> u8 {
    (value * 255.0).round().clamp(0.0, 255.0) as u8
}
