//! L2 normalisation of embeddings, for the classifiers and measures that work on the unit sphere.

use ndarray::{Array2, ArrayView2};

/// Distance below which two points on the unit sphere count as equal: rounding of f32 coordinates.
pub(crate) const UNIT_SPHERE_TOLERANCE: f64 = 4.0 * f32::EPSILON as f64;

/// Returns the rows of `embeddings` `[n, d]` divided by their Euclidean norms. A zero row stays zero.
pub(crate) fn l2_normalise(embeddings: ArrayView2<f32>) -> Array2<f32> {
    let mut unit = embeddings.to_owned();
    for mut row in unit.rows_mut() {
        let squared_norm = row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>();
        if squared_norm > 0.0 {
            let scale = 1.0 / squared_norm.sqrt();
            row.mapv_inplace(|v| (f64::from(v) * scale) as f32);
        }
    }
    unit
}
