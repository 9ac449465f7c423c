//! Holm's correction for several tests (Holm 1979).

use crate::Error;
use crate::error::input;

/// Corrected p values, in the order given: each is the smallest level of the whole family at which
/// its test would still reject.
///
/// # Errors
/// If a p is not a number from 0 to 1.
pub fn holm(p: &[f64]) -> Result<Vec<f64>, Error> {
    if let Some(wrong) = p.iter().find(|p| !(0.0..=1.0).contains(*p)) {
        return Err(input("p", wrong, "each must lie from 0 to 1"));
    }
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut corrected = vec![0.0; p.len()];
    let mut largest: f64 = 0.0;
    for (before, &i) in order.iter().enumerate() {
        largest = largest.max((p.len() - before) as f64 * p[i]).min(1.0);
        corrected[i] = largest;
    }
    Ok(corrected)
}
