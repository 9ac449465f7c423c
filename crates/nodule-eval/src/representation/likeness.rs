//! How alike two representations of the same images are, and whether neighbours in one share a property.

use std::ops::Range;

use ndarray::{Array1, Array2, ArrayView2, Axis};

use crate::Error;
use crate::error::{binary, finite, same_length};

/// Centred products of all pairs of rows, `[n, n]`: what [`cka`] needs of a representation.
#[derive(Debug, Clone)]
pub struct Gram(Array2<f64>);

/// Of `rows` `[n, d]`, one an image.
///
/// # Errors
/// If there is no row, or a value is not finite.
pub fn gram(rows: ArrayView2<f32>) -> Result<Gram, Error> {
    finite("rows", rows.iter())?;
    let mut centred = rows.mapv(f64::from);
    let mean = centred.mean_axis(Axis(0)).unwrap_or_default();
    let each = centred.rows_mut().into_iter();
    each.for_each(|mut row| row -= &mean);
    Ok(Gram(products(&centred)))
}

/// Rows whose products are made at a time.
const BLOCK: usize = 48;

/// `rows rows^T`. The product of two rows does not depend on which comes first: those below the diagonal are
/// made, block by block, and are those above it too.
fn products(rows: &Array2<f64>) -> Array2<f64> {
    let n = rows.nrows();
    let mut all = Array2::zeros((n, n));
    for start in (0..n).step_by(BLOCK) {
        let end = (start + BLOCK).min(n);
        let within = |range: Range<usize>| rows.slice_axis(Axis(0), range.into());
        let made = within(start..end).dot(&within(0..end).t());
        for ((i, j), product) in made.indexed_iter() {
            all[[start + i, j]] = *product;
            all[[j, start + i]] = *product;
        }
    }
    all
}

/// Linear centred kernel alignment of two representations of the same images (Kornblith et al. 2019): 1
/// where one is the other turned and scaled, 0 where they have nothing in common. None where one of them
/// is the same for all images.
///
/// # Errors
/// If they are of different numbers of images.
pub fn cka(a: &Gram, b: &Gram) -> Result<Option<f64>, Error> {
    let (Gram(a), Gram(b)) = (a, b);
    same_length("rows", a.nrows(), b.nrows())?;
    let product = |x: &Array2<f64>, y: &Array2<f64>| (x * y).sum();
    let scale = (product(a, a) * product(b, b)).sqrt();
    Ok((scale > 0.0).then(|| product(a, b) / scale))
}

/// Precision at one: the share of `rows` `[n, d]` whose nearest other row, by Euclidean distance, has the
/// same of two labels; of equally near ones the first counts. None with fewer than two rows.
///
/// # Errors
/// If a value is not finite, the lengths differ, or a label is neither 0 nor 1.
pub fn precision_at_one(rows: ArrayView2<f32>, labels: &[u8]) -> Result<Option<f64>, Error> {
    finite("rows", rows.iter())?;
    same_length("labels", rows.nrows(), labels.len())?;
    binary("labels", labels)?;
    if labels.len() < 2 {
        return Ok(None);
    }
    // Dimension by dimension, so that the distances to all others grow side by side.
    let columns = rows.t().mapv(f64::from);
    let columns = columns.as_standard_layout();
    let nearest = |i: usize| {
        let mut squared = Array1::<f64>::zeros(labels.len());
        for column in columns.rows() {
            let own = column[i];
            squared.zip_mut_with(&column, |sum, other| *sum += (own - other).powi(2));
        }
        let others = (0..labels.len()).filter(|j| *j != i);
        others.min_by(|j, k| squared[*j].total_cmp(&squared[*k]))
    };
    let right = (0..labels.len()).filter(|i| nearest(*i).is_some_and(|j| labels[j] == labels[*i]));
    Ok(Some(right.count() as f64 / labels.len() as f64))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn what_is_turned_and_scaled_is_alike() {
        let a = array![[1.0f32, 0.0], [0.0, 2.0], [3.0, 1.0], [-1.0, 0.5]];
        let turned = a.dot(&array![[0.0f32, -2.0], [2.0, 0.0]]) + 5.0;
        let [a, turned] = [a, turned].map(|rows| gram(rows.view()).unwrap());
        assert!((cka(&a, &turned).unwrap().unwrap() - 1.0).abs() < 1e-6);
        let same = gram(array![[1.0f32], [1.0], [1.0], [1.0]].view()).unwrap();
        assert_eq!(cka(&a, &same).unwrap(), None);
        let fewer = gram(array![[1.0f32], [2.0]].view()).unwrap();
        assert!(cka(&a, &fewer).is_err());
    }

    #[test]
    fn products_in_blocks_are_those_of_all_rows() {
        for (n, d) in [(1, 3), (48, 7), (101, 600)] {
            let rows = Array2::from_shape_fn((n, d), |(i, j)| ((i * 7 + j * 13) as f64).sin());
            assert_eq!(products(&rows), rows.dot(&rows.t()), "{n} rows of {d}");
        }
    }

    #[test]
    fn neighbours_are_counted_by_hand() {
        let rows = array![[0.0f32], [1.0], [1.5], [4.0]];
        // 0 -> 1, 1 -> 1.5, 1.5 -> 1, 4 -> 1.5.
        let share = |labels: &[u8]| precision_at_one(rows.view(), labels).unwrap().unwrap();
        assert_eq!(share(&[0, 0, 0, 1]), 0.75);
        assert_eq!(share(&[1, 0, 1, 1]), 0.25);
        assert!(precision_at_one(rows.view(), &[0, 1]).is_err());
        let one = array![[1.0f32]];
        assert_eq!(precision_at_one(one.view(), &[1]).unwrap(), None);
    }
}
