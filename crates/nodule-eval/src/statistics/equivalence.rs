//! Equivalence of paired values: two one-sided t tests, and their power.

use nodule_error::invalid_value;
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::mean_sd;
use crate::Error;

/// Returns the p of the claim that the mean of `differences` lies within ± `margin`: the larger p of two one-sided paired t
/// tests (Schuirmann 1987). `None` with fewer than two differences, or if they do not vary.
///
/// ```
/// use nodule_eval::statistics::equivalence_test;
///
/// let differences = [0.01, -0.02, 0.015, 0.0, -0.01, 0.005];
/// assert!(equivalence_test(&differences, 0.1)?.unwrap() < 0.001);
/// assert!(equivalence_test(&differences, 0.005)?.unwrap() > 0.05);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
///
/// # Errors
/// If a difference is not finite, or `margin` is not positive and finite.
pub fn equivalence_test(differences: &[f64], margin: f64) -> Result<Option<f64>, Error> {
    check_margin(margin)?;
    let Some(found) = mean_sd(differences)? else {
        return Ok(None);
    };
    let Some(sd) = found.sd.filter(|sd| *sd > 0.0) else {
        return Ok(None);
    };
    let n = differences.len() as f64;
    let error = sd / n.sqrt();
    let t = StudentsT::new(0.0, 1.0, n - 1.0);
    // The constructor fails for non-positive degrees of freedom only.
    Ok(t.ok().map(|t| {
        let above = t.cdf(-(found.mean + margin) / error);
        let below = t.cdf((found.mean - margin) / error);
        above.max(below)
    }))
}

pub(super) fn check_margin(margin: f64) -> Result<(), Error> {
    match margin.is_finite() && margin > 0.0 {
        true => Ok(()),
        false => Err(invalid_value("margin", margin, "positive and finite").into()),
    }
}
