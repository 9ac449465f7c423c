//! Reading answers from an npz file, or from arrays of the same names.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use ndarray::Array2;
use nodule_error::{InvalidInput, conflict, invalid_value};
use nodule_images::npz::{Array, Npz, Values};
use nodule_study::Error;

use super::{Answers, Wanted};
use crate::Battery;

/// Maximum size of all unpacked arrays, in bytes (32 GiB).
const MAX_BYTES: u64 = 1 << 35;

/// The answers of a model that was trained on `train`, with that seed's number, from the npz file at `path`.
///
/// # Errors
/// [`Error::Setting`] with the file, the array and what is wrong with it: for another battery, missing, too
/// few or too many, not finite, of the wrong type or shape, or in another order.
pub fn read_answers(
    path: &Path,
    battery: &Battery,
    train: &str,
    seed: usize,
) -> Result<Answers, Error> {
    let place = path.to_string_lossy();
    let at = |e: InvalidInput| Error::from(e.at(place.clone()));
    let wanted = Wanted::new(battery, train, seed).map_err(at)?;
    let arrays = arrays(path)?;
    taken(&arrays, battery, &wanted).map_err(at)
}

/// Reads every array of the file, by name.
fn arrays(path: &Path) -> Result<BTreeMap<String, Array>, Error> {
    let place = path.to_string_lossy();
    let not_npz = || {
        let error = conflict("answers", "is not an npz file; save it with numpy.savez");
        Error::from(error.at(place.clone()))
    };
    let file = File::open(path).map_err(|source| match source.kind() {
        std::io::ErrorKind::NotFound => {
            let error = invalid_value("--answers", &place, "an existing file");
            Error::from(error.at("command line"))
        }
        _ => Error::File {
            path: path.to_path_buf(),
            source,
        },
    })?;
    if !file.metadata().is_ok_and(|m| m.is_file()) {
        return Err(not_npz());
    }
    let mut npz = Npz::new(BufReader::new(file), MAX_BYTES).map_err(|_| not_npz())?;
    let mut arrays = BTreeMap::new();
    for name in npz.names() {
        let array = npz.array(&name).map_err(|e| e.at(place.clone()))?;
        let array = array.ok_or_else(not_npz)?;
        arrays.insert(name, array);
    }
    Ok(arrays)
}

/// The answers in these arrays, checked.
fn taken(
    arrays: &BTreeMap<String, Array>,
    battery: &Battery,
    wanted: &Wanted,
) -> Result<Answers, InvalidInput> {
    same_battery(arrays.get("battery"), battery)?;
    let mut answers = Answers::default();
    for (field, array) in arrays {
        let shape = array.shape.as_slice();
        match field.split_once('/') {
            None if field == "battery" => {}
            Some(("id", name)) => wanted.ids(name, &integers(field, array)?)?,
            Some(("label", name)) => wanted.labels(name, &integers(field, array)?)?,
            Some(("decision", name)) => {
                let numbers = numbers(field, array)?;
                wanted.rows(field, name, shape, &numbers)?;
                answers
                    .decisions
                    .insert(name.to_owned(), numbers.into_owned());
            }
            Some(("embedding", name)) => {
                let numbers = numbers(field, array)?;
                wanted.rows(field, name, shape, &numbers)?;
                let rows = Array2::from_shape_vec((shape[0], shape[1]), numbers.into_owned());
                let damaged =
                    |_| invalid_value(field, "damaged", "an array as numpy.savez writes it");
                answers
                    .embeddings
                    .insert(name.to_owned(), rows.map_err(damaged)?);
            }
            Some(("map", name)) => {
                let numbers = numbers(field, array)?;
                let method = wanted.map(name, shape, &numbers)?;
                answers.maps.insert(method, numbers.into_owned());
            }
            _ => {
                let allowed =
                    "battery, decision/SET, embedding/SET, map/METHOD, id/SET or label/SET";
                return Err(invalid_value("array", field, allowed));
            }
        }
    }
    wanted.whole(&answers)?;
    Ok(answers)
}

fn same_battery(array: Option<&Array>, battery: &Battery) -> Result<(), InvalidInput> {
    let allowed = format!("{}, the battery's id in manifest.json", battery.id());
    match array.map(|array| &array.values) {
        Some(Values::Text(id)) if id == battery.id() => Ok(()),
        Some(Values::Text(id)) => {
            let allowed = format!("{allowed}: these answers are for another battery");
            Err(invalid_value("battery", id, allowed))
        }
        Some(_) => Err(invalid_value("battery", "numbers", allowed)),
        None => Err(invalid_value("battery", "missing", allowed)),
    }
}

/// Returns the values of an array of floats, as float32.
fn numbers<'a>(field: &str, array: &'a Array) -> Result<Cow<'a, [f32]>, InvalidInput> {
    if array.is_fortran && array.shape.len() > 1 {
        let reason = "is in Fortran order; save numpy.ascontiguousarray of it";
        return Err(conflict(field, reason));
    }
    match &array.values {
        Values::F32(numbers) => Ok(Cow::Borrowed(numbers)),
        Values::F64(numbers) => Ok(numbers.iter().map(|v| *v as f32).collect()),
        Values::Text(_) => Err(invalid_value(field, "text", "float32 or float64")),
        _ => {
            let allowed = "float32 or float64: a decision is a score, not a class";
            Err(invalid_value(field, "integers", allowed))
        }
    }
}

/// Returns the values of an array of integers. Negative ones wrap, so that ids saved as int64 are accepted.
fn integers(field: &str, array: &Array) -> Result<Vec<u64>, InvalidInput> {
    match &array.values {
        Values::U64(integers) => Ok(integers.clone()),
        Values::I64(integers) => Ok(integers.iter().map(|v| *v as u64).collect()),
        Values::U8(integers) => Ok(integers.iter().copied().map(u64::from).collect()),
        Values::Bool(integers) => Ok(integers.iter().copied().map(u64::from).collect()),
        _ => {
            let reason = format!(
                "is {}; integers from the battery are needed",
                array.describe()
            );
            Err(conflict(field, reason))
        }
    }
}
