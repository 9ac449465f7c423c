//! Precision at one: nearest-neighbour consistency of a label.

use ndarray::{Array1, ArrayView2};

use crate::Error;
use crate::check::{check_binary, check_finite_non_empty, check_length};

/// Returns the share of `embeddings` `[n, d]` whose nearest other row, by Euclidean distance, has the same label.
///
/// Of equally near rows the first counts. `None` with fewer than two rows.
///
/// # Errors
/// If a value is not finite, the lengths differ, or a label is neither 0 nor 1.
pub fn precision_at_one(embeddings: ArrayView2<f32>, labels: &[u8]) -> Result<Option<f64>, Error> {
    check_finite_non_empty("embeddings", embeddings.iter())?;
    check_length("labels", labels.len(), embeddings.nrows())?;
    check_binary("labels", labels)?;
    let n = labels.len();
    if n < 2 {
        return Ok(None);
    }
    // Column by column, so that the compiler vectorises the distances to all rows.
    let columns = embeddings.t().mapv(f64::from);
    let columns = columns.as_standard_layout();
    let nearest = |i: usize| {
        let mut squared = Array1::<f64>::zeros(n);
        for column in columns.rows() {
            let own = column[i];
            squared.zip_mut_with(&column, |sum, other| *sum += (own - other).powi(2));
        }
        (0..n)
            .filter(|j| *j != i)
            .min_by(|j, k| squared[*j].total_cmp(&squared[*k]))
    };
    let has_same_label = |i: &usize| nearest(*i).is_some_and(|j| labels[j] == labels[*i]);
    Ok(Some(
        (0..n).filter(has_same_label).count() as f64 / n as f64,
    ))
}

#[cfg(test)]
mod tests {
    use ndarray::array;

    use super::*;

    #[test]
    fn neighbours_are_counted_as_by_hand() {
        let rows = array![[0.0f32], [1.0], [1.5], [4.0]];
        // Nearest neighbours: 0 -> 1, 1 -> 1.5, 1.5 -> 1, 4 -> 1.5.
        let share = |labels: &[u8]| precision_at_one(rows.view(), labels).unwrap().unwrap();
        assert_eq!(share(&[0, 0, 0, 1]), 0.75);
        assert_eq!(share(&[1, 0, 1, 1]), 0.25);
        assert!(precision_at_one(rows.view(), &[0, 1]).is_err());
        let one = array![[1.0f32]];
        assert_eq!(precision_at_one(one.view(), &[1]).unwrap(), None);
    }
}
