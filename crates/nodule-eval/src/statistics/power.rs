//! Power of a paired t test, and the number of pairs that a given power requires.

use nodule_error::invalid_value;
use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::constant::RELATIVE_TOLERANCE;
use super::equivalence::check_margin;
use crate::Error;

/// Intervals of each section of the integral over the sample standard deviation; Simpson's rule needs an even number.
const INTERVALS: usize = 800;
/// Smallest accepted level: below it the critical value of t loses digits.
const MIN_LEVEL: f64 = 1e-6;
/// Degrees of freedom above which the expansion of the critical value is exact to nine digits.
const EXPANSION_FREEDOM: f64 = 1000.0;
/// Largest number of pairs that [`pairs_needed`] tries.
const MAX_PAIRS: usize = 1_000_000;

/// Returns the power of a two-sided paired t test with `n` pairs at level `alpha`: the probability of rejection if the
/// true mean difference is `effect` standard deviations of the differences.
///
/// The test statistic is noncentral t with noncentrality `effect * sqrt(n)`.
///
/// # Errors
/// If `effect` is not finite, `n` is below 2, or `alpha` is not at least 1e-6 and below 1.
///
/// ```
/// use nodule_eval::statistics::paired_power;
///
/// let power = paired_power(0.5, 34, 0.05)?;
/// assert!((power - 0.8078).abs() < 1e-3);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn paired_power(effect: f64, n: usize, alpha: f64) -> Result<f64, Error> {
    if !effect.is_finite() {
        return Err(invalid_value("effect", effect, "finite").into());
    }
    if n < 2 {
        return Err(invalid_value("n", n, "at least 2").into());
    }
    check_level(alpha)?;
    Ok(integrate_power(effect, n, alpha))
}

/// Returns the smallest number of pairs with which a two-sided paired t test at level `alpha` reaches `power`, if the
/// true mean difference is `difference` and the differences have standard deviation `sd`, in the same unit.
///
/// `None` if a million pairs do not suffice, or `difference` is 0. If `sd` is 0 and `difference` is not, the result is
/// 2, the fewest pairs that a t test accepts; an `sd` estimated as 0 from few runs is not meaningful here.
///
/// # Errors
/// If `difference` or `sd` is not finite, `sd` is negative, `power` is not between 0 and 1, or `alpha` is not at least
/// 1e-6 and below 1.
///
/// ```
/// use nodule_eval::statistics::pairs_needed;
///
/// assert_eq!(pairs_needed(0.5, 1.0, 0.8, 0.05)?, Some(34));
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn pairs_needed(
    difference: f64,
    sd: f64,
    power: f64,
    alpha: f64,
) -> Result<Option<usize>, Error> {
    if !difference.is_finite() {
        return Err(invalid_value("difference", difference, "finite").into());
    }
    if !(sd.is_finite() && sd >= 0.0) {
        return Err(invalid_value("sd", sd, "finite and at least 0").into());
    }
    if !(power > 0.0 && power < 1.0) {
        return Err(invalid_value("power", power, "above 0 and below 1").into());
    }
    check_level(alpha)?;
    if difference == 0.0 {
        return Ok(None);
    }
    if sd <= RELATIVE_TOLERANCE * difference.abs() {
        return Ok(Some(2));
    }
    Ok(search_pairs(difference.abs() / sd, power, alpha))
}

/// Returns the smallest number of pairs that reaches `power`, by doubling and bisection.
fn search_pairs(effect: f64, power: f64, alpha: f64) -> Option<usize> {
    let is_enough = |n: usize| integrate_power(effect, n, alpha) >= power;
    let mut high = 2;
    while !is_enough(high) {
        high = (high < MAX_PAIRS).then_some(high * 2)?;
    }
    let mut low = high / 2;
    while low + 1 < high {
        let middle = (low + high) / 2;
        if is_enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high.max(2))
}

fn check_level(alpha: f64) -> Result<(), Error> {
    if (MIN_LEVEL..1.0).contains(&alpha) {
        return Ok(());
    }
    let allowed = format!("at least {MIN_LEVEL} and below 1");
    Err(invalid_value("alpha", alpha, allowed).into())
}

/// Returns the power of two one-sided paired t tests at level `alpha` with `n` pairs: the probability that they find a mean
/// within ± `margin`, given in standard deviations of the differences, if the true mean is 0.
///
/// # Errors
/// If `margin` is not positive and finite, `n` is below 2, or `alpha` is not at least 1e-6 and below 0.5.
///
/// ```
/// use nodule_eval::statistics::equivalence_power;
///
/// assert!(equivalence_power(1.0, 20, 0.05)? > 0.9);
/// assert!(equivalence_power(0.2, 20, 0.05)? < 0.1);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn equivalence_power(margin: f64, n: usize, alpha: f64) -> Result<f64, Error> {
    check_margin(margin)?;
    if n < 2 {
        return Err(invalid_value("n", n, "at least 2").into());
    }
    check_level(2.0 * alpha)?;
    // The mean lies within the margin by both tests at once, which is impossible for a large standard deviation.
    let rejection = |shift: f64, s: f64| (2.0 * Normal::standard().cdf(shift - s) - 1.0).max(0.0);
    Ok(integrate(margin, n, 2.0 * alpha, rejection))
}

/// Returns the power of a two-sided t test.
fn integrate_power(effect: f64, n: usize, alpha: f64) -> f64 {
    let normal = Normal::standard();
    let rejection = |shift: f64, s: f64| normal.cdf(shift - s) + normal.cdf(-shift - s);
    integrate(effect.abs(), n, alpha, rejection)
}

/// Returns the power by Simpson's rule over the ratio s of sample to true standard deviation: given s, only the sample
/// mean is random, and it is normal. `rejection` is the probability of rejection, given the standardised effect and the
/// critical value times s.
fn integrate(effect: f64, n: usize, alpha: f64, rejection: impl Fn(f64, f64) -> f64) -> f64 {
    let freedom = (n - 1) as f64;
    let critical = critical_value(freedom, alpha);
    let shift = effect * (n as f64).sqrt();
    let half_range = 10.0 / (2.0 * freedom).sqrt();
    let (low, high) = ((1.0 - half_range).max(0.0), 1.0 + half_range);
    // The rejection probability falls from 1 to 0 within a few 1 / critical of s = shift / critical. That section may
    // be far narrower than the density, so it has its own integration points.
    let near_fall = |steps: f64| ((shift + steps) / critical).clamp(low, high);
    let ends = [low, near_fall(-10.0), near_fall(10.0), high];
    let (mut sum, mut total_weight) = (0.0, 0.0);
    for ends in ends.windows(2) {
        let step = (ends[1] - ends[0]) / INTERVALS as f64;
        for i in 0..=INTERVALS {
            let s = ends[0] + step * i as f64;
            let weight = step * simpson_weight(i) * relative_density(s, freedom);
            sum += weight * rejection(shift, critical * s);
            total_weight += weight;
        }
    }
    (sum / total_weight).min(1.0)
}

/// Returns the two-sided critical value of t. Above [`EXPANSION_FREEDOM`] degrees of freedom, where the inverse of the
/// distribution loses digits, it uses the expansion in their inverse (Abramowitz and Stegun 1964, 26.7.5).
fn critical_value(freedom: f64, alpha: f64) -> f64 {
    if freedom > EXPANSION_FREEDOM {
        let z = -Normal::standard().inverse_cdf(alpha / 2.0);
        let (z3, z5, z7) = (z.powi(3), z.powi(5), z.powi(7));
        let first = (z3 + z) / 4.0;
        let second = (5.0 * z5 + 16.0 * z3 + 3.0 * z) / 96.0;
        let third = (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / 384.0;
        return z + (first + (second + third / freedom) / freedom) / freedom;
    }
    // The constructor fails for non-positive degrees of freedom only, which the checks exclude.
    StudentsT::new(0.0, 1.0, freedom).map_or(f64::INFINITY, |t| -t.inverse_cdf(alpha / 2.0))
}

fn simpson_weight(i: usize) -> f64 {
    match i {
        0 | INTERVALS => 1.0,
        i if i % 2 == 1 => 4.0,
        _ => 2.0,
    }
}

/// Returns the density of sqrt(chi-square / degrees of freedom) at `s`, relative to its value at 1. Dividing by its
/// integral normalises it without a gamma function, which would lose digits at many degrees of freedom.
fn relative_density(s: f64, freedom: f64) -> f64 {
    let power = if freedom > 1.0 {
        (freedom - 1.0) * s.ln()
    } else {
        0.0
    };
    (power - freedom / 2.0 * (s * s - 1.0)).exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_effect_the_power_is_the_level() {
        for n in [2, 3, 8, 20, 200, 1_000_000] {
            for alpha in [0.2, 0.05, 1e-3, 1e-6] {
                let power = paired_power(0.0, n, alpha).unwrap();
                assert!((power / alpha - 1.0).abs() < 1e-5, "{n}, {alpha}: {power}");
            }
        }
        for (effect, n, alpha) in [
            (1.0, 1, 0.05),
            (1.0, 0, 0.05),
            (f64::NAN, 5, 0.05),
            (1.0, 5, 0.0),
            (1.0, 5, 1e-7),
            (1.0, 5, 1.0),
            (1.0, 5, f64::NAN),
        ] {
            assert!(paired_power(effect, n, alpha).is_err());
        }
    }

    #[test]
    fn one_pair_fewer_does_not_reach_the_power() {
        let pairs = |difference, sd| pairs_needed(difference, sd, 0.8, 0.05).unwrap();
        let n = pairs(0.02, 0.07).unwrap();
        let effect = 0.02 / 0.07;
        assert!(paired_power(effect, n, 0.05).unwrap() >= 0.8);
        assert!(paired_power(effect, n - 1, 0.05).unwrap() < 0.8);
        assert_eq!(pairs(0.0, 1.0), None);
        assert_eq!(pairs(0.0, 0.0), None);
        assert_eq!(pairs(1e-9, 1.0), None);
        assert_eq!(pairs(1.0, 0.0), Some(2));
        assert_eq!(pairs(-1.0, 1e-16), Some(2));
        for (difference, sd, power, alpha) in [
            (f64::NAN, 1.0, 0.8, 0.05),
            (1.0, -1.0, 0.8, 0.05),
            (1.0, f64::INFINITY, 0.8, 0.05),
            (1.0, 1.0, 1.0, 0.05),
            (1.0, 1.0, 0.8, 0.0),
        ] {
            assert!(pairs_needed(difference, sd, power, alpha).is_err());
        }
    }
}
