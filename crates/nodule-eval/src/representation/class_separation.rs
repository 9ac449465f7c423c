//! Separation of two classes in an embedding: silhouette and within-class variability collapse (NC1).

use ndarray::{Array1, Array2, ArrayView1, ArrayView2, Axis};

use crate::Error;
use crate::check::{check_binary, check_finite_non_empty, check_length};
use crate::embedding::{UNIT_SPHERE_TOLERANCE, l2_normalise};

/// Returns the mean silhouette (Rousseeuw 1987) of the two classes over the L2-normalised rows of `embeddings`
/// `[n, d]`, by Euclidean distance, from -1 to 1.
///
/// It is 1 if each class is one point, far from the other, and 0 if the classes overlap or all rows are equal within
/// rounding. `None` with fewer than two images of a class.
///
/// # Errors
/// If there is no row, a value is not finite, the lengths differ, or a label is neither 0 nor 1.
///
/// ```
/// use ndarray::array;
/// use nodule_eval::representation::silhouette;
///
/// let separate = array![[2.0f32, 0.0], [1.0, 0.0], [0.0, 3.0], [0.0, 1.0]];
/// assert_eq!(silhouette(separate.view(), &[0, 0, 1, 1])?, Some(1.0));
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn silhouette(embeddings: ArrayView2<f32>, labels: &[u8]) -> Result<Option<f64>, Error> {
    let Some((unit, counts)) = normalise_and_count(embeddings, labels)? else {
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
        let within = sums[own] / (counts[own] - 1) as f64;
        let between = sums[1 - own] / counts[1 - own] as f64;
        match within.max(between) {
            larger if larger > UNIT_SPHERE_TOLERANCE => (between - within) / larger,
            // All rows are one point; differences of distances would be rounding.
            _ => 0.0,
        }
    };
    let widths: f64 = (0..labels.len()).map(width).sum();
    Ok(Some(widths / labels.len() as f64))
}

/// Returns NC1, the within-class variability collapse of Papyan et al. 2020, over the L2-normalised rows of
/// `embeddings` `[n, d]`: `tr(W B^+) / 2` with the within- and between-class covariances W and B.
///
/// It is 0 if each class is one point. `None` if the class means coincide within rounding, or with fewer than two
/// images of a class.
///
/// # Errors
/// If there is no row, a value is not finite, the lengths differ, or a label is neither 0 nor 1.
///
/// ```
/// use ndarray::array;
/// use nodule_eval::representation::nc1;
///
/// let collapsed = array![[2.0f32, 0.0], [1.0, 0.0], [0.0, 3.0], [0.0, 1.0]];
/// assert_eq!(nc1(collapsed.view(), &[0, 0, 1, 1])?, Some(0.0));
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn nc1(embeddings: ArrayView2<f32>, labels: &[u8]) -> Result<Option<f64>, Error> {
    let Some((unit, _)) = normalise_and_count(embeddings, labels)? else {
        return Ok(None);
    };
    let class_mean = |class: u8| {
        let rows: Vec<usize> = (0..labels.len()).filter(|i| labels[*i] == class).collect();
        unit.select(Axis(0), &rows)
            .mean_axis(Axis(0))
            .unwrap_or_default()
    };
    let means: [Array1<f64>; 2] = [class_mean(0), class_mean(1)];
    // For two classes B = h h^T with h half the difference of the means; its pseudo-inverse is h h^T / |h|^4.
    let half = (&means[1] - &means[0]) / 2.0;
    let squared = half.dot(&half);
    if squared.sqrt() <= UNIT_SPHERE_TOLERANCE {
        return Ok(None);
    }
    let squared_projection = |(row, label): (ArrayView1<f64>, &u8)| {
        (&row - &means[usize::from(*label)]).dot(&half).powi(2)
    };
    let rows = unit.rows().into_iter().zip(labels);
    let within: f64 = rows.map(squared_projection).sum();
    Ok(Some(within / labels.len() as f64 / squared.powi(2) / 2.0))
}

/// Rows on the unit sphere, and the number of images of each class.
type RowsAndCounts = (Array2<f64>, [usize; 2]);

/// Returns the L2-normalised rows and the class sizes; `None` if a class has fewer than two images.
fn normalise_and_count(
    embeddings: ArrayView2<f32>,
    labels: &[u8],
) -> Result<Option<RowsAndCounts>, Error> {
    check_finite_non_empty("embeddings", embeddings)?;
    check_length("labels", labels.len(), embeddings.nrows())?;
    check_binary("labels", labels)?;
    let abnormal = labels.iter().filter(|l| **l == 1).count();
    let counts = [labels.len() - abnormal, abnormal];
    let is_enough = counts.iter().all(|n| *n > 1);
    Ok(is_enough.then(|| (l2_normalise(embeddings).mapv(f64::from), counts)))
}
