//! Latents as columns, counterfactuals, and rendering.

use std::sync::Arc;

use nodule_error::{invalid_value, one_of};
use nodule_synth::{Generator, GeneratorSettings, Latents as Row, Mode, Outlines};
use numpy::{PyArray1, PyArray3, PyArrayMethods};
use pyo3::exceptions::{PyAttributeError, PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySlice};

use crate::error::{run_interruptibly, to_py_err, value_error};

/// Column of a level: name, getter, setter.
type Level = (&'static str, fn(&Row) -> f64, fn(&mut Row, f64));
/// Column of a seed: name, getter, setter.
type Seed = (&'static str, fn(&Row) -> u64, fn(&mut Row, u64));

const LEVELS: [Level; 12] = [
    ("shape", |l| l.shape, |l, v| *l = l.with(Mode::Shape, v)),
    ("texture", |l| l.texture, |l, v| l.texture = v),
    ("size", |l| l.size, |l, v| l.size = v),
    ("elongation", |l| l.elongation, |l, v| l.elongation = v),
    ("rotation", |l| l.rotation, |l, v| l.rotation = v),
    ("position_x", |l| l.position_x, |l, v| l.position_x = v),
    ("position_y", |l| l.position_y, |l, v| l.position_y = v),
    ("contrast", |l| l.contrast, |l, v| l.contrast = v),
    ("brightness", |l| l.brightness, |l, v| l.brightness = v),
    (
        "background_texture",
        |l| l.background_texture,
        |l, v| l.background_texture = v,
    ),
    ("noise", |l| l.noise, |l, v| l.noise = v),
    ("blur", |l| l.blur, |l, v| l.blur = v),
];

const SEEDS: [Seed; 4] = [
    (
        "outline_seed",
        |l| l.outline_seed,
        |l, v| l.outline_seed = v,
    ),
    (
        "texture_seed",
        |l| l.texture_seed,
        |l, v| l.texture_seed = v,
    ),
    (
        "background_seed",
        |l| l.background_seed,
        |l, v| l.background_seed = v,
    ),
    ("noise_seed", |l| l.noise_seed, |l, v| l.noise_seed = v),
];

/// Column of real outlines: the row in the outlines' file, or -1 for a synthetic outline.
const OUTLINE: &str = "outline";

/// Latents of several nodules, one column per latent: levels as float64, seeds as uint64, `outline` as int64.
#[pyclass(module = "nodule", frozen)]
pub(crate) struct Latents {
    pub(crate) rows: Vec<Row>,
    pub(crate) settings: GeneratorSettings,
    pub(crate) outlines: Arc<Outlines>,
}

#[pymethods]
impl Latents {
    fn __len__(&self) -> usize {
        self.rows.len()
    }

    fn __repr__(&self) -> String {
        format!("<nodule.Latents of {} nodules>", self.rows.len())
    }

    fn __getattr__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        let column = self.column(py, name)?;
        column.ok_or_else(|| PyAttributeError::new_err(format!("Latents has no column {name:?}")))
    }

    fn __dir__(&self) -> Vec<&'static str> {
        [column_names(), vec!["replace", "to_dict", "names"]].concat()
    }

    fn __getitem__(&self, index: &Bound<'_, PyAny>) -> PyResult<Self> {
        let n = self.rows.len() as isize;
        if let Ok(slice) = index.cast::<PySlice>() {
            let range = slice.indices(n)?;
            let rows = (0..range.slicelength)
                .map(|i| range.start + i as isize * range.step)
                .filter_map(|i| self.rows.get(i as usize).cloned())
                .collect();
            return Ok(self.with_rows(rows));
        }
        let at: isize = index
            .extract()
            .map_err(|_| PyTypeError::new_err("index of latents: must be an integer or a slice"))?;
        let at = if at < 0 { at + n } else { at };
        let row = usize::try_from(at).ok().and_then(|at| self.rows.get(at));
        let row =
            row.ok_or_else(|| PyIndexError::new_err(format!("index out of range: {n} nodules")))?;
        Ok(self.with_rows(vec![row.clone()]))
    }

    /// Names of the columns.
    #[getter]
    fn names(&self) -> Vec<&'static str> {
        column_names()
    }

    /// Returns all columns by name, as arrays `[n]`.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let columns = PyDict::new(py);
        for name in column_names() {
            columns.set_item(name, self.column(py, name)?)?;
        }
        Ok(columns)
    }

    /// Returns the same nodules with some columns replaced, each by one value for all nodules or by `n` values.
    ///
    /// Replacing `shape` of a nodule with a real outline gives it a synthetic one.
    #[pyo3(signature = (**columns))]
    fn replace(&self, columns: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut rows = self.rows.clone();
        for (name, value) in columns.into_iter().flatten() {
            let name: String = name.extract()?;
            if let Some((_, _, set)) = LEVELS.into_iter().find(|level| level.0 == name) {
                let values = self.broadcast(&name, extract_values::<f64>(&value)?)?;
                rows.iter_mut().zip(values).for_each(|(row, v)| set(row, v));
            } else if let Some((_, _, set)) = SEEDS.into_iter().find(|seed| seed.0 == name) {
                let values = self.broadcast(&name, extract_values::<u64>(&value)?)?;
                rows.iter_mut().zip(values).for_each(|(row, v)| set(row, v));
            } else if name == OUTLINE {
                let values = self.broadcast(&name, extract_values::<i64>(&value)?)?;
                for (row, v) in rows.iter_mut().zip(values) {
                    row.outline = usize::try_from(v).ok();
                }
            } else {
                return Err(value_error(invalid_value(
                    "latents",
                    name,
                    one_of(column_names()),
                )));
            }
        }
        for row in &rows {
            row.validate().map_err(to_py_err)?;
        }
        Ok(self.with_rows(rows))
    }
}

impl Latents {
    fn with_rows(&self, rows: Vec<Row>) -> Self {
        Self {
            rows,
            settings: self.settings.clone(),
            outlines: Arc::clone(&self.outlines),
        }
    }

    fn column(&self, py: Python<'_>, name: &str) -> PyResult<Option<Py<PyAny>>> {
        if let Some((_, get, _)) = LEVELS.iter().find(|level| level.0 == name) {
            let values = self.rows.iter().map(get).collect();
            return Ok(Some(PyArray1::from_vec(py, values).into_any().unbind()));
        }
        if let Some((_, get, _)) = SEEDS.iter().find(|seed| seed.0 == name) {
            let values = self.rows.iter().map(get).collect();
            return Ok(Some(PyArray1::from_vec(py, values).into_any().unbind()));
        }
        let outlines = || self.rows.iter().map(|l| l.outline.map_or(-1, |o| o as i64));
        Ok((name == OUTLINE).then(|| {
            PyArray1::from_vec(py, outlines().collect())
                .into_any()
                .unbind()
        }))
    }

    /// Returns one value per nodule, from one value or from as many as nodules.
    fn broadcast<T: Copy>(&self, name: &str, values: Vec<T>) -> PyResult<Vec<T>> {
        let n = self.rows.len();
        match values.len() {
            1 => Ok(vec![values[0]; n]),
            found if found == n => Ok(values),
            found => {
                let allowed = format!("one, or {n}: one per nodule");
                Err(value_error(
                    invalid_value(name, format!("{found} values"), allowed).at("latents"),
                ))
            }
        }
    }
}

fn column_names() -> Vec<&'static str> {
    let levels = LEVELS.iter().map(|level| level.0).chain([OUTLINE]);
    levels.chain(SEEDS.iter().map(|seed| seed.0)).collect()
}

/// Returns the values of a number or of a sequence of numbers.
fn extract_values<'py, T>(value: &Bound<'py, PyAny>) -> PyResult<Vec<T>>
where
    T: for<'a> FromPyObject<'a, 'py, Error = PyErr>,
{
    match value.extract::<T>() {
        Ok(one) => Ok(vec![one]),
        Err(_) => value.extract(),
    }
}

/// Renders `latents` as images `[n, size, size]`, float32 in [0, 1]. `image_size` is by default that of the data set
/// they come from.
#[pyfunction]
#[pyo3(signature = (latents, *, image_size=None))]
pub(crate) fn render<'py>(
    py: Python<'py>,
    latents: &Latents,
    image_size: Option<usize>,
) -> PyResult<Bound<'py, PyArray3<f32>>> {
    let settings = GeneratorSettings {
        image_size: image_size.unwrap_or(latents.settings.image_size),
        ..latents.settings.clone()
    };
    let (size, n) = (settings.image_size, latents.rows.len());
    let outlines = Arc::clone(&latents.outlines);
    let generator = Generator::new(settings, outlines).map_err(to_py_err)?;
    let rows = latents.rows.clone();
    let images = run_interruptibly(py, move || {
        nodule_battery::sets::render_images(&generator, &rows)
    })?;
    PyArray1::from_vec(py, images).reshape([n, size, size])
}
