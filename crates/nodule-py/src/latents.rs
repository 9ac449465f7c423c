//! Latents as columns, counterfactuals, and rendering.

use std::sync::Arc;

use nodule_battery::sets::render_images;
use nodule_error::{conflict, invalid_value, one_of};
use nodule_synth::{GENERATOR_VERSION, Generator, GeneratorSettings, Latents as Row, Mode};
use numpy::{PyArray1, PyArray3, PyArrayMethods};
use pyo3::exceptions::{PyAttributeError, PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySlice};
use serde::{Deserialize, Serialize};

use crate::arguments::{extract_count, extract_elements, invalid_argument, is_bool, short_text};
use crate::error::{run_interruptibly, to_py_err, value_error};
use crate::source::{BackgroundsFile, Source, build_from_files, hash_generator};

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
    /// Generator that renders them.
    pub(crate) generator: Generator,
    pub(crate) source: Source,
}

/// Latents as JSON, for pickles.
#[derive(Serialize, Deserialize)]
struct SavedLatents {
    generator_version: u32,
    rows: Vec<Row>,
    source: Source,
    /// Hash of the generator, since the files of the source may change.
    sha256: String,
}

/// Returns the latents that `Latents.__reduce__` saved.
///
/// # Errors
/// `ValueError` if another version of the generator wrote them, or if the files of their source have changed.
#[pyfunction(name = "_latents_from_json")]
pub(crate) fn latents_from_json(text: &str) -> PyResult<Latents> {
    const PLACE: &str = "pickled latents";
    let invalid = |e: serde_json::Error| value_error(conflict(PLACE, e.to_string()));
    let saved: serde_json::Value = serde_json::from_str(text).map_err(invalid)?;
    let version = &saved["generator_version"];
    if *version != GENERATOR_VERSION {
        let allowed =
            format!("{GENERATOR_VERSION}, the version of this package; generate them again");
        return Err(value_error(
            invalid_value("generator_version", version, allowed).at(PLACE),
        ));
    }
    let saved: SavedLatents = serde_json::from_value(saved).map_err(invalid)?;
    let generator = saved.source.generator().map_err(to_py_err)?;
    if hash_generator(&generator).map_err(to_py_err)? != saved.sha256 {
        let reason = "the study, its outlines or its backgrounds have changed since the latents were pickled; generate them again";
        return Err(value_error(conflict(PLACE, reason)));
    }
    Ok(Latents {
        rows: saved.rows,
        generator,
        source: saved.source,
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
            generator_version: GENERATOR_VERSION,
            rows: self.rows.clone(),
            source: self.source.clone(),
            sha256: hash_generator(&self.generator).map_err(to_py_err)?,
        };
        let text = serde_json::to_string(&saved)
            .map_err(|e| PyValueError::new_err(format!("latents: {e}")))?;
        let function = py.import("nodule._nodule")?.getattr("_latents_from_json")?;
        Ok((function, (text,)))
    }

    /// Selects nodules by an integer, a slice, a mask `[n]` of booleans, or a list of integers.
    fn __getitem__(&self, index: &Bound<'_, PyAny>) -> PyResult<Self> {
        let selected = selected_rows(index, self.rows.len())?;
        Ok(self.with_rows(
            selected
                .into_iter()
                .map(|at| self.rows[at].clone())
                .collect(),
        ))
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
                    let known = self.generator.outlines().len() as i64;
                    if !(-1..known).contains(&v) {
                        let allowed = format!("-1 (synthetic), or 0 to {}", known - 1);
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

/// Returns the rows of `n` that an index selects; negative numbers count from the end.
///
/// # Errors
/// `TypeError` for an index of another kind, `IndexError` for a number out of range, `ValueError` for a mask of another
/// length.
fn selected_rows(index: &Bound<'_, PyAny>, n: usize) -> PyResult<Vec<usize>> {
    let wrong_type = || {
        PyTypeError::new_err(
            "index of latents: must be an integer, a slice, a mask of booleans, or a list of integers",
        )
    };
    if let Ok(slice) = index.cast::<PySlice>() {
        let range = slice.indices(n as isize).map_err(|_| wrong_type())?;
        let places = (0..range.slicelength).map(|i| range.start + i as isize * range.step);
        return Ok(places.map(|at| at as usize).collect());
    }
    let (elements, is_sequence) = extract_elements(index).ok_or_else(wrong_type)?;
    // An array is empty of a certain type.
    let kind = index
        .getattr("dtype")
        .and_then(|dtype| dtype.getattr("kind"));
    let kind = kind.ok().and_then(|kind| kind.extract::<String>().ok());
    if kind
        .as_ref()
        .is_some_and(|kind| !["b", "i", "u"].contains(&kind.as_str()))
    {
        return Err(wrong_type());
    }
    let is_mask = elements.iter().all(is_bool);
    if is_sequence && is_mask && (!elements.is_empty() || kind.as_deref() == Some("b")) {
        if elements.len() != n {
            let allowed = format!("{n}, one per nodule");
            let error = invalid_value("length of the mask", elements.len(), allowed);
            return Err(value_error(error.at("latents")));
        }
        let selected = elements.iter().map(PyAnyMethods::is_truthy).enumerate();
        let selected = selected.filter(|(_, is_selected)| !matches!(is_selected, Ok(false)));
        return Ok(selected.map(|(i, _)| i).collect());
    }
    let row = |element: &Bound<'_, PyAny>| {
        let is_bool = is_bool(element);
        if is_bool || element.call_method0("__index__").is_err() {
            return Err(wrong_type());
        }
        let at = element.extract::<isize>().ok();
        let at = at.map(|at| if at < 0 { at + n as isize } else { at });
        let row = at
            .and_then(|at| usize::try_from(at).ok())
            .filter(|at| *at < n);
        row.ok_or_else(|| {
            let at = short_text(element).unwrap_or_else(|| "of many digits".to_owned());
            PyIndexError::new_err(format!("index {at} is out of range: {n} nodules"))
        })
    };
    elements.iter().map(row).collect()
}

impl Latents {
    fn with_rows(&self, rows: Vec<Row>) -> Self {
        Self {
            rows,
            generator: self.generator.clone(),
            source: self.source.clone(),
        }
    }

    /// Returns the generator with another size or other backgrounds.
    fn generator_with(
        &self,
        image_size: Option<usize>,
        backgrounds: Option<&BackgroundsFile>,
    ) -> PyResult<Generator> {
        let own = self.generator.settings();
        let size = image_size.unwrap_or(own.image_size);
        if size == own.image_size && backgrounds.is_none() {
            return Ok(self.generator.clone());
        }
        if backgrounds.is_none() && self.generator.backgrounds().is_some() {
            let allowed = format!("{}, the size of the backgrounds", own.image_size);
            return Err(value_error(invalid_value("image_size", size, allowed)));
        }
        let settings = GeneratorSettings {
            image_size: size,
            ..own.clone()
        };
        let outlines = Arc::new(self.generator.outlines().clone());
        build_from_files(settings, outlines, backgrounds).map_err(to_py_err)
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
    let extract = |element: &Bound<'py, PyAny>| {
        let is_bool = is_bool(element);
        element.extract::<T>().ok().filter(|_| !is_bool)
    };
    let elements = extract_elements(value).map(|(elements, _)| elements);
    let values = elements.and_then(|elements| elements.iter().map(extract).collect());
    values.ok_or_else(|| {
        let allowed = match name.ends_with("_seed") {
            true => "whole numbers from 0 to 18446744073709551615",
            false => "numbers",
        };
        invalid_argument(name, value, &format!("{allowed}: one, or one per nodule"))
    })
}

/// Renders `latents` as images `[n, size, size]`, float32 in [0, 1]. `image_size` and `backgrounds` are by default those
/// of the data set they come from.
#[pyfunction]
#[pyo3(
    signature = (latents, *, image_size=None, backgrounds=None, part=None),
    text_signature = "(latents, *, image_size=None, backgrounds=None, part='all')"
)]
pub(crate) fn render<'py>(
    py: Python<'py>,
    latents: &Bound<'py, PyAny>,
    image_size: Option<&Bound<'py, PyAny>>,
    backgrounds: Option<&Bound<'py, PyAny>>,
    part: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyArray3<f32>>> {
    let Ok(latents) = latents.cast::<Latents>() else {
        let allowed = "the latents of nodule.generate or of a battery";
        return Err(invalid_argument("latents", latents, allowed));
    };
    let latents = latents.get();
    let size = image_size
        .map(|size| extract_count("image_size", size, 1))
        .transpose()?;
    let backgrounds = BackgroundsFile::extract(backgrounds, part)?;
    let generator = latents.generator_with(size, backgrounds.as_ref())?;
    let (size, n) = (generator.settings().image_size, latents.rows.len());
    let rows = latents.rows.clone();
    let images = run_interruptibly(py, move || render_images(&generator, &rows))?;
    PyArray1::from_vec(py, images).reshape([n, size, size])
}
