//! Principal component analysis of embeddings in two dimensions (Pearson 1901).

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{ArrayView1, ArrayView2, Axis};
use nodule_error::conflict;

use crate::Error;
use crate::check::check_finite_non_empty;
use crate::embedding::{UNIT_SPHERE_TOLERANCE, l2_normalise};

/// First two principal components of embeddings.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Pca {
    /// First and second component of each row.
    pub points: Vec<[f64; 2]>,
    /// Share of the variance that each component explains, from 0 to 1; 0 if the rows do not vary.
    pub explained_variance_ratio: [f64; 2],
}

/// Returns the first two principal components of the L2-normalised rows of `embeddings` `[n, d]`.
///
/// A component's sign is arbitrary; it is chosen so that the largest absolute entry of the axis is positive. If all
/// rows are equal within rounding, all points are 0.
///
/// # Errors
/// If there is no row, a value is not finite, or rows have fewer than two dimensions.
///
/// ```
/// use ndarray::array;
/// use nodule_eval::representation::pca;
///
/// let found = pca(array![[1.0f32, 0.0], [0.0, 1.0], [0.7, 0.7]].view())?;
/// assert_eq!(found.points.len(), 3);
/// assert!(found.explained_variance_ratio[0] > 0.9);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn pca(embeddings: ArrayView2<f32>) -> Result<Pca, Error> {
    check_finite_non_empty("embeddings", embeddings)?;
    let d = embeddings.ncols();
    if d < 2 {
        let reason = format!("expected at least 2 dimensions, found {d}");
        return Err(conflict("embeddings", reason).into());
    }
    let unit = l2_normalise(embeddings).mapv(f64::from);
    let centred = &unit - &unit.mean_axis(Axis(0)).unwrap_or_default();
    let covariance = centred.t().dot(&centred);
    if covariance.diag().sum() <= UNIT_SPHERE_TOLERANCE.powi(2) * centred.nrows() as f64 {
        return Ok(Pca {
            points: vec![[0.0; 2]; centred.nrows()],
            explained_variance_ratio: [0.0, 0.0],
        });
    }
    let eigen = SymmetricEigen::new(DMatrix::from_row_iterator(d, d, covariance.iter().copied()));
    let mut order: Vec<usize> = (0..d).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let total = eigen.eigenvalues.sum();
    let component = |rank: usize| {
        let axis = eigen.eigenvectors.column(order[rank]);
        let sign = axis[axis.iamax()].signum();
        let project = |row: ArrayView1<f64>| {
            sign * row.iter().zip(axis.iter()).map(|(v, a)| v * a).sum::<f64>()
        };
        centred.rows().into_iter().map(project).collect::<Vec<_>>()
    };
    let share = |rank: usize| (eigen.eigenvalues[order[rank]] / total).clamp(0.0, 1.0);
    let points = component(0).into_iter().zip(component(1));
    Ok(Pca {
        points: points.map(|(x, y)| [x, y]).collect(),
        explained_variance_ratio: [share(0), share(1)],
    })
}
