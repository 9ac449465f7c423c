//! Random-effects model: mean of effects that several studies estimate and that differ between studies.

use nodule_error::{conflict, invalid_value};
use statrs::distribution::{ContinuousCDF, StudentsT};

use super::Interval;
use crate::Error;

/// Steps of the bisection for the variance between studies: each halves its interval.
const BISECTIONS: usize = 200;

/// Effect over studies, with its 95% intervals.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PooledEffect {
    /// Number of studies.
    pub studies: usize,
    /// Mean effect over studies.
    pub mean: f64,
    /// 95% interval of the mean.
    pub interval: Interval,
    /// 95% interval of the true effect of a new study; `None` with fewer than three studies.
    pub prediction: Option<Interval>,
    /// Standard deviation of the true effects between studies.
    pub between_sd: f64,
    /// Share of the variance of the estimates that lies between studies (Higgins and Thompson 2002).
    pub i_squared: f64,
    /// Two-sided p of a mean of 0.
    pub p: f64,
}

/// Returns the mean of `effects` under a random-effects model; `errors` are their standard errors.
///
/// The variance between studies is Paule and Mandel's (1982). The interval of the mean is Hartung and Knapp's (2001), never
/// narrower than the usual one (Röver et al. 2015), with t of k - 1 degrees of freedom. The prediction interval has k - 2
/// (Higgins et al. 2009). The studies must be independent.
///
/// ```
/// use nodule_eval::statistics::pool_effects;
///
/// let pooled = pool_effects(&[0.1, 0.3, 0.2], &[0.05, 0.05, 0.05])?;
/// assert!((pooled.mean - 0.2).abs() < 1e-12);
/// let prediction = pooled.prediction.unwrap();
/// assert!(prediction.low < pooled.interval.low && pooled.interval.high < prediction.high);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
///
/// # Errors
/// If there are fewer than two studies, the lengths differ, an effect is not finite, or a standard error is not positive
/// and finite.
pub fn pool_effects(effects: &[f64], errors: &[f64]) -> Result<PooledEffect, Error> {
    let k = effects.len();
    if k < 2 || errors.len() != k {
        let reason = format!(
            "{k} effects with {} standard errors; at least two of each are needed",
            errors.len()
        );
        return Err(conflict("effects", reason).into());
    }
    if let Some(effect) = effects.iter().find(|effect| !effect.is_finite()) {
        return Err(invalid_value("effect", effect, "finite").into());
    }
    if let Some(error) = errors.iter().find(|e| !(e.is_finite() && **e > 0.0)) {
        return Err(invalid_value("standard error", error, "positive and finite").into());
    }
    let variances: Vec<f64> = errors.iter().map(|error| error * error).collect();
    let between = between_variance(effects, &variances);
    let weights: Vec<f64> = variances.iter().map(|v| 1.0 / (v + between)).collect();
    let total: f64 = weights.iter().sum();
    let (mean, squares) = weighted_squares(effects, &weights);
    let freedom = (k - 1) as f64;
    // The factor of Hartung and Knapp, at least 1.
    let error = ((squares / freedom).max(1.0) / total).sqrt();
    let around = |half: f64| Interval {
        low: mean - half,
        high: mean + half,
    };
    let prediction = (k > 2).then(|| {
        let sd = (between + error * error).sqrt();
        around(quantile(freedom - 1.0) * sd)
    });
    Ok(PooledEffect {
        studies: k,
        mean,
        interval: around(quantile(freedom) * error),
        prediction,
        between_sd: between.sqrt(),
        i_squared: i_squared(effects, &variances),
        p: two_sided_p(mean / error, freedom),
    })
}

/// Returns the variance between studies at which the weighted squares equal their expectation, k - 1; 0 if they are
/// smaller without any.
fn between_variance(effects: &[f64], variances: &[f64]) -> f64 {
    let expected = (effects.len() - 1) as f64;
    let excess = |between: f64| {
        let weights: Vec<f64> = variances.iter().map(|v| 1.0 / (v + between)).collect();
        weighted_squares(effects, &weights).1 - expected
    };
    if excess(0.0) <= 0.0 {
        return 0.0;
    }
    // The squares fall with the variance; above their unweighted sum they are below 1.
    let equal = vec![1.0; effects.len()];
    let (mut low, mut high) = (0.0, weighted_squares(effects, &equal).1);
    for _ in 0..BISECTIONS {
        let middle = f64::midpoint(low, high);
        if excess(middle) > 0.0 {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Returns the share of the variance between studies, from Cochran's Q.
fn i_squared(effects: &[f64], variances: &[f64]) -> f64 {
    let weights: Vec<f64> = variances.iter().map(|v| 1.0 / v).collect();
    let (_, q) = weighted_squares(effects, &weights);
    let freedom = (effects.len() - 1) as f64;
    if q > freedom { (q - freedom) / q } else { 0.0 }
}

/// Returns the weighted mean and the weighted sum of squares around it.
fn weighted_squares(values: &[f64], weights: &[f64]) -> (f64, f64) {
    let total: f64 = weights.iter().sum();
    let sum: f64 = values.iter().zip(weights).map(|(v, w)| v * w).sum();
    let mean = sum / total;
    let squares = values.iter().zip(weights);
    (mean, squares.map(|(v, w)| w * (v - mean).powi(2)).sum())
}

/// Returns the two-sided 95% quantile of t.
fn quantile(freedom: f64) -> f64 {
    // The constructor fails for non-positive degrees of freedom only.
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |t| t.inverse_cdf(0.975))
}

fn two_sided_p(statistic: f64, freedom: f64) -> f64 {
    let t = StudentsT::new(0.0, 1.0, freedom);
    t.map_or(1.0, |t| 2.0 * t.cdf(-statistic.abs()))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn equal_effects_have_no_variance_between_studies() {
        let pooled = pool_effects(&[0.2, 0.2, 0.2, 0.2], &[0.1, 0.2, 0.1, 0.3]).unwrap();
        assert_eq!((pooled.between_sd, pooled.i_squared), (0.0, 0.0));
        assert!((pooled.mean - 0.2).abs() < 1e-12);
        // Not narrower than with known standard errors.
        assert!(pooled.interval.high - pooled.mean > 1.96 * 0.06);
    }

    #[test]
    fn two_studies_have_no_prediction_interval_and_one_cannot_be_pooled() {
        assert!(
            pool_effects(&[0.1, 0.2], &[0.1, 0.1])
                .unwrap()
                .prediction
                .is_none()
        );
        for (effects, errors) in [
            (&[0.1][..], &[0.1][..]),
            (&[0.1, 0.2], &[0.1]),
            (&[0.1, f64::NAN], &[0.1, 0.1]),
            (&[0.1, 0.2], &[0.1, 0.0]),
            (&[0.1, 0.2], &[0.1, f64::INFINITY]),
        ] {
            assert!(pool_effects(effects, errors).is_err());
        }
    }
}
