//! How two classes lie in an embedding: apart from each other, and each drawn together.

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::Error;
use crate::error::{binary, finite, same_length};
use crate::normalise::{ROUNDING, normalise};

/// Mean silhouette (Rousseeuw 1987) of the two classes over the L2-normalised rows of `embeddings`
/// `[n, d]`, by Euclidean distance: 1 where each class is one far point, 0 where they overlap, as where all
/// images are one point but for rounding. None
/// with fewer than two images of a class.
///
/// # Errors
/// If there is no row, a value is not finite, the lengths differ, or a label is neither 0 nor 1.
pub fn silhouette(embeddings: ArrayView2<f32>, labels: &[u8]) -> Result<Option<f64>, Error> {
    let Some((unit, counts)) = classes(embeddings, labels)? else {
        return Ok(None);
    };
    let products = unit.dot(&unit.t());
    let width = |i: usize| {
        let mut sums = [0.0; 2];
        for (j, label) in labels.iter().enumerate() {
            let squared = products[[i, i]] + products[[j, j]] - 2.0 * products[[i, j]];
            sums[usize::from(*label)] += squared.max(0.0).sqrt();
        }
        let own = usize::from(labels[i]);
        let (near, far) = (
            sums[own] / (counts[own] - 1) as f64,
            sums[1 - own] / counts[1 - own] as f64,
        );
        match near.max(far) {
            most if most > ROUNDING => (far - near) / most,
            // All are one point, and rounding has no distances worth comparing.
            _ => 0.0,
        }
    };
    let widths: f64 = (0..labels.len()).map(width).sum();
    Ok(Some(widths / labels.len() as f64))
}

/// Within-class variability collapse of the two classes over the L2-normalised rows of
/// `embeddings` `[n, d]`: `tr(W B^+) / 2` with the within- and between-class covariances (NC1 of
/// Papyan et al. 2020). 0 where each class is one point; none where the class means coincide but for rounding, or
/// with fewer than two images of a class.
///
/// # Errors
/// If there is no row, a value is not finite, the lengths differ, or a label is neither 0 nor 1.
pub fn collapse(embeddings: ArrayView2<f32>, labels: &[u8]) -> Result<Option<f64>, Error> {
    let Some((unit, _)) = classes(embeddings, labels)? else {
        return Ok(None);
    };
    let mean = |class: u8| {
        let rows: Vec<usize> = (0..labels.len()).filter(|i| labels[*i] == class).collect();
        unit.select(Axis(0), &rows)
            .mean_axis(Axis(0))
            .unwrap_or_default()
    };
    let means: [Array1<f64>; 2] = [mean(0), mean(1)];
    // Two means lie at the same distance from their own mean, so B = h h^T with h half their
    // difference, and its pseudo-inverse is h h^T / |h|^4.
    let half = (&means[1] - &means[0]) / 2.0;
    let squared = half.dot(&half);
    if squared.sqrt() <= ROUNDING {
        return Ok(None);
    }
    let along = |(row, label): (ndarray::ArrayView1<f64>, &u8)| {
        (&row - &means[usize::from(*label)]).dot(&half).powi(2)
    };
    let within: f64 = unit.rows().into_iter().zip(labels).map(along).sum();
    Ok(Some(within / labels.len() as f64 / squared.powi(2) / 2.0))
}

/// Rows on the unit sphere, and the images of each class.
type Classes = (Array2<f64>, [usize; 2]);

/// Rows on the unit sphere, and the number of images of each class; none where a class has fewer
/// than two.
fn classes(embeddings: ArrayView2<f32>, labels: &[u8]) -> Result<Option<Classes>, Error> {
    finite("embeddings", embeddings)?;
    same_length("labels", labels.len(), embeddings.nrows())?;
    binary("labels", labels)?;
    let abnormal = labels.iter().filter(|l| **l == 1).count();
    let counts = [labels.len() - abnormal, abnormal];
    let enough = counts.iter().all(|n| *n > 1);
    Ok(enough.then(|| (normalise(embeddings).mapv(f64::from), counts)))
}
