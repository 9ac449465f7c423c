//! The generator and the test battery, for Python: what `nodule` (the package beside this file) is made of.
//!
//! Errors are Python's own: a setting that is refused is a `ValueError` with our one line. Work that may take
//! long runs on threads of its own, so that Ctrl-C is heard within a tenth of a second; and no panic crosses.

mod battery;
mod columns;
mod error;
mod generate;
mod latents;
mod measured;

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
    module.add_function(wrap_pyfunction!(generate::distributions, module)?)?;
    module.add_function(wrap_pyfunction!(battery::studies, module)?)?;
    Ok(())
}
