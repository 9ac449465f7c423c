//! Embeddings on the unit sphere, where every read-out but the head works.

use ndarray::{Array2, ArrayView2};

/// Points of the unit sphere nearer to each other than this are one but for rounding: coordinates
/// are f32.
pub(crate) const ROUNDING: f64 = 4.0 * f32::EPSILON as f64;

/// Rows of `embeddings` `[n, d]` divided by their Euclidean norms; a zero row stays zero.
pub(crate) fn normalise(embeddings: ArrayView2<f32>) -> Array2<f32> {
    let mut unit = embeddings.to_owned();
    for mut row in unit.rows_mut() {
        let squares = row.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>();
        if squares > 0.0 {
            let scale = 1.0 / squares.sqrt();
            row.mapv_inplace(|v| (f64::from(v) * scale) as f32);
        }
    }
    unit
}
