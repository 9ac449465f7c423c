//! Mean and standard deviation, and Cohen's d of paired differences.

use nodule_error::conflict;

use super::constant::{is_constant, scale_by_power_of_two};
use crate::Error;
use crate::check::check_finite;

/// Mean and sample standard deviation, in the unit of the values.
#[derive(Debug, Clone, Copy, PartialEq)]
#[non_exhaustive]
pub struct MeanSd {
    /// Arithmetic mean.
    pub mean: f64,
    /// Sample standard deviation (n - 1): `None` for a single value, exactly 0 if all values are equal within rounding.
    pub sd: Option<f64>,
}

/// Returns the mean and sample standard deviation of `values`; `None` without values.
///
/// # Errors
/// If a value is not finite, or the standard deviation exceeds the range of f64.
///
/// ```
/// use nodule_eval::statistics::mean_sd;
///
/// let found = mean_sd(&[1.0, 2.0, 3.0])?.unwrap();
/// assert_eq!((found.mean, found.sd), (2.0, Some(1.0)));
/// assert_eq!(mean_sd(&[])?, None);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn mean_sd(values: &[f64]) -> Result<Option<MeanSd>, Error> {
    check_finite("values", values)?;
    let Some((MeanSd { mean, sd }, scale)) = scaled_moments(values) else {
        return Ok(None);
    };
    let sd = sd.map(|sd| sd * scale);
    if sd.is_some_and(f64::is_infinite) {
        let reason = "too large; the standard deviation exceeds the range of f64";
        return Err(conflict("values", reason).into());
    }
    let mean = mean * scale;
    Ok(Some(MeanSd { mean, sd }))
}

/// Returns Cohen's d of paired `differences`: their mean divided by their standard deviation (Lakens 2013, equation 6).
/// `None` for fewer than two differences, or if all are equal within rounding.
///
/// # Errors
/// If a difference is not finite.
///
/// ```
/// use nodule_eval::statistics::cohen_dz;
///
/// assert_eq!(cohen_dz(&[1.0, 2.0, 3.0])?, Some(2.0));
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn cohen_dz(differences: &[f64]) -> Result<Option<f64>, Error> {
    check_finite("differences", differences)?;
    let ratio = |(found, _): (MeanSd, f64)| Some(found.mean / found.sd.filter(|sd| *sd > 0.0)?);
    Ok(scaled_moments(differences).and_then(ratio))
}

/// Returns mean and standard deviation divided by a power of two, and that power; `None` without values.
fn scaled_moments(values: &[f64]) -> Option<(MeanSd, f64)> {
    if values.is_empty() {
        return None;
    }
    let is_constant = is_constant(values);
    let (values, scale) = scale_by_power_of_two(values);
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    let sd = match (values.len(), is_constant) {
        (1, _) => None,
        (_, true) => Some(0.0),
        _ => Some((squares / (n - 1.0)).sqrt()),
    };
    Some((MeanSd { mean, sd }, scale))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constant_differences_have_no_effect_size() {
        for n in 1..12 {
            assert_eq!(cohen_dz(&vec![0.1; n]).unwrap(), None, "{n}");
        }
        assert_eq!(cohen_dz(&[0.1 + 0.2, 0.3, 0.3]).unwrap(), None);
        assert_eq!(cohen_dz(&[]).unwrap(), None);
        assert_eq!(mean_sd(&[0.1; 6]).unwrap().unwrap().sd, Some(0.0));
        assert_eq!(mean_sd(&[]).unwrap(), None);
        let (mean, sd) = (2.0, None);
        assert_eq!(mean_sd(&[2.0]).unwrap(), Some(MeanSd { mean, sd }));
    }

    #[test]
    fn no_scale_is_too_large_or_too_small() {
        let d = cohen_dz(&[1.0, 2.0, 4.0]).unwrap();
        for scale in [1e-310, 1e-160, 1e160, 4e307] {
            let scaled = cohen_dz(&[scale, 2.0 * scale, 4.0 * scale]).unwrap();
            assert!((scaled.unwrap() - d.unwrap()).abs() < 1e-9, "{scale}");
        }
        assert!(mean_sd(&[f64::MAX, f64::MIN]).is_err());
        let message = cohen_dz(&[1.0, f64::NAN]).unwrap_err().to_string();
        assert!(message.contains("differences[1] = NaN"), "{message}");
    }
}
