//! Linear centred kernel alignment (CKA): similarity of two representations of the same images.

use std::ops::Range;

use ndarray::{Array2, ArrayView2, Axis};

use crate::Error;
use crate::check::{check_finite_non_empty, check_length};

/// Centred Gram matrix of a representation `[n, n]`: the input of [`cka`].
#[derive(Debug, Clone)]
pub struct Gram(Array2<f64>);

impl Gram {
    /// Returns the Gram matrix of `activations` `[n, d]`, one row per image, centred at their mean.
    ///
    /// # Errors
    /// If there is no row, or a value is not finite.
    pub fn new(activations: ArrayView2<f32>) -> Result<Self, Error> {
        check_finite_non_empty("activations", activations.iter())?;
        let mut centred = activations.mapv(f64::from);
        let mean = centred.mean_axis(Axis(0)).unwrap_or_default();
        for mut row in centred.rows_mut() {
            row -= &mean;
        }
        Ok(Self(multiply_by_transpose(&centred)))
    }
}

/// Rows of a block in [`multiply_by_transpose`].
const BLOCK: usize = 48;

/// Returns `rows rows^T`. Computes blocks on and below the diagonal and mirrors them, since the product is symmetric.
fn multiply_by_transpose(rows: &Array2<f64>) -> Array2<f64> {
    let n = rows.nrows();
    let mut products = Array2::zeros((n, n));
    for start in (0..n).step_by(BLOCK) {
        let end = (start + BLOCK).min(n);
        let slice = |range: Range<usize>| rows.slice_axis(Axis(0), range.into());
        let block = slice(start..end).dot(&slice(0..end).t());
        for ((i, j), product) in block.indexed_iter() {
            products[[start + i, j]] = *product;
            products[[j, start + i]] = *product;
        }
    }
    products
}

/// Returns the linear CKA of two representations of the same images (Kornblith et al. 2019), from 0 to 1.
///
/// It is 1 if one is a rotated and scaled copy of the other. `None` if one is the same for all images.
///
/// # Errors
/// If the numbers of images differ.
///
/// ```
/// use ndarray::array;
/// use nodule_eval::representation::{Gram, cka};
///
/// let a = array![[1.0f32, 0.0], [0.0, 2.0], [3.0, 1.0]];
/// let rotated = a.dot(&array![[0.0f32, -1.0], [1.0, 0.0]]);
/// let similarity = cka(&Gram::new(a.view())?, &Gram::new(rotated.view())?)?;
/// assert!((similarity.unwrap() - 1.0).abs() < 1e-6);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn cka(a: &Gram, b: &Gram) -> Result<Option<f64>, Error> {
    let (Gram(a), Gram(b)) = (a, b);
    check_length("activations", a.nrows(), b.nrows())?;
    let product = |x: &Array2<f64>, y: &Array2<f64>| (x * y).sum();
    let scale = (product(a, a) * product(b, b)).sqrt();
    Ok((scale > 0.0).then(|| product(a, b) / scale))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn a_rotated_and_scaled_copy_has_cka_one() {
        let a = array![[1.0f32, 0.0], [0.0, 2.0], [3.0, 1.0], [-1.0, 0.5]];
        let rotated = a.dot(&array![[0.0f32, -2.0], [2.0, 0.0]]) + 5.0;
        let [a, rotated] = [a, rotated].map(|rows| Gram::new(rows.view()).unwrap());
        assert!((cka(&a, &rotated).unwrap().unwrap() - 1.0).abs() < 1e-6);
        let constant = Gram::new(array![[1.0f32], [1.0], [1.0], [1.0]].view()).unwrap();
        assert_eq!(cka(&a, &constant).unwrap(), None);
        let fewer = Gram::new(array![[1.0f32], [2.0]].view()).unwrap();
        assert!(cka(&a, &fewer).is_err());
    }

    #[test]
    fn blockwise_products_equal_the_full_product() {
        for (n, d) in [(1, 3), (48, 7), (101, 600)] {
            let rows = Array2::from_shape_fn((n, d), |(i, j)| ((i * 7 + j * 13) as f64).sin());
            let products = multiply_by_transpose(&rows);
            assert_eq!(products, rows.dot(&rows.t()), "{n} rows of {d}");
        }
    }
}
