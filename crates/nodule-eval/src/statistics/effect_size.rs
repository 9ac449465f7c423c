//! Means, standard deviations, and the size of a paired difference.

use super::rounding::{constant, scaled};
use crate::Error;
use crate::error::{all_finite, input};

/// Mean and sample standard deviation (n - 1) of `values`, in their unit; none without values. The
/// deviation is none for fewer than two, and exactly 0 where all are equal but for rounding.
///
/// # Errors
/// If a value is not finite, or the deviation is too large for an f64.
pub fn mean_sd(values: &[f64]) -> Result<Option<(f64, Option<f64>)>, Error> {
    all_finite("values", values)?;
    let Some((mean, sd, scale)) = moments(values) else {
        return Ok(None);
    };
    let sd = sd.map(|sd| sd * scale);
    if sd.is_some_and(f64::is_infinite) {
        let needed = "their standard deviation must be finite in f64";
        return Err(input("values", "up to the largest of f64", needed));
    }
    Ok(Some((mean * scale, sd)))
}

/// Cohen's d of paired differences: their mean over their standard deviation (Lakens 2013,
/// equation 6), in standard deviations. None for fewer than two, or where all are equal but for
/// rounding: what does not vary has no size in deviations.
///
/// # Errors
/// If a difference is not finite.
pub fn cohen_dz(differences: &[f64]) -> Result<Option<f64>, Error> {
    all_finite("differences", differences)?;
    let varied = |(mean, sd, _): (f64, Option<f64>, f64)| Some(mean / sd.filter(|sd| *sd > 0.0)?);
    Ok(moments(differences).and_then(varied))
}

/// Mean and sample standard deviation, both over the power of two that comes third.
fn moments(values: &[f64]) -> Option<(f64, Option<f64>, f64)> {
    if values.is_empty() {
        return None;
    }
    let same = constant(values);
    let (values, scale) = scaled(values);
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    let sd = match (values.len(), same) {
        (1, _) => None,
        (_, true) => Some(0.0),
        _ => Some((squares / (n - 1.0)).sqrt()),
    };
    Some((mean, sd, scale))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_vary_has_no_effect_size() {
        for n in 1..12 {
            assert_eq!(cohen_dz(&vec![0.1; n]).unwrap(), None, "{n}");
        }
        assert_eq!(cohen_dz(&[0.1 + 0.2, 0.3, 0.3]).unwrap(), None);
        assert_eq!(cohen_dz(&[]).unwrap(), None);
        assert_eq!(mean_sd(&[0.1; 6]).unwrap().unwrap().1, Some(0.0));
        assert_eq!(mean_sd(&[]).unwrap(), None);
        assert_eq!(mean_sd(&[2.0]).unwrap(), Some((2.0, None)));
    }

    #[test]
    fn no_scale_is_too_large_or_too_small() {
        let d = cohen_dz(&[1.0, 2.0, 4.0]).unwrap();
        for scale in [1e-310, 1e-160, 1e160, 4e307] {
            let other = cohen_dz(&[scale, 2.0 * scale, 4.0 * scale]).unwrap();
            assert!((other.unwrap() - d.unwrap()).abs() < 1e-9, "{scale}");
        }
        assert!(mean_sd(&[f64::MAX, f64::MIN]).is_err());
        let message = cohen_dz(&[1.0, f64::NAN]).unwrap_err().to_string();
        assert!(message.contains("differences[1] = NaN"), "{message}");
    }
}
