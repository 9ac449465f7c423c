//! Latents as columns, counterfactuals, and rendering.

use std::path::PathBuf;
use std::sync::Arc;

use nodule_error::{conflict, invalid_value, one_of};
use nodule_synth::{Generator, GeneratorSettings, Latents as Row, Mode, Outlines};
use numpy::{PyArray1, PyArray3, PyArrayMethods};
use pyo3::exceptions::{PyAttributeError, PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySlice};
use serde::{Deserialize, Serialize};

use crate::error::{extract_count, run_interruptibly, to_py_err, value_error};

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
    /// File of the outlines; `None` for the embedded ones.
    pub(crate) outlines_file: Option<PathBuf>,
}

/// Latents as JSON, for pickles.
#[derive(Serialize, Deserialize)]
struct SavedLatents {
    rows: Vec<Row>,
    settings: GeneratorSettings,
    outlines_file: Option<PathBuf>,
    outlines_sha256: String,
}

/// Returns the latents that `Latents.__reduce__` saved.
///
/// # Errors
/// `ValueError` if the file of outlines has changed.
#[pyfunction(name = "_latents_from_json")]
pub(crate) fn latents_from_json(text: &str) -> PyResult<Latents> {
    let saved: SavedLatents = serde_json::from_str(text)
        .map_err(|e| PyValueError::new_err(format!("pickled latents: {e}")))?;
    let outlines = match &saved.outlines_file {
        None => Outlines::lidc(),
        Some(path) => Outlines::read(path).map_err(to_py_err)?,
    };
    if outlines.digest() != saved.outlines_sha256 {
        let reason =
            "the outlines have changed since the latents were pickled; generate them again";
        return Err(value_error(conflict("pickled latents", reason)));
    }
    Ok(Latents {
        rows: saved.rows,
        settings: saved.settings,
        outlines,
        outlines_file: saved.outlines_file,
    })
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

    fn __setattr__(&self, name: &str, _value: &Bound<'_, PyAny>) -> PyResult<()> {
        let reason = format!("is read-only; latents.replace({name}=...) returns changed latents");
        Err(value_error(conflict(format!("latents.{name}"), reason)))
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (String,))> {
        let saved = SavedLatents {
            rows: self.rows.clone(),
            settings: self.settings.clone(),
            outlines_file: self.outlines_file.clone(),
            outlines_sha256: self.outlines.digest().to_owned(),
        };
        let text = serde_json::to_string(&saved)
            .map_err(|e| PyValueError::new_err(format!("latents: {e}")))?;
        let function = py.import("nodule._nodule")?.getattr("_latents_from_json")?;
        Ok((function, (text,)))
    }

    /// Selects nodules by an integer, a slice, a mask `[n]` of booleans, or a list of integers.
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
        if let Some(indices) = selected_indices(index, self.rows.len())? {
            let rows = indices.into_iter().map(|at| self.row(at).cloned());
            return Ok(self.with_rows(rows.collect::<PyResult<_>>()?));
        }
        let at: isize = index.extract().map_err(|_| {
            PyTypeError::new_err(
                "index of latents: must be an integer, a slice, a mask of booleans, or a list of integers",
            )
        })?;
        Ok(self.with_rows(vec![self.row(at)?.clone()]))
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
                let values = self.broadcast(&name, extract_values::<f64>(&name, &value)?)?;
                rows.iter_mut().zip(values).for_each(|(row, v)| set(row, v));
            } else if let Some((_, _, set)) = SEEDS.into_iter().find(|seed| seed.0 == name) {
                let values = self.broadcast(&name, extract_values::<u64>(&name, &value)?)?;
                rows.iter_mut().zip(values).for_each(|(row, v)| set(row, v));
            } else if name == OUTLINE {
                let values = self.broadcast(&name, extract_values::<i64>(&name, &value)?)?;
                for (row, v) in rows.iter_mut().zip(values) {
                    let is_known = v == -1 || self.outlines.len() as i64 > v && v >= 0;
                    if !is_known {
                        let allowed =
                            format!("-1 (synthetic), or 0 to {}", self.outlines.len() - 1);
                        return Err(value_error(
                            invalid_value(OUTLINE, v, allowed).at("latents"),
                        ));
                    }
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

/// Returns the indices that a mask or a sequence of integers selects; `None` if `index` is neither.
fn selected_indices(index: &Bound<'_, PyAny>, n: usize) -> PyResult<Option<Vec<isize>>> {
    let values = match index.call_method0("tolist") {
        Ok(list) => list,
        Err(_) => index.clone(),
    };
    if let Ok(mask) = values.extract::<Vec<bool>>() {
        if mask.len() != n {
            let allowed = format!("{n}, one per nodule");
            let error = invalid_value("length of the mask", mask.len(), allowed);
            return Err(value_error(error.at("latents")));
        }
        let selected = mask
            .iter()
            .enumerate()
            .filter(|(_, is_selected)| **is_selected);
        return Ok(Some(selected.map(|(i, _)| i as isize).collect()));
    }
    Ok(values.extract().ok())
}

impl Latents {
    /// Returns a row; negative indices count from the end.
    fn row(&self, at: isize) -> PyResult<&Row> {
        let n = self.rows.len() as isize;
        let found = usize::try_from(if at < 0 { at + n } else { at }).ok();
        let row = found.and_then(|at| self.rows.get(at));
        row.ok_or_else(|| PyIndexError::new_err(format!("index {at} is out of range: {n} nodules")))
    }

    fn with_rows(&self, rows: Vec<Row>) -> Self {
        Self {
            rows,
            settings: self.settings.clone(),
            outlines: Arc::clone(&self.outlines),
            outlines_file: self.outlines_file.clone(),
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
///
/// # Errors
/// `ValueError` with the name of the column.
fn extract_values<'py, T>(name: &str, value: &Bound<'py, PyAny>) -> PyResult<Vec<T>>
where
    T: for<'a> FromPyObject<'a, 'py, Error = PyErr>,
{
    if let Ok(one) = value.extract::<T>() {
        return Ok(vec![one]);
    }
    value.extract().map_err(|_| {
        let allowed = match name.ends_with("_seed") {
            true => "whole numbers from 0 to 18446744073709551615",
            false => "numbers",
        };
        value_error(
            invalid_value(name, value, format!("{allowed}: one, or one per nodule")).at("latents"),
        )
    })
}

/// Renders `latents` as images `[n, size, size]`, float32 in [0, 1]. `image_size` is by default that of the data set
/// they come from.
#[pyfunction]
#[pyo3(signature = (latents, *, image_size=None))]
pub(crate) fn render<'py>(
    py: Python<'py>,
    latents: &Latents,
    image_size: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyArray3<f32>>> {
    let settings = GeneratorSettings {
        image_size: match image_size {
            None => latents.settings.image_size,
            Some(size) => extract_count("image_size", size, 1)?,
        },
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
