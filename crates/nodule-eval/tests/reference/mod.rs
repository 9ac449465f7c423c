//! Readers of the golden vectors in `tests/golden/eval` (in the root of the workspace).

#![allow(dead_code, reason = "each test uses some of them")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ndarray::Array2;
use serde_json::Value;

pub(crate) fn golden(name: &str) -> Value {
    let path = format!(
        "{}/../../tests/golden/eval/{name}.json",
        env!("CARGO_MANIFEST_DIR")
    );
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

pub(crate) fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

pub(crate) fn matrix(value: &Value) -> Array2<f32> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    let flat = rows.iter().flatten().map(|v| *v as f32).collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), flat).unwrap()
}

pub(crate) fn labels(value: &Value) -> Vec<u8> {
    numbers(value).iter().map(|v| *v as u8).collect()
}

#[track_caller]
pub(crate) fn assert_close(ours: f64, theirs: &Value, tolerance: f64) {
    let theirs = theirs.as_f64().unwrap();
    assert!(
        (ours - theirs).abs() <= tolerance,
        "{ours}, the reference has {theirs}"
    );
}
