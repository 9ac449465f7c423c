//! Reading of predictions from an npz file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::BufReader;
use std::path::Path;

use ndarray::Array2;
use nodule_error::{InvalidInput, conflict, failed_to, invalid_value, open_file};
use nodule_images::npz::{Array, Npz, Values};
use nodule_study::Error;

use super::{ExpectedSets, Outputs, Predictions, to_embeddings, to_scores};
use crate::Battery;

/// Upper limit on the unpacked size of a file: 32 GB.
const MAX_BYTES: u64 = 1 << 35;

/// Reads the predictions of a model from an npz file. The model was trained on the distribution `train` with that
/// seed number.
/// `outputs` says what the decision values are.
///
/// # Errors
/// Names the file and the array: predictions for another battery, missing, too few or too many, not finite, of the
/// wrong type or shape, or in another order.
pub fn read_predictions(
    path: &Path,
    battery: &Battery,
    train: &str,
    seed: usize,
    outputs: Outputs,
) -> Result<Predictions, Error> {
    let place = path.to_string_lossy();
    let at = |e: InvalidInput| Error::from(e.at(place.clone()));
    let expected = ExpectedSets::new(battery, train, seed).map_err(at)?;
    let arrays = read_arrays(path)?;
    check_arrays(&arrays, battery, &expected, outputs).map_err(at)
}

/// Reads all arrays of the file, by name.
fn read_arrays(path: &Path) -> Result<BTreeMap<String, Array>, Error> {
    let place = path.to_string_lossy();
    let unreadable = |e| Error::from(failed_to("read", path)(e));
    let invalid = |reason: &str| Error::from(conflict("predictions", reason).at(place.clone()));
    let not_npz = || invalid("not an npz file as numpy.savez writes it");
    let file = open_file(path).map_err(|e| match e.kind() {
        std::io::ErrorKind::NotFound => invalid("no such file"),
        _ => unreadable(e),
    })?;
    let mut npz = Npz::new(BufReader::new(file), MAX_BYTES).map_err(|_| not_npz())?;
    let mut arrays = BTreeMap::new();
    for name in npz.names() {
        let array = npz.array(&name).map_err(|e| e.at(place.clone()))?;
        arrays.insert(name, array.ok_or_else(not_npz)?);
    }
    Ok(arrays)
}

/// Returns the predictions in these arrays, checked against the battery.
fn check_arrays(
    arrays: &BTreeMap<String, Array>,
    battery: &Battery,
    expected: &ExpectedSets,
    outputs: Outputs,
) -> Result<Predictions, InvalidInput> {
    check_battery(arrays.get("battery"), battery)?;
    let mut predictions = Predictions::default();
    let (mut decisions, mut embeddings) = (BTreeMap::new(), BTreeMap::new());
    let mut resolution = f64::EPSILON / 4.0;
    for (field, array) in arrays {
        let shape = array.shape.as_slice();
        match field.split_once('/') {
            None if field == "battery" => {}
            Some(("id", name)) => expected.check_ids(name, &integers(field, array)?)?,
            Some(("label", name)) => expected.check_labels(name, &integers(field, array)?)?,
            Some(("decision", name)) => {
                let values = numbers(field, array)?;
                expected.check_rows(field, name, shape, &values)?;
                if matches!(array.values, Values::F32(_)) {
                    resolution = f64::from(f32::EPSILON) / 4.0;
                }
                decisions.insert(name.to_owned(), values.into_owned());
            }
            Some(("embedding", name)) => {
                let numbers = numbers(field, array)?;
                expected.check_rows(field, name, shape, &numbers)?;
                let rows = Array2::from_shape_vec((shape[0], shape[1]), numbers.into_owned())
                    .map_err(|_| conflict(field, "damaged; save it again with numpy.savez"))?;
                embeddings.insert(name.to_owned(), rows);
            }
            Some(("map", name)) => {
                let maps: Vec<f32> = numbers(field, array)?.iter().map(|v| *v as f32).collect();
                let method = expected.check_maps(name, shape, &maps)?;
                predictions.maps.insert(method, maps);
            }
            _ => {
                let reason = "unknown array; expected battery, decision/SET, embedding/SET, map/METHOD, id/SET or label/SET";
                let rest = field.split_once('/').map_or("", |(_, rest)| rest);
                let known = ["decision", "embedding", "map", "id", "label"];
                let known = known.map(|kind| format!("{kind}/{rest}"));
                return Err(conflict(field, reason).suggest_field(known));
            }
        }
    }
    (predictions.scores, predictions.limited) = to_scores(&decisions, outputs, resolution)?;
    predictions.embeddings = to_embeddings(&embeddings)?;
    expected.check_complete(&predictions)?;
    Ok(predictions)
}

fn check_battery(array: Option<&Array>, battery: &Battery) -> Result<(), InvalidInput> {
    let expected = format!("{}, the id in manifest.json", battery.id());
    match array.map(|array| &array.values) {
        Some(Values::Text(ids)) if matches!(&ids[..], [id] if id == battery.id()) => Ok(()),
        Some(Values::Text(ids)) => {
            let allowed = format!("{expected}; these predictions are for another battery");
            Err(invalid_value("battery", ids.join(", "), allowed))
        }
        Some(_) => Err(conflict(
            "battery",
            format!("holds numbers; expected {expected}"),
        )),
        None => Err(conflict("battery", format!("missing; expected {expected}"))),
    }
}

/// Returns the values of an array of floats.
fn numbers<'a>(field: &str, array: &'a Array) -> Result<Cow<'a, [f64]>, InvalidInput> {
    if array.is_fortran && array.shape.len() > 1 {
        let reason = "is in Fortran order; save numpy.ascontiguousarray of it";
        return Err(conflict(field, reason));
    }
    let reason = match &array.values {
        Values::F32(numbers) => return Ok(numbers.iter().copied().map(f64::from).collect()),
        Values::F64(numbers) => return Ok(Cow::Borrowed(numbers)),
        Values::Text(_) => "holds text; expected float32 or float64",
        _ => "holds integers; expected float32 or float64 scores, not classes",
    };
    Err(conflict(field, reason))
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
                "is {}; expected integers as the battery has them",
                array.describe()
            );
            Err(conflict(field, reason))
        }
    }
}
