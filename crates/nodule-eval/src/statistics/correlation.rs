//! Rank correlations.

use super::midranks;

/// Spearman's correlation (Spearman 1904): Pearson's, of midranks. None where it is undefined:
/// fewer than two pairs, lengths that differ, or a constant.
#[must_use]
pub fn spearman(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() || x.len() < 2 {
        return None;
    }
    let (x, y) = (midranks(x), midranks(y));
    let mean = (x.len() as f64 + 1.0) / 2.0;
    let products = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    let scale = (products(&x, &x) * products(&y, &y)).sqrt();
    (scale > 0.0).then(|| (products(&x, &y) / scale).clamp(-1.0, 1.0))
}

/// Kendall's tau-b (Kendall 1945). None where it is undefined, as for [`spearman`].
#[must_use]
pub fn kendall(x: &[f64], y: &[f64]) -> Option<f64> {
    if x.len() != y.len() {
        return None;
    }
    let sign = |a: f64, b: f64| f64::from(u8::from(a > b)) - f64::from(u8::from(a < b));
    let (mut agreement, mut pairs_x, mut pairs_y) = (0.0, 0.0, 0.0);
    for i in 0..x.len() {
        for j in 0..i {
            let (a, b) = (sign(x[i], x[j]), sign(y[i], y[j]));
            agreement += a * b;
            pairs_x += a.abs();
            pairs_y += b.abs();
        }
    }
    let scale = f64::sqrt(pairs_x * pairs_y);
    (scale > 0.0).then(|| agreement / scale)
}
