//! Data sets as arrays: the same bits as `nodule synth` writes, without a copy.

use std::path::PathBuf;
use std::sync::Arc;

use nodule_error::invalid_value;
use nodule_synth::{Distribution, Generator, GeneratorSettings};
use numpy::{PyArray1, PyArray3, PyArrayMethods};
use pyo3::prelude::*;

use crate::error::{count, interruptible, raised, refusal};
use crate::latents::Latents;

/// Nodules of a distribution, with all that is known of them.
#[pyclass(module = "nodule", frozen)]
pub(crate) struct Nodules {
    /// `[n, size, size]` float32 in [0, 1].
    #[pyo3(get)]
    images: Py<PyArray3<f32>>,
    /// `[n, size, size]` uint8: 1 where the nodule is.
    #[pyo3(get)]
    masks: Py<PyArray3<u8>>,
    /// `[n]` uint8: 0 normal, 1 abnormal.
    #[pyo3(get)]
    labels: Py<PyArray1<u8>>,
    /// Everything that makes them.
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

/// The names of the distributions that come with the package.
#[pyfunction]
pub(crate) fn distributions() -> Vec<&'static str> {
    Distribution::names()
}

/// Draws and renders `n` nodules of a distribution: a built-in one by its name, or a TOML file.
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
    let (n, size) = (count("n", n)?, count("image_size", image_size)?);
    let seed = u64::try_from(seed).map_err(|_| {
        refusal(invalid_value(
            "seed",
            seed,
            "a whole number from 0 to 18446744073709551615",
        ))
    })?;
    let distribution = Distribution::resolve(distribution).map_err(raised)?;
    let settings = GeneratorSettings {
        image_size: size,
        ..GeneratorSettings::default()
    };
    let outlines = distribution.load_outlines(outlines.as_deref()).map_err(raised)?;
    let generator = Generator::new(settings.clone(), Arc::clone(&outlines)).map_err(raised)?;
    let name = distribution.name.clone();
    let data = interruptible(py, move || Ok(generator.generate(&distribution, seed, 0..n)?))?;
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
                all: data.latents,
                settings,
                outlines,
            },
        )?,
        n,
        distribution: name,
    })
}
