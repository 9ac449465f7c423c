//! How many runs a comparison needs: the power of a paired t test.

use statrs::distribution::{ContinuousCDF, Normal, StudentsT};

use super::rounding::ROUNDING;
use crate::Error;
use crate::error::input;

/// Intervals of each stretch of the integral over the sample's standard deviation; must be even.
const INTERVALS: usize = 800;
/// No smaller level is asked for, and for much smaller ones the critical value of t is not known to
/// enough digits.
const LEAST_LEVEL: f64 = 1e-6;
/// Degrees of freedom of which the expansion is exact to nine digits.
const MANY: f64 = 1000.0;
/// Nobody trains more.
const MOST: usize = 1_000_000;

/// The chance that a two-sided paired t test of `n` pairs finds a mean difference of `effect`
/// standard deviations of the differences at level `alpha`.
///
/// The statistic is noncentral t with noncentrality `effect` times the root of `n`.
///
/// # Errors
/// If `effect` is not finite, there are fewer than 2 pairs, or `alpha` is not from 1e-6 to below 1.
pub fn paired_power(effect: f64, n: usize, alpha: f64) -> Result<f64, Error> {
    if !effect.is_finite() {
        return Err(input("effect", effect, "it must be finite"));
    }
    if n < 2 {
        return Err(input("n", n, "a paired t test needs 2 pairs"));
    }
    level(alpha)?;
    Ok(power_of(effect, n, alpha))
}

/// The fewest pairs with which that test finds a mean difference of `difference` with a chance of at
/// least `power`, where differences have standard deviation `sd` in the same unit.
///
/// None where no number of pairs up to a million would do, and for a difference of 0, which nothing
/// finds. 2 where `sd` is 0 and the difference is not: differences that never vary are known from
/// any two of them, and a t test needs two. Give it the deviation that a comparison has, not one that
/// was estimated to be 0 from a few runs.
///
/// # Errors
/// If `difference` or `sd` is not finite, `sd` is negative, `power` is not between 0 and 1, or `alpha`
/// not from 1e-6 to below 1.
pub fn pairs_needed(
    difference: f64,
    sd: f64,
    power: f64,
    alpha: f64,
) -> Result<Option<usize>, Error> {
    if !difference.is_finite() {
        return Err(input("difference", difference, "it must be finite"));
    }
    if !(sd.is_finite() && sd >= 0.0) {
        return Err(input("sd", sd, "it must be finite and 0 or more"));
    }
    if !(power > 0.0 && power < 1.0) {
        return Err(input("power", power, "it must lie between 0 and 1"));
    }
    level(alpha)?;
    if difference == 0.0 {
        return Ok(None);
    }
    if sd <= ROUNDING * difference.abs() {
        return Ok(Some(2));
    }
    Ok(fewest(difference.abs() / sd, power, alpha))
}

fn fewest(effect: f64, power: f64, alpha: f64) -> Option<usize> {
    let enough = |n: usize| power_of(effect, n, alpha) >= power;
    let mut high = 2;
    while !enough(high) {
        high = (high < MOST).then_some(high * 2)?;
    }
    let mut low = high / 2;
    while low + 1 < high {
        let middle = (low + high) / 2;
        if enough(middle) {
            high = middle;
        } else {
            low = middle;
        }
    }
    Some(high.max(2))
}

fn level(alpha: f64) -> Result<(), Error> {
    if (LEAST_LEVEL..1.0).contains(&alpha) {
        return Ok(());
    }
    let needed = format!("it must be at least {LEAST_LEVEL} and below 1");
    Err(input("alpha", alpha, needed))
}

fn power_of(effect: f64, n: usize, alpha: f64) -> f64 {
    let freedom = (n - 1) as f64;
    let critical = critical(freedom, alpha);
    let normal = Normal::standard();
    let shift = effect.abs() * (n as f64).sqrt();
    // Given the ratio s of sample to true standard deviation, the mean alone is random.
    let found = |s: f64| normal.cdf(shift - critical * s) + normal.cdf(-shift - critical * s);
    let reach = 10.0 / (2.0 * freedom).sqrt();
    let (low, high) = ((1.0 - reach).max(0.0), 1.0 + reach);
    // The chance falls from 1 to 0 within a few 1 / critical of s = shift / critical, which may be
    // far narrower than the density: that stretch has points of its own.
    let around = |steps: f64| ((shift + steps) / critical).clamp(low, high);
    let ends = [low, around(-10.0), around(10.0), high];
    let (mut sum, mut whole) = (0.0, 0.0);
    for ends in ends.windows(2) {
        let step = (ends[1] - ends[0]) / INTERVALS as f64;
        for i in 0..=INTERVALS {
            let s = ends[0] + step * i as f64;
            let weight = step * simpson(i) * density(s, freedom);
            sum += weight * found(s);
            whole += weight;
        }
    }
    (sum / whole).min(1.0)
}

/// The two-sided critical value of t: above [`MANY`] degrees of freedom by its expansion in their
/// inverse (Abramowitz and Stegun 1964, 26.7.5), where the inverse of the distribution loses digits.
fn critical(freedom: f64, alpha: f64) -> f64 {
    if freedom > MANY {
        let z = -Normal::standard().inverse_cdf(alpha / 2.0);
        let (z3, z5, z7) = (z.powi(3), z.powi(5), z.powi(7));
        let first = (z3 + z) / 4.0;
        let second = (5.0 * z5 + 16.0 * z3 + 3.0 * z) / 96.0;
        let third = (3.0 * z7 + 19.0 * z5 + 17.0 * z3 - 15.0 * z) / 384.0;
        return z + (first + (second + third / freedom) / freedom) / freedom;
    }
    let t = StudentsT::new(0.0, 1.0, freedom);
    // Every number of pairs that is asked for has a distribution; without one nothing is found.
    t.map_or(f64::INFINITY, |t| -t.inverse_cdf(alpha / 2.0))
}

fn simpson(i: usize) -> f64 {
    match i {
        0 | INTERVALS => 1.0,
        i if i % 2 == 1 => 4.0,
        _ => 2.0,
    }
}

/// Density of the root of a chi-square over its degrees of freedom, over what it is at 1: its
/// integral is as good a constant as any gamma function, and exact for many degrees.
fn density(s: f64, freedom: f64) -> f64 {
    let power = if freedom > 1.0 {
        (freedom - 1.0) * s.ln()
    } else {
        0.0
    };
    (power - freedom / 2.0 * (s * s - 1.0)).exp()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
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
    fn the_fewest_pairs_are_just_enough() {
        let needed = |difference, sd| pairs_needed(difference, sd, 0.8, 0.05).unwrap();
        let n = needed(0.02, 0.07).unwrap();
        let effect = 0.02 / 0.07;
        assert!(paired_power(effect, n, 0.05).unwrap() >= 0.8);
        assert!(paired_power(effect, n - 1, 0.05).unwrap() < 0.8);
        assert_eq!(needed(0.0, 1.0), None);
        assert_eq!(needed(0.0, 0.0), None);
        assert_eq!(needed(1e-9, 1.0), None);
        assert_eq!(needed(1.0, 0.0), Some(2));
        assert_eq!(needed(-1.0, 1e-16), Some(2));
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
