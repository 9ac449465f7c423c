//! A study's battery: its sets, rendered part by part, and the answers to them, measured.

use std::path::PathBuf;

use ndarray::Array2;
use nodule_battery::sets::{generate_gallery, render_images};
use nodule_battery::{Battery as Own, ExpectedSets, Model, Predictions, audit, export};
use nodule_study::settings::{built_in_studies, resized};
use nodule_study::{Registry, load_study};
use numpy::{PyArray1, PyArray4, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::error::{count, interruptible, raised, refusal};
use crate::measured::Measured;

/// What all networks of a study are asked.
#[pyclass(module = "nodule._nodule", name = "Battery", frozen)]
pub(crate) struct Battery {
    own: Own,
}

/// The names of the studies that come with the package.
#[pyfunction]
pub(crate) fn studies() -> Vec<&'static str> {
    built_in_studies().collect()
}

#[pymethods]
impl Battery {
    #[new]
    #[pyo3(signature = (study, train=vec![], seeds=1, image_size=None))]
    fn new(
        py: Python<'_>,
        study: PathBuf,
        train: Vec<String>,
        seeds: i64,
        image_size: Option<i64>,
    ) -> PyResult<Self> {
        let seeds = count("seeds", seeds)?;
        let size = image_size
            .map(|size| count("image_size", size))
            .transpose()?;
        let own = interruptible(py, move || {
            let registry = Registry::default();
            let mut resolved = load_study(&study.to_string_lossy(), &registry)?;
            if let Some(size) = size {
                resolved = resized(resolved, size, &registry)?;
            }
            Own::new(resolved, &train, seeds)
        })?;
        Ok(Self { own })
    }

    #[getter]
    fn id(&self) -> &str {
        self.own.id()
    }

    #[getter]
    fn study(&self) -> &str {
        &self.own.resolved().study.name
    }

    #[getter]
    fn image_size(&self) -> usize {
        self.own.image_size()
    }

    #[getter]
    fn train(&self) -> Vec<&str> {
        self.own.train().iter().map(|d| d.name.as_str()).collect()
    }

    #[getter]
    fn seeds(&self) -> usize {
        self.own.seeds()
    }

    /// Name, images, and whether decisions and embeddings are asked for: of each set that a model of that
    /// training distribution and seed is asked about.
    fn asked(&self, train: &str, seed: usize) -> PyResult<Vec<(String, usize, bool, bool)>> {
        let wanted = ExpectedSets::new(&self.own, train, seed).map_err(refusal)?;
        let sets = wanted.sets().iter().map(|(name, set)| {
            let kind = &set.kind;
            (
                name.clone(),
                set.len(),
                kind.needs_scores(),
                kind.needs_embeddings(),
            )
        });
        Ok(sets.collect())
    }

    /// Images `start..end` of a set, `[n, 1, size, size]`.
    fn images<'py>(
        &self,
        py: Python<'py>,
        set: &str,
        start: usize,
        end: usize,
    ) -> PyResult<Bound<'py, PyArray4<f32>>> {
        let found = self.own.sets().iter().find(|s| s.name() == set);
        let names = || nodule_error::one_of(self.own.sets().iter().map(|s| s.name()));
        let found = found.ok_or_else(|| refusal(nodule_error::invalid_value("set", set, names())))?;
        let latents = found.latents(start..end.min(found.len()));
        let (n, size) = (latents.len(), self.own.image_size());
        let generator = self.own.generator(&found.kind).clone();
        let images = interruptible(py, move || render_images(&generator, &latents))?;
        PyArray1::from_vec(py, images).reshape([n, 1, size, size])
    }

    /// The labels of a set.
    fn labels<'py>(&self, py: Python<'py>, set: &str) -> Option<Bound<'py, PyArray1<u8>>> {
        let found = self.own.sets().iter().find(|s| s.name() == set)?;
        Some(PyArray1::from_vec(py, found.labels()))
    }

    /// Measures the answers of one model and seed: by set `[n]` decision values and `[n, d]` embeddings, by
    /// method `[n, size, size]` maps; float32.
    fn measure(
        &self,
        py: Python<'_>,
        model: (String, String, usize),
        decisions: &Bound<'_, PyDict>,
        embeddings: &Bound<'_, PyDict>,
        maps: &Bound<'_, PyDict>,
    ) -> PyResult<Measured> {
        let (name, train, seed) = model;
        let wanted = ExpectedSets::new(&self.own, &train, seed).map_err(refusal)?;
        let mut answers = Predictions::default();
        for (set, (_, values)) in arrays(&wanted, "decision", decisions)? {
            answers.scores.insert(set, values);
        }
        for (set, (shape, values)) in arrays(&wanted, "embedding", embeddings)? {
            let rows = Array2::from_shape_vec((shape[0], shape[1]), values);
            let rows = rows.map_err(|e| raised(nodule_study::Error::made("embeddings", e)))?;
            answers.embeddings.insert(set, rows);
        }
        for (method, values) in maps {
            let (method, values): (String, PyReadonlyArrayDyn<'_, f32>) =
                (method.extract()?, values.extract()?);
            let map = values.as_array().iter().copied().collect::<Vec<_>>();
            let method = wanted.check_maps(&method, values.shape(), &map).map_err(refusal)?;
            answers.maps.insert(method, map);
        }
        wanted.check_complete(&answers).map_err(refusal)?;
        let model = Model {
            name,
            train,
            seed,
            predictions: answers,
        };
        let own = self.own.clone();
        let (audit, gallery) = interruptible(py, move || {
            Ok((audit(&own, &[model])?, generate_gallery(own.resolved())?))
        })?;
        Ok(Measured { audit, gallery })
    }

    /// Writes the battery as files.
    fn export(&self, py: Python<'_>, folder: PathBuf) -> PyResult<()> {
        let own = self.own.clone();
        interruptible(py, move || export(&own, &folder, &|_| ()).map(|_| ()))
    }
}

/// Shape and values of each array, by set, checked.
type Arrays = Vec<(String, (Vec<usize>, Vec<f32>))>;

fn arrays(wanted: &ExpectedSets, what: &str, all: &Bound<'_, PyDict>) -> PyResult<Arrays> {
    let mut arrays = Vec::new();
    for (set, values) in all {
        let (set, values): (String, PyReadonlyArrayDyn<'_, f32>) =
            (set.extract()?, values.extract()?);
        let shape = values.shape().to_vec();
        let values: Vec<f32> = values.as_array().iter().copied().collect();
        let field = format!("{what}/{set}");
        wanted
            .check_rows(&field, &set, &shape, &values)
            .map_err(refusal)?;
        arrays.push((set, (shape, values)));
    }
    Ok(arrays)
}
