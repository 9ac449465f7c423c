//! Rank correlations: Spearman's rho and Kendall's tau-b.

use super::constant::is_constant;
use super::ranks::ranks;
use crate::Error;
use crate::check::{check_finite, check_length};

/// Returns Spearman's rank correlation of `x` `[n]` and `y` `[n]`, from -1 to 1 (Spearman 1904): Pearson's correlation
/// of midranks.
///
/// `None` for fewer than two pairs, or if `x` or `y` is constant within rounding.
///
/// # Errors
/// If the lengths differ or a value is not finite.
///
/// ```
/// use nodule_eval::statistics::spearman;
///
/// assert_eq!(spearman(&[1.0, 2.0, 3.0], &[1.0, 4.0, 9.0])?, Some(1.0));
/// assert_eq!(spearman(&[1.0, 2.0], &[5.0, 5.0])?, None);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn spearman(x: &[f64], y: &[f64]) -> Result<Option<f64>, Error> {
    if !are_varying_pairs(x, y)? {
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

/// Returns Kendall's tau-b of `x` `[n]` and `y` `[n]`, from -1 to 1 (Kendall 1945). `None` as for [`spearman`].
///
/// # Errors
/// If the lengths differ or a value is not finite.
pub fn kendall(x: &[f64], y: &[f64]) -> Result<Option<f64>, Error> {
    if !are_varying_pairs(x, y)? {
        return Ok(None);
    }
    let sign = |a: f64, b: f64| f64::from(u8::from(a > b)) - f64::from(u8::from(a < b));
    let (mut concordance, mut untied_x, mut untied_y) = (0.0, 0.0, 0.0);
    for i in 0..x.len() {
        for j in 0..i {
            let (a, b) = (sign(x[i], x[j]), sign(y[i], y[j]));
            concordance += a * b;
            untied_x += a.abs();
            untied_y += b.abs();
        }
    }
    let scale = f64::sqrt(untied_x * untied_y);
    Ok((scale > 0.0).then(|| concordance / scale))
}

/// Checks that `x` and `y` are pairs of finite numbers, and returns whether both vary.
fn are_varying_pairs(x: &[f64], y: &[f64]) -> Result<bool, Error> {
    check_length("y", y.len(), x.len())?;
    check_finite("x", x)?;
    check_finite("y", y)?;
    Ok(!is_constant(x) && !is_constant(y))
}
