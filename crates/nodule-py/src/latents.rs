//! Latents as columns, counterfactuals of them, and their images.

use std::sync::Arc;

use nodule_error::{one_of, invalid_value};
use nodule_synth::{Generator, GeneratorSettings, Latents as One, Mode, Outlines};
use numpy::{PyArray1, PyArray3, PyArrayMethods};
use pyo3::exceptions::{PyAttributeError, PyIndexError, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PySlice};

use crate::error::{interruptible, raised, refusal};

/// A level, by the name of its column.
type Level = (&'static str, fn(&One) -> f64, fn(&mut One, f64));
/// A seed likewise.
type Seed = (&'static str, fn(&One) -> u64, fn(&mut One, u64));

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

/// The column of real outlines: -1 where there is none.
const OUTLINE: &str = "outline";

/// Everything that makes some nodules, a column each.
#[pyclass(module = "nodule", frozen)]
pub(crate) struct Latents {
    pub(crate) all: Vec<One>,
    pub(crate) settings: GeneratorSettings,
    pub(crate) outlines: Arc<Outlines>,
}

#[pymethods]
impl Latents {
    fn __len__(&self) -> usize {
        self.all.len()
    }

    fn __repr__(&self) -> String {
        format!("<nodule.Latents of {} nodules>", self.all.len())
    }

    fn __getattr__(&self, py: Python<'_>, name: &str) -> PyResult<Py<PyAny>> {
        let found = self.column(py, name)?;
        found.ok_or_else(|| PyAttributeError::new_err(format!("Latents has no column {name:?}")))
    }

    fn __dir__(&self) -> Vec<&'static str> {
        [names(), vec!["replace", "to_dict", "names"]].concat()
    }

    fn __getitem__(&self, index: &Bound<'_, PyAny>) -> PyResult<Self> {
        let n = self.all.len() as isize;
        if let Ok(slice) = index.cast::<PySlice>() {
            let at = slice.indices(n)?;
            let chosen = (0..at.slicelength).map(|i| at.start + i as isize * at.step);
            let chosen = chosen.filter_map(|i| self.all.get(i as usize).cloned());
            return Ok(self.with(chosen.collect()));
        }
        let at: isize = index.extract().map_err(|_| {
            PyTypeError::new_err("latents are indexed by a whole number or a slice")
        })?;
        let at = if at < 0 { at + n } else { at };
        let one = usize::try_from(at).ok().and_then(|at| self.all.get(at));
        let one = one.ok_or_else(|| PyIndexError::new_err("there is no such nodule"))?;
        Ok(self.with(vec![one.clone()]))
    }

    /// The names of the columns.
    #[getter]
    fn names(&self) -> Vec<&'static str> {
        names()
    }

    /// All columns by name.
    fn to_dict<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let columns = PyDict::new(py);
        for name in names() {
            columns.set_item(name, self.column(py, name)?)?;
        }
        Ok(columns)
    }

    /// The same nodules with some columns replaced: a number for all of them, or one each.
    #[pyo3(signature = (**columns))]
    fn replace(&self, columns: Option<&Bound<'_, PyDict>>) -> PyResult<Self> {
        let mut all = self.all.clone();
        for (name, value) in columns.into_iter().flatten() {
            let name: String = name.extract()?;
            if let Some((_, _, set)) = LEVELS.into_iter().find(|level| level.0 == name) {
                let values = self.each(&name, values::<f64>(&value)?)?;
                all.iter_mut().zip(values).for_each(|(one, v)| set(one, v));
            } else if let Some((_, _, set)) = SEEDS.into_iter().find(|seed| seed.0 == name) {
                let values = self.each(&name, values::<u64>(&value)?)?;
                all.iter_mut().zip(values).for_each(|(one, v)| set(one, v));
            } else if name == OUTLINE {
                let values = self.each(&name, values::<i64>(&value)?)?;
                for (one, v) in all.iter_mut().zip(values) {
                    one.outline = usize::try_from(v).ok();
                }
            } else {
                return Err(refusal(invalid_value("latents", name, one_of(names()))));
            }
        }
        for one in &all {
            one.validate().map_err(raised)?;
        }
        Ok(self.with(all))
    }
}

impl Latents {
    fn with(&self, all: Vec<One>) -> Self {
        Self {
            all,
            settings: self.settings.clone(),
            outlines: Arc::clone(&self.outlines),
        }
    }

    fn column(&self, py: Python<'_>, name: &str) -> PyResult<Option<Py<PyAny>>> {
        if let Some((_, get, _)) = LEVELS.iter().find(|level| level.0 == name) {
            let values = self.all.iter().map(get).collect();
            return Ok(Some(PyArray1::from_vec(py, values).into_any().unbind()));
        }
        if let Some((_, get, _)) = SEEDS.iter().find(|seed| seed.0 == name) {
            let values = self.all.iter().map(get).collect();
            return Ok(Some(PyArray1::from_vec(py, values).into_any().unbind()));
        }
        let outlines = || self.all.iter().map(|l| l.outline.map_or(-1, |o| o as i64));
        Ok((name == OUTLINE).then(|| {
            PyArray1::from_vec(py, outlines().collect())
                .into_any()
                .unbind()
        }))
    }

    /// One value a nodule.
    fn each<T: Copy>(&self, name: &str, values: Vec<T>) -> PyResult<Vec<T>> {
        let n = self.all.len();
        match values.len() {
            1 => Ok(vec![values[0]; n]),
            found if found == n => Ok(values),
            found => {
                let allowed = format!("one, or {n}: one a nodule");
                Err(refusal(
                    invalid_value(name, format!("{found} values"), allowed).at("latents"),
                ))
            }
        }
    }
}

fn names() -> Vec<&'static str> {
    let levels = LEVELS.iter().map(|level| level.0).chain([OUTLINE]);
    levels.chain(SEEDS.iter().map(|seed| seed.0)).collect()
}

/// A number, or several.
fn values<'py, T>(value: &Bound<'py, PyAny>) -> PyResult<Vec<T>>
where
    T: for<'a> FromPyObject<'a, 'py, Error = PyErr>,
{
    match value.extract::<T>() {
        Ok(one) => Ok(vec![one]),
        Err(_) => value.extract(),
    }
}

/// The images of `latents`, of the size that they were drawn for or of another.
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
    let (size, n) = (settings.image_size, latents.all.len());
    let outlines = Arc::clone(&latents.outlines);
    let generator = Generator::new(settings, outlines).map_err(raised)?;
    let all = latents.all.clone();
    let images = interruptible(py, move || nodule_battery::sets::render_images(&generator, &all))?;
    PyArray1::from_vec(py, images).reshape([n, size, size])
}
