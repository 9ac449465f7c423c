//! The generator and the test battery, for Python.

use pyo3::prelude::*;

#[pymodule]
fn _nodule(_module: &Bound<'_, PyModule>) -> PyResult<()> {
    Ok(())
}
