//! Data sets as NumPy arrays, with the same bits as `nodule synth` writes and without a copy.

use nodule_synth::{Distribution, GeneratorSettings};
use numpy::{PyArray1, PyArray3, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

use crate::arguments::{extract_count, extract_path, extract_seed};
use crate::error::{run_interruptibly, to_py_err};
use crate::latents::Latents;
use crate::source::{BackgroundsFile, Source, build_from_files};

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

    fn __reduce__<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyAny>, Bound<'py, PyTuple>)> {
        let function = py
            .import("nodule._nodule")?
            .getattr("_nodules_from_parts")?;
        let parts = (
            self.images.bind(py),
            self.masks.bind(py),
            self.labels.bind(py),
            self.latents.bind(py),
            self.n,
            &self.distribution,
        );
        Ok((function, parts.into_pyobject(py)?))
    }

    fn __repr__(&self) -> String {
        format!("<nodule.Nodules: {} of {}>", self.n, self.distribution)
    }
}

/// Returns the nodules that `Nodules.__reduce__` saved.
#[pyfunction(name = "_nodules_from_parts")]
pub(crate) fn nodules_from_parts(
    images: Py<PyArray3<f32>>,
    masks: Py<PyArray3<u8>>,
    labels: Py<PyArray1<u8>>,
    latents: Py<Latents>,
    n: usize,
    distribution: String,
) -> Nodules {
    Nodules {
        images,
        masks,
        labels,
        latents,
        n,
        distribution,
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
#[pyo3(
    signature = (distribution, n, seed=None, *, image_size=None, outlines=None, backgrounds=None, part=None),
    text_signature = "(distribution, n, seed=0, *, image_size=64, outlines=None, backgrounds=None, part='all')"
)]
#[expect(clippy::too_many_arguments, reason = "Python's keyword arguments")]
pub(crate) fn generate(
    py: Python<'_>,
    distribution: &Bound<'_, PyAny>,
    n: &Bound<'_, PyAny>,
    seed: Option<&Bound<'_, PyAny>>,
    image_size: Option<&Bound<'_, PyAny>>,
    outlines: Option<&Bound<'_, PyAny>>,
    backgrounds: Option<&Bound<'_, PyAny>>,
    part: Option<&Bound<'_, PyAny>>,
) -> PyResult<Nodules> {
    let allowed = "the name of a distribution (nodule.distributions()) or the path of a TOML file";
    let distribution = extract_path("distribution", distribution, allowed)?;
    let n = extract_count("n", n, 1)?;
    let size = image_size.map_or(Ok(64), |size| extract_count("image_size", size, 1))?;
    let seed = seed.map_or(Ok(0), |seed| extract_seed("seed", seed))?;
    let outlines_file = outlines
        .map(|path| extract_path("outlines", path, "the path of a CSV file"))
        .transpose()?;
    let backgrounds = BackgroundsFile::extract(backgrounds, part)?;
    let distribution = Distribution::resolve(&distribution.to_string_lossy()).map_err(to_py_err)?;
    let settings = GeneratorSettings {
        image_size: size,
        ..GeneratorSettings::default()
    };
    let outlines = distribution
        .load_outlines(outlines_file.as_deref())
        .map_err(to_py_err)?;
    let source = Source::Files {
        settings: settings.clone(),
        outlines: outlines_file.map(std::path::absolute).transpose()?,
        backgrounds: backgrounds.clone(),
    };
    let generator =
        build_from_files(settings, outlines, backgrounds.as_ref()).map_err(to_py_err)?;
    let name = distribution.name.clone();
    let drawing = generator.clone();
    let data = run_interruptibly(py, move || {
        Ok(drawing.generate(&distribution, seed, 0..n)?)
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
                generator,
                source,
            },
        )?,
        n,
        distribution: name,
    })
}
