//! Reading answers from an npz file, or from arrays of the same names.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

use ndarray::Array2;
use nodule_error::{InvalidInput, invalid_value};
use nodule_study::Error;
use zip::ZipArchive;
use zip::result::ZipError;

use super::npy::{Array, Values, parse};
use super::{Answers, Wanted};
use crate::Battery;

/// A file of arrays larger than this, unpacked, is none of answers: 32 GB.
const MOST_BYTES: u64 = 1 << 35;

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

/// Every array of the file, by name.
fn arrays(path: &Path) -> Result<BTreeMap<String, Array>, Error> {
    let place = path.to_string_lossy();
    let unreadable = |source| Error::File {
        path: path.to_path_buf(),
        source,
    };
    let no_npz = || {
        let refused = invalid_value("answers", "no npz file", "a file as numpy.savez writes it");
        Error::from(refused.at(place.clone()))
    };
    let file = File::open(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => {
            let refused = invalid_value("--answers", &place, "a file that is there");
            Error::from(refused.at("command line"))
        }
        _ => unreadable(e),
    })?;
    if !file.metadata().is_ok_and(|m| m.is_file()) {
        return Err(no_npz());
    }
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|_| no_npz())?;
    let mut arrays = BTreeMap::new();
    let mut left = MOST_BYTES;
    for i in 0..archive.len() {
        let entry = archive.by_index(i).map_err(|e| match e {
            ZipError::Io(e) => unreadable(e),
            _ => no_npz(),
        })?;
        let name = entry.name().trim_end_matches(".npy").to_owned();
        let mut bytes = Vec::new();
        entry
            .take(left)
            .read_to_end(&mut bytes)
            .map_err(|_| no_npz())?;
        left = left.saturating_sub(bytes.len() as u64);
        let array = parse(&name, &bytes).map_err(|e| Error::from(e.at(place.clone())))?;
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
        let Array { shape, values } = array;
        match field.split_once('/') {
            None if field == "battery" => {}
            Some(("id", name)) => wanted.ids(name, integers(field, values)?)?,
            Some(("label", name)) => wanted.labels(name, integers(field, values)?)?,
            Some(("decision", name)) => {
                let numbers = numbers(field, values)?;
                wanted.rows(field, name, shape, numbers)?;
                answers.decisions.insert(name.to_owned(), numbers.to_vec());
            }
            Some(("embedding", name)) => {
                let numbers = numbers(field, values)?;
                wanted.rows(field, name, shape, numbers)?;
                let rows = Array2::from_shape_vec((shape[0], shape[1]), numbers.to_vec());
                let damaged =
                    |_| invalid_value(field, "damaged", "an array as numpy.savez writes it");
                answers
                    .embeddings
                    .insert(name.to_owned(), rows.map_err(damaged)?);
            }
            Some(("map", name)) => {
                let numbers = numbers(field, values)?;
                let method = wanted.map(name, shape, numbers)?;
                answers.maps.insert(method, numbers.to_vec());
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

fn numbers<'a>(field: &str, values: &'a Values) -> Result<&'a [f32], InvalidInput> {
    match values {
        Values::Numbers(numbers) => Ok(numbers),
        Values::Integers(_) => {
            let allowed = "float32 or float64: a decision is a score, not a class";
            Err(invalid_value(field, "integers", allowed))
        }
        Values::Text(_) => Err(invalid_value(field, "text", "float32 or float64")),
    }
}

fn integers<'a>(field: &str, values: &'a Values) -> Result<&'a [u64], InvalidInput> {
    match values {
        Values::Integers(integers) => Ok(integers),
        _ => Err(invalid_value(
            field,
            "no integers",
            "whole numbers, as the battery has them",
        )),
    }
}
