//! Data sets as NumPy arrays, with the same bits as `nodule synth` writes and without a copy.

use std::path::PathBuf;
use std::sync::Arc;

use nodule_error::invalid_value;
use nodule_synth::{Distribution, Generator, GeneratorSettings};
use numpy::{PyArray1, PyArray3, PyArrayMethods};
use pyo3::prelude::*;

use crate::error::{positive, run_interruptibly, to_py_err, value_error};
use crate::latents::Latents;

/// Nodules of a distribution with their masks, labels and latents.
#[pyclass(module = "nodule", frozen)]
pub(crate) struct Nodules {
    /// Images `[n, size, size]`, float32 in [0, 1].
    #[pyo3(get)]
    images: Py<PyArray3<f32>>,
    /// Masks `[n, size, size]`, uint8: 1 inside the nodule, else 0.
    #[pyo3(get)]
    masks: Py<PyArray3<u8>>,
    /// Labels `[n]`, uint8: 0 normal, 1 abnormal.
    #[pyo3(get)]
    labels: Py<PyArray1<u8>>,
    /// Latents that determine the nodules, one column per latent.
    #[pyo3(get)]
    latents: Py<Latents>,
    n: usize,
    distribution: String,
}

#[pymethods]
impl Nodules {
    fn __len__(&self) -> usize {
        self.n
    }

    fn __repr__(&self) -> String {
        format!("<nodule.Nodules: {} of {}>", self.n, self.distribution)
    }
}

/// Returns the names of the built-in distributions.
#[pyfunction]
pub(crate) fn distributions() -> Vec<&'static str> {
    Distribution::names()
}

/// Generates `n` nodules of a distribution, given as the name of a built-in one or as a TOML file.
///
/// Nodule i depends on `seed` and i alone, so a larger `n` keeps the first nodules. The bits equal those that
/// `nodule synth` writes.
#[pyfunction]
#[pyo3(signature = (distribution, n, seed=0, *, image_size=64, outlines=None))]
pub(crate) fn generate(
    py: Python<'_>,
    distribution: &str,
    n: i64,
    seed: i128,
    image_size: i64,
    outlines: Option<PathBuf>,
) -> PyResult<Nodules> {
    let (n, size) = (positive("n", n)?, positive("image_size", image_size)?);
    let seed = u64::try_from(seed).map_err(|_| {
        value_error(invalid_value(
            "seed",
            seed,
            "a whole number from 0 to 18446744073709551615",
        ))
    })?;
    let distribution = Distribution::resolve(distribution).map_err(to_py_err)?;
    let settings = GeneratorSettings {
        image_size: size,
        ..GeneratorSettings::default()
    };
    let outlines = distribution
        .load_outlines(outlines.as_deref())
        .map_err(to_py_err)?;
    let generator = Generator::new(settings.clone(), Arc::clone(&outlines)).map_err(to_py_err)?;
    let name = distribution.name.clone();
    let data = run_interruptibly(py, move || {
        Ok(generator.generate(&distribution, seed, 0..n)?)
    })?;
    let labels = data.class_indices();
    Ok(Nodules {
        images: PyArray1::from_vec(py, data.images)
            .reshape([n, size, size])?
            .unbind(),
        masks: PyArray1::from_vec(py, data.masks)
            .reshape([n, size, size])?
            .unbind(),
        labels: PyArray1::from_vec(py, labels).unbind(),
        latents: Py::new(
            py,
            Latents {
                rows: data.latents,
                settings,
                outlines,
            },
        )?,
        n,
        distribution: name,
    })
}
