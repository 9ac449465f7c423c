//! Holm's correction of p values for multiple tests (Holm 1979).

use nodule_error::invalid_value;

use crate::Error;

/// Returns the corrected p values, in the order of `p`: for each test the smallest family-wise level at which it
/// rejects.
///
/// # Errors
/// If a p value is not from 0 to 1.
///
/// ```
/// use nodule_eval::statistics::holm;
///
/// assert_eq!(holm(&[0.25, 0.0625])?, [0.25, 0.125]);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn holm(p: &[f64]) -> Result<Vec<f64>, Error> {
    if let Some(invalid) = p.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(invalid_value("p", invalid, "from 0 to 1").into());
    }
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut corrected = vec![0.0; p.len()];
    let mut largest: f64 = 0.0;
    for (rank, &i) in order.iter().enumerate() {
        largest = largest.max((p.len() - rank) as f64 * p[i]).min(1.0);
        corrected[i] = largest;
    }
    Ok(corrected)
}
