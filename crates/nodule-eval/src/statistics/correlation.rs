//! Rank correlations.

use super::ranks::ranks;
use super::rounding::constant;
use crate::Error;
use crate::error::{all_finite, same_length};

/// Spearman's correlation of `x` `[n]` and `y` `[n]`, from -1 to 1 (Spearman 1904): Pearson's, of
/// midranks. None where it is undefined: fewer than two pairs, or one of them constant but for
/// rounding, whose ranks would be those of the rounding.
///
/// # Errors
/// If the lengths differ or a value is not finite.
pub fn spearman(x: &[f64], y: &[f64]) -> Result<Option<f64>, Error> {
    if !varying(x, y)? {
        return Ok(None);
    }
    let (x, y) = (ranks(x), ranks(y));
    let mean = (x.len() as f64 + 1.0) / 2.0;
    let products = |a: &[f64], b: &[f64]| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - mean) * (b - mean)).sum()
    };
    let scale = (products(&x, &x) * products(&y, &y)).sqrt();
    Ok((scale > 0.0).then(|| (products(&x, &y) / scale).clamp(-1.0, 1.0)))
}

/// Kendall's tau-b, from -1 to 1 (Kendall 1945). None where it is undefined, as for [`spearman`].
///
/// # Errors
/// As [`spearman`].
pub fn kendall(x: &[f64], y: &[f64]) -> Result<Option<f64>, Error> {
    if !varying(x, y)? {
        return Ok(None);
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
    Ok((scale > 0.0).then(|| agreement / scale))
}

/// Whether both vary, once they are known to be pairs of finite numbers.
fn varying(x: &[f64], y: &[f64]) -> Result<bool, Error> {
    same_length("y", y.len(), x.len())?;
    all_finite("x", x)?;
    all_finite("y", y)?;
    Ok(!constant(x) && !constant(y))
}
