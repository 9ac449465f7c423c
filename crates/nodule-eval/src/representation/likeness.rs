//! How alike two representations of the same images are, and whether neighbours in one share a property.

use ndarray::{Array2, ArrayView2, Axis};

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
    let rows = rows.mapv(f64::from);
    let centred = &rows - &rows.mean_axis(Axis(0)).unwrap_or_default();
    Ok(Gram(centred.dot(&centred.t())))
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
    let rows = rows.mapv(f64::from);
    let squared = |i: usize, j: usize| -> f64 {
        let pairs = rows.row(i).into_iter().zip(rows.row(j));
        pairs.map(|(a, b)| (a - b).powi(2)).sum()
    };
    let nearest = |i: usize| {
        let others = (0..labels.len()).filter(|j| *j != i);
        others.min_by(|j, k| squared(i, *j).total_cmp(&squared(i, *k)))
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
