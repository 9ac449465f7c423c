//! Linear decodability: ridge regression from activations to a property of the image, fitted on
//! some images and asked about others (linear probes: Alain and Bengio 2016).

use nalgebra::{DMatrix, DVector};
use ndarray::{Array2, ArrayView2, Axis};

use crate::Error;
use crate::error::{finite, same_length};

/// Penalty over the mean squared norm of the centred activations (*ours*): it makes layers of
/// different widths and units alike, and keeps the system solvable where they are wider than there
/// are images.
const PENALTY: f64 = 1e-2;

/// Scores of `test` `[m, d]` for each of `properties` (0 or 1 for each row of `training` `[n, d]`):
/// larger where the property is there. Ridge regression in its dual form, on activations centred at
/// the training mean, so its cost does not grow with `d` but for one product.
///
/// # Errors
/// If there is no row, a value is not finite, or the shapes disagree.
pub fn decode(
    training: ArrayView2<f32>,
    properties: &[&[u8]],
    test: ArrayView2<f32>,
) -> Result<Vec<Vec<f32>>, Error> {
    for (what, rows) in [
        ("training activations", &training),
        ("test activations", &test),
    ] {
        finite(
            what,
            rows.as_standard_layout().as_slice().unwrap_or_default(),
        )?;
    }
    same_length("test dimensions", test.ncols(), training.ncols())?;
    for property in properties {
        same_length("property", property.len(), training.nrows())?;
    }
    let mean = training.mean_axis(Axis(0)).unwrap_or_default();
    let (training, test) = (&training - &mean, &test - &mean);
    let n = training.nrows();
    let mut gram = in_f64(&training.dot(&training.t()));
    // Where nothing varies there is nothing to decode: any penalty gives scores of 0.
    let penalty = match gram.trace() {
        trace if trace > 0.0 => PENALTY * trace / n as f64,
        _ => 1.0,
    };
    for i in 0..n {
        gram[(i, i)] += penalty;
    }
    let across = in_f64(&test.dot(&training.t()));
    let solver = gram.cholesky().ok_or_else(|| Error::Input {
        what: "training activations",
        found: "their products are not positive".into(),
        needed: "they must be finite in f32".into(),
    })?;
    let scores = |property: &&[u8]| {
        let target = DVector::from_iterator(n, property.iter().map(|p| f64::from(*p)));
        let centred = target.add_scalar(-target.mean());
        let scores = &across * solver.solve(&centred);
        scores.iter().map(|s| *s as f32).collect()
    };
    Ok(properties.iter().map(scores).collect())
}

fn in_f64(values: &Array2<f32>) -> DMatrix<f64> {
    let (rows, columns) = values.dim();
    DMatrix::from_row_iterator(rows, columns, values.iter().map(|v| f64::from(*v)))
}
