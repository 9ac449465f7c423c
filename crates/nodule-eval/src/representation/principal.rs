//! A two-dimensional picture of embeddings: their first two principal components (Pearson 1901).

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{ArrayView2, Axis};

use crate::Error;
use crate::error::finite;
use crate::normalise::{ROUNDING, normalise};

/// Embeddings in the plane of their greatest variance.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Principal {
    /// First and second component of each row.
    pub points: Vec<[f64; 2]>,
    /// Share of the variance that each component explains, [0, 1]; 0 where nothing varies.
    pub explained: [f64; 2],
}

/// The first two principal components of the L2-normalised rows of `embeddings` `[n, d]`. A
/// component's sign is free; here its largest entry is positive. Where all rows are one point but for
/// rounding there is no such plane: all points are its origin, and nothing is explained.
///
/// # Errors
/// If there is no row, a value is not finite, or rows have fewer than two dimensions.
pub fn principal(embeddings: ArrayView2<f32>) -> Result<Principal, Error> {
    finite("embeddings", embeddings)?;
    let d = embeddings.ncols();
    if d < 2 {
        return Err(Error::Input {
            what: "embeddings",
            found: format!("{d} dimension"),
            needed: "a plane needs two".into(),
        });
    }
    let unit = normalise(embeddings).mapv(f64::from);
    let centred = &unit - &unit.mean_axis(Axis(0)).unwrap_or_default();
    let covariance = centred.t().dot(&centred);
    if covariance.diag().sum() <= ROUNDING.powi(2) * centred.nrows() as f64 {
        return Ok(Principal {
            points: vec![[0.0; 2]; centred.nrows()],
            explained: [0.0, 0.0],
        });
    }
    let eigen = SymmetricEigen::new(DMatrix::from_row_iterator(d, d, covariance.iter().copied()));
    let mut order: Vec<usize> = (0..d).collect();
    order.sort_by(|a, b| eigen.eigenvalues[*b].total_cmp(&eigen.eigenvalues[*a]));
    let total = eigen.eigenvalues.sum();
    let component = |rank: usize| {
        let axis = eigen.eigenvectors.column(order[rank]);
        let sign = axis[axis.iamax()].signum();
        let along = |row: ndarray::ArrayView1<f64>| {
            sign * row.iter().zip(axis.iter()).map(|(v, a)| v * a).sum::<f64>()
        };
        centred.rows().into_iter().map(along).collect::<Vec<_>>()
    };
    let share = |rank: usize| (eigen.eigenvalues[order[rank]] / total).clamp(0.0, 1.0);
    let points = component(0).into_iter().zip(component(1));
    Ok(Principal {
        points: points.map(|(x, y)| [x, y]).collect(),
        explained: [share(0), share(1)],
    })
}
