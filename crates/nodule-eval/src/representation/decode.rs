//! Linear decodability: ridge regression from activations to a property of the image, fitted on
//! some images and asked about others (linear probes: Alain and Bengio 2016).

use nalgebra::{DMatrix, DVector};
use ndarray::{Array2, ArrayView2, Axis};

use crate::Error;
use crate::error::{all_finite, binary, finite, input, same_length};
use crate::normalise::ROUNDING;
use crate::statistics::rounding::power_of_two;

/// Penalty over the mean squared norm of the centred activations (*ours*): it makes layers of
/// different widths and units alike, and keeps the system solvable where they are wider than there
/// are images.
const PENALTY: f64 = 1e-2;

/// Scores of `test` `[m, d]` for each of `properties` (0 or 1 for each row of `training` `[n, d]`):
/// larger where the property is there. Ridge regression in its dual form, on activations centred at
/// the training mean, so its cost does not grow with `d` but for one product. All scores are 0 where no
/// activation varies, but for rounding.
///
/// # Errors
/// If there is no row, a value is not finite, the shapes disagree, or a property is neither 0 nor 1.
pub fn decode(
    training: ArrayView2<f32>,
    properties: &[&[u8]],
    test: ArrayView2<f32>,
) -> Result<Vec<Vec<f32>>, Error> {
    for (what, rows) in [
        ("training activations", &training),
        ("test activations", &test),
    ] {
        finite(what, rows)?;
    }
    same_length("test dimensions", test.ncols(), training.ncols())?;
    for property in properties {
        same_length("property", property.len(), training.nrows())?;
        binary("property", property)?;
    }
    let (training, test) = centred(training, test);
    let n = training.nrows();
    // Where nothing varies there is nothing to decode.
    if training.iter().all(|v| f64::from(v.abs()) <= ROUNDING) {
        return Ok(vec![vec![0.0; test.nrows()]; properties.len()]);
    }
    let mut gram = in_f64(&training.dot(&training.t()));
    let penalty = PENALTY * gram.trace() / n as f64;
    for i in 0..n {
        gram[(i, i)] += penalty;
    }
    let across = in_f64(&test.dot(&training.t()));
    let solver = gram.cholesky().ok_or_else(|| {
        let needed = "they must differ by less than the largest of f32";
        input("training activations", "too far apart", needed)
    })?;
    let scores = |property: &&[u8]| {
        let target = DVector::from_iterator(n, property.iter().map(|p| f64::from(*p)));
        let centred = target.add_scalar(-target.mean());
        let scores = &across * solver.solve(&centred);
        let scores: Vec<f32> = scores.iter().map(|s| *s as f32).collect();
        all_finite("decoded scores", &scores)?;
        Ok(scores)
    };
    properties.iter().map(scores).collect()
}

/// Both less the training mean and over the power of two of the training set, which leaves the
/// scores as they are and keeps products away from the ends of f32.
fn centred(training: ArrayView2<f32>, test: ArrayView2<f32>) -> (Array2<f32>, Array2<f32>) {
    let largest = training.iter().fold(0.0f32, |most, v| most.max(v.abs()));
    let scale = power_of_two(&[f64::from(largest)]) as f32;
    let (training, test) = (&training / scale, &test / scale);
    let mean = training.mean_axis(Axis(0)).unwrap_or_default();
    (training - &mean, test - &mean)
}

fn in_f64(values: &Array2<f32>) -> DMatrix<f64> {
    let (rows, columns) = values.dim();
    DMatrix::from_row_iterator(rows, columns, values.iter().map(|v| f64::from(*v)))
}
