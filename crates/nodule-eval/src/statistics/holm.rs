//! Holm's correction for several tests (Holm 1979).

/// Corrected p values, in the order given: each is the smallest level of the whole family at which
/// its test would still reject.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut corrected = vec![0.0; p.len()];
    let mut largest: f64 = 0.0;
    for (before, &i) in order.iter().enumerate() {
        largest = largest.max((p.len() - before) as f64 * p[i]).min(1.0);
        corrected[i] = largest;
    }
    corrected
}
