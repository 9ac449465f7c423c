//! Test battery of a study: its sets, rendered in batches, and measurement of a model's predictions on them.

use std::collections::BTreeMap;
use std::path::PathBuf;

use ndarray::Array2;
use nodule_battery::sets::{generate_gallery, render_images};
use nodule_battery::{
    Battery as Inner, ExpectedSets, Model, Predictions, Set, SetKind, audit, export, to_embeddings,
    to_scores,
};
use nodule_study::settings::built_in_studies;
use numpy::{
    PyArray1, PyArray3, PyArray4, PyArrayMethods, PyReadonlyArrayDyn, PyUntypedArrayMethods,
};
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::arguments::extract_count;
use crate::error::{run_interruptibly, to_py_err, value_error};
use crate::latents::Latents;
use crate::measured::Measured;
use crate::source::{Source, StudySource};

/// Test images of a study, for evaluating any network.
#[pyclass(module = "nodule._nodule", name = "Battery", frozen)]
pub(crate) struct Battery {
    inner: Inner,
    source: StudySource,
}

/// Returns the names of the built-in studies.
#[pyfunction]
pub(crate) fn studies() -> Vec<&'static str> {
    built_in_studies().collect()
}

#[pymethods]
impl Battery {
    #[new]
    #[pyo3(signature = (study, train=vec![], seeds=None, image_size=None))]
    fn new(
        py: Python<'_>,
        study: PathBuf,
        train: Vec<String>,
        seeds: Option<&Bound<'_, PyAny>>,
        image_size: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let seeds = seeds.map_or(Ok(1), |seeds| extract_count("seeds", seeds, 1))?;
        let size = image_size
            .map(|size| extract_count("image_size", size, 1))
            .transpose()?;
        let source = StudySource {
            study,
            image_size: size,
        };
        let own = source.clone();
        let inner = run_interruptibly(py, move || Inner::new(own.load()?, &train, seeds))?;
        Ok(Self { inner, source })
    }

    #[getter]
    fn id(&self) -> &str {
        self.inner.id()
    }

    #[getter]
    fn study(&self) -> &str {
        &self.inner.resolved_study().study.name
    }

    #[getter]
    fn image_size(&self) -> usize {
        self.inner.image_size()
    }

    #[getter]
    fn train(&self) -> Vec<&str> {
        self.inner.train().iter().map(|d| d.name.as_str()).collect()
    }

    #[getter]
    fn seeds(&self) -> usize {
        self.inner.seeds()
    }

    /// Returns the sets for a model of this training distribution and seed: name, number of images, and whether decision
    /// scores and embeddings are needed.
    fn expected_sets(
        &self,
        train: &str,
        seed: usize,
    ) -> PyResult<Vec<(String, usize, bool, bool)>> {
        let expected = ExpectedSets::new(&self.inner, train, seed).map_err(value_error)?;
        let sets = expected.sets().iter().map(|(name, set)| {
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

    /// Returns the images `start..end` of a set, `[n, 1, size, size]`.
    fn images<'py>(
        &self,
        py: Python<'py>,
        set: &str,
        start: usize,
        end: usize,
    ) -> PyResult<Bound<'py, PyArray4<f32>>> {
        let found = self.find(set)?;
        let latents = found.latents(start..end.min(found.len()));
        let (n, size) = (latents.len(), self.inner.image_size());
        let generator = self.inner.generator(&found.kind).clone();
        let images = run_interruptibly(py, move || render_images(&generator, &latents))?;
        PyArray1::from_vec(py, images).reshape([n, 1, size, size])
    }

    /// Returns the masks of a set `[n, size, size]`, uint8: 1 inside the nodule, else 0.
    fn masks<'py>(&self, py: Python<'py>, set: &str) -> PyResult<Bound<'py, PyArray3<u8>>> {
        let found = self.find(set)?.clone();
        let (n, size) = (found.len(), self.inner.image_size());
        let battery = self.inner.clone();
        let data = run_interruptibly(py, move || battery.render(&found))?;
        PyArray1::from_vec(py, data.masks).reshape([n, size, size])
    }

    /// Returns the latents of a set.
    fn latents(&self, set: &str) -> PyResult<Latents> {
        let found = self.find(set)?;
        let is_training = matches!(found.kind, SetKind::Training(..) | SetKind::Validation(..));
        Ok(Latents {
            rows: found.latents(0..found.len()),
            generator: self.inner.generator(&found.kind).clone(),
            source: Source::Study {
                study: self.source.clone(),
                is_test: !is_training,
            },
        })
    }

    /// Returns the labels of a set `[n]`.
    fn labels<'py>(&self, py: Python<'py>, set: &str) -> PyResult<Bound<'py, PyArray1<u8>>> {
        Ok(PyArray1::from_vec(py, self.find(set)?.labels()))
    }

    /// Measures the predictions of one model and seed: decision values `[n]` and embeddings `[n, d]` by set as float64,
    /// saliency maps `[n, size, size]` by method as float32. `outputs` is the kind of the decision values, and their
    /// resolution as in `nodule_battery::to_scores`.
    fn measure(
        &self,
        py: Python<'_>,
        model: (String, String, usize),
        decisions: &Bound<'_, PyDict>,
        embeddings: &Bound<'_, PyDict>,
        maps: &Bound<'_, PyDict>,
        outputs: (String, f64),
    ) -> PyResult<Measured> {
        let (name, train, seed) = model;
        let (outputs, resolution) = (outputs.0.parse().map_err(value_error)?, outputs.1);
        let expected = ExpectedSets::new(&self.inner, &train, seed).map_err(value_error)?;
        let scores = check_arrays(&expected, "decision", decisions)?
            .into_iter()
            .map(|(set, (_, values))| (set, values))
            .collect();
        let mut rows = BTreeMap::new();
        for (set, (shape, values)) in check_arrays(&expected, "embedding", embeddings)? {
            let array = Array2::from_shape_vec((shape[0], shape[1]), values);
            let array =
                array.map_err(|e| to_py_err(nodule_study::Error::cannot_make("embeddings", e)))?;
            rows.insert(set, array);
        }
        let (scores, limited) = to_scores(&scores, outputs, resolution).map_err(value_error)?;
        let mut predictions = Predictions {
            scores,
            limited,
            embeddings: to_embeddings(&rows).map_err(value_error)?,
            ..Predictions::default()
        };
        for (method, values) in maps {
            let (method, values): (String, PyReadonlyArrayDyn<'_, f32>) =
                (method.extract()?, values.extract()?);
            let map = values.as_array().iter().copied().collect::<Vec<_>>();
            let method = expected
                .check_maps(&method, values.shape(), &map)
                .map_err(value_error)?;
            predictions.maps.insert(method, map);
        }
        expected.check_complete(&predictions).map_err(value_error)?;
        let model = Model {
            name,
            train,
            seed,
            predictions,
        };
        let battery = self.inner.clone();
        let (audit, gallery) = run_interruptibly(py, move || {
            Ok((
                audit(&battery, &[model])?,
                generate_gallery(battery.resolved_study())?,
            ))
        })?;
        Ok(Measured { audit, gallery })
    }

    /// Writes the battery to files, as `nodule battery export` does.
    fn export(&self, py: Python<'_>, folder: PathBuf) -> PyResult<()> {
        let battery = self.inner.clone();
        run_interruptibly(py, move || export(&battery, &folder, &|_| ()).map(|_| ()))
    }
}

impl Battery {
    fn find(&self, set: &str) -> PyResult<&Set> {
        let found = self.inner.sets().iter().find(|s| s.name() == set);
        let names = || nodule_error::one_of(self.inner.sets().iter().map(|s| s.name()));
        found.ok_or_else(|| value_error(nodule_error::invalid_value("set", set, names())))
    }
}

/// Shape and values of each array, by set.
type Arrays = Vec<(String, (Vec<usize>, Vec<f64>))>;

/// Returns the arrays of a dictionary after checks of their sets, shapes and values.
fn check_arrays(expected: &ExpectedSets, kind: &str, all: &Bound<'_, PyDict>) -> PyResult<Arrays> {
    let mut arrays = Vec::new();
    for (set, values) in all {
        let (set, values): (String, PyReadonlyArrayDyn<'_, f64>) =
            (set.extract()?, values.extract()?);
        let shape = values.shape().to_vec();
        let values: Vec<f64> = values.as_array().iter().copied().collect();
        let field = format!("{kind}/{set}");
        expected
            .check_rows(&field, &set, &shape, &values)
            .map_err(value_error)?;
        arrays.push((set, (shape, values)));
    }
    Ok(arrays)
}
