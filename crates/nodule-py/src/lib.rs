//! Extension module of the Python package `nodule`: the generator and the test battery.
//!
//! Errors are Python exceptions: an invalid setting is a `ValueError` with one line. Long work runs on its own threads,
//! so that Ctrl-C takes effect within a tenth of a second. Panics become exceptions.

mod arguments;
mod battery;
mod columns;
mod error;
mod generate;
mod latents;
mod measured;
mod pool;
mod saved;
mod source;

use pyo3::prelude::*;

#[pymodule]
fn _nodule(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add("GENERATOR_VERSION", nodule_synth::GENERATOR_VERSION)?;
    module.add_class::<generate::Nodules>()?;
    module.add_class::<latents::Latents>()?;
    module.add_class::<battery::Battery>()?;
    module.add_class::<measured::Measured>()?;
    module.add_function(wrap_pyfunction!(generate::generate, module)?)?;
    module.add_function(wrap_pyfunction!(latents::render, module)?)?;
    module.add_function(wrap_pyfunction!(latents::latents_from_json, module)?)?;
    module.add_function(wrap_pyfunction!(generate::nodules_from_parts, module)?)?;
    module.add_function(wrap_pyfunction!(generate::distributions, module)?)?;
    module.add_function(wrap_pyfunction!(battery::studies, module)?)?;
    Ok(())
}
