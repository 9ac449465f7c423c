//! Linear decodability: ridge regression from activations to binary properties (linear probes: Alain and Bengio 2016).

use nalgebra::{DMatrix, DVector};
use ndarray::{Array2, ArrayView2, Axis};
use nodule_error::conflict;

use crate::Error;
use crate::check::{check_binary, check_finite, check_finite_non_empty, check_length};
use crate::embedding::UNIT_SPHERE_TOLERANCE;
use crate::statistics::constant::power_of_two;

/// Ridge penalty relative to the mean squared norm of the centred activations (*ours*). It makes layers of different
/// width and scale comparable, and keeps the system solvable for layers wider than the number of images.
const RELATIVE_PENALTY: f64 = 1e-2;

/// Returns scores of the rows of `test` `[m, d]` for each property, larger where the property is predicted, from a
/// ridge regression fitted to `training` `[n, d]`. Each of `properties` `[n]` is 0 or 1 for each training row.
///
/// The dual form of the regression is used, so that the cost grows with `d` in one product only. All scores are 0 if no
/// activation varies beyond rounding.
///
/// # Errors
/// If there is no row, a value is not finite, the shapes disagree, or a property is neither 0 nor 1.
///
/// ```
/// use ndarray::array;
/// use nodule_eval::representation::decode;
///
/// let training = array![[0.0f32, 1.0], [0.1, 0.0], [0.9, 1.0], [1.0, 0.0]];
/// let scores = decode(training.view(), &[&[0, 0, 1, 1]], array![[0.2f32, 0.5], [0.8, 0.5]].view())?;
/// assert!(scores[0][0] < scores[0][1]);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn decode(
    training: ArrayView2<f32>,
    properties: &[&[u8]],
    test: ArrayView2<f32>,
) -> Result<Vec<Vec<f32>>, Error> {
    check_finite_non_empty("training activations", training)?;
    check_finite_non_empty("test activations", test)?;
    check_length("test dimensions", test.ncols(), training.ncols())?;
    for property in properties {
        check_length("property", property.len(), training.nrows())?;
        check_binary("property", property)?;
    }
    let (training, test) = centre_and_scale(training, test);
    let n = training.nrows();
    if training
        .iter()
        .all(|v| f64::from(v.abs()) <= UNIT_SPHERE_TOLERANCE)
    {
        return Ok(vec![vec![0.0; test.nrows()]; properties.len()]);
    }
    let mut gram = to_f64_matrix(&training.dot(&training.t()));
    let penalty = RELATIVE_PENALTY * gram.trace() / n as f64;
    for i in 0..n {
        gram[(i, i)] += penalty;
    }
    let test_products = to_f64_matrix(&test.dot(&training.t()));
    let solver = gram.cholesky().ok_or_else(|| {
        let reason = "the values are too large; their differences must be finite in f32";
        conflict("training activations", reason)
    })?;
    let predict = |property: &&[u8]| {
        let target = DVector::from_iterator(n, property.iter().map(|p| f64::from(*p)));
        let centred = target.add_scalar(-target.mean());
        let scores = &test_products * solver.solve(&centred);
        let scores: Vec<f32> = scores.iter().map(|s| *s as f32).collect();
        check_finite("decoded scores", &scores)?;
        Ok(scores)
    };
    properties.iter().map(predict).collect()
}

/// Returns both sets divided by the power of two of the training set and centred at the training mean. The scale does
/// not change the scores, and keeps products within the range of f32.
fn centre_and_scale(
    training: ArrayView2<f32>,
    test: ArrayView2<f32>,
) -> (Array2<f32>, Array2<f32>) {
    let largest = training.iter().fold(0.0f32, |max, v| max.max(v.abs()));
    let scale = power_of_two(&[f64::from(largest)]) as f32;
    let (training, test) = (&training / scale, &test / scale);
    let mean = training.mean_axis(Axis(0)).unwrap_or_default();
    (training - &mean, test - &mean)
}

fn to_f64_matrix(values: &Array2<f32>) -> DMatrix<f64> {
    let (rows, columns) = values.dim();
    DMatrix::from_row_iterator(rows, columns, values.iter().map(|v| f64::from(*v)))
}
