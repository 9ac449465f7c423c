//! Ranks, ties sharing their mean.

use crate::Error;
use crate::error::all_finite;

/// Ranks from 1; equal values share the mean of theirs.
///
/// # Errors
/// If a value is not finite: it has no place.
pub fn midranks(values: &[f64]) -> Result<Vec<f64>, Error> {
    all_finite("values", values)?;
    Ok(ranks(values))
}

/// [`midranks`] of values that are known to be finite.
pub(crate) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut below = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = below as f64 + (tied.len() as f64 + 1.0) / 2.0;
        tied.iter().for_each(|&i| ranks[i] = rank);
        below += tied.len();
    }
    ranks
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn ties_share_the_mean_of_their_ranks() {
        assert_eq!(
            midranks(&[3.0, 1.0, 3.0, -2.0, 3.0]).unwrap(),
            [4.0, 2.0, 4.0, 1.0, 4.0]
        );
        assert_eq!(midranks(&[0.0, -0.0]).unwrap(), [1.5, 1.5]);
        assert!(midranks(&[]).unwrap().is_empty());
        assert!(midranks(&[1.0, f64::NAN]).is_err());
    }
}
