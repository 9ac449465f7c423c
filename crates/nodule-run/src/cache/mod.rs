//! Per-run cache of the network outputs that the report shows, `shown.safetensors` in the run's folder.
//!
//! The run writes it, or the first report of a run that has none. It is no file of the run: deleting it costs time only.

mod file;
mod key;
mod outputs;
mod plane_images;
mod selection;

pub use file::CACHE_FILE;
pub(crate) use file::{load_outputs, store_outputs, to_bytes};
pub(crate) use key::cache_key;
pub(crate) use outputs::NetworkOutputs;
pub(crate) use plane_images::PlaneImages;
pub(crate) use selection::{is_in_report, report_seeds};
