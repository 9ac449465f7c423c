//! Midranks: ranks in which ties share their mean.

use crate::Error;
use crate::check::check_finite;

/// Returns the ranks of `values` from 1. Equal values share the mean of their ranks.
///
/// # Errors
/// If a value is not finite.
///
/// ```
/// use nodule_eval::statistics::midranks;
///
/// assert_eq!(midranks(&[3.0, 1.0, 3.0])?, [2.5, 1.0, 2.5]);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn midranks(values: &[f64]) -> Result<Vec<f64>, Error> {
    check_finite("values", values)?;
    Ok(ranks(values))
}

/// Returns the [`midranks`] of finite values.
pub(crate) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = below as f64 + (tied.len() as f64 + 1.0) / 2.0;
        for &i in tied {
            ranks[i] = rank;
        }
        below += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_the_mean_of_their_ranks() {
        let ranks = midranks(&[3.0, 1.0, 3.0, -2.0, 3.0]).unwrap();
        assert_eq!(ranks, [4.0, 2.0, 4.0, 1.0, 4.0]);
        assert_eq!(midranks(&[0.0, -0.0]).unwrap(), [1.5, 1.5]);
        assert!(midranks(&[]).unwrap().is_empty());
        assert!(midranks(&[1.0, f64::NAN]).is_err());
    }
}
