//! Standard deviation of the decision scores: the unit that scores of all losses and classifiers share.

use nodule_error::invalid_value;
use serde::{Deserialize, Serialize};

use crate::Error;
use crate::check::check_finite_non_empty;

/// A standard deviation of at most this share of the largest score is rounding: scores are f32.
const RELATIVE_TOLERANCE: f64 = 4.0 * f32::EPSILON as f64;

/// Smallest accepted value above 0: distinct f32 scores never have a smaller one, and quotients by it stay finite.
const MIN_POSITIVE_SD: f64 = 1e-60;

/// Population standard deviation (SD) of the decision scores on in-distribution validation images (*ours*).
///
/// It is 0 for a decision that never varies; whatever is expressed in its units is then 0. Serialised as the number.
///
/// ```
/// use nodule_eval::ScoreSd;
///
/// let sd = ScoreSd::from_scores(&[-1.0, 1.0])?;
/// assert_eq!(sd.value(), 1.0);
/// assert_eq!(sd.to_sd_units(3.0), 3.0);
/// # Ok::<(), nodule_eval::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct ScoreSd(f64);

impl ScoreSd {
    /// Returns the SD of `scores` `[n]`: exactly 0 if it is at most 4 f32 epsilons of the largest absolute score.
    ///
    /// # Errors
    /// If there are no scores or one is not finite.
    pub fn from_scores(scores: &[f32]) -> Result<Self, Error> {
        check_finite_non_empty("scores", scores)?;
        let n = scores.len() as f64;
        let mean = scores.iter().map(|s| f64::from(*s)).sum::<f64>() / n;
        let squares = scores.iter().map(|s| (f64::from(*s) - mean).powi(2));
        let sd = (squares.sum::<f64>() / n).sqrt();
        let largest = scores.iter().fold(0.0f32, |max, s| max.max(s.abs()));
        let varies = sd > RELATIVE_TOLERANCE * f64::from(largest);
        Ok(Self(if varies { sd } else { 0.0 }))
    }

    /// Returns the SD with a known value.
    ///
    /// # Errors
    /// If `value` is negative or not finite, or above 0 but smaller than the SD of distinct f32 scores can be.
    pub fn new(value: f64) -> Result<Self, Error> {
        if value == 0.0 || (value.is_finite() && value >= MIN_POSITIVE_SD) {
            // -0 becomes 0, so that a division cannot turn signs.
            return Ok(Self(value.abs()));
        }
        let allowed = format!("0, or finite and at least {MIN_POSITIVE_SD:e}");
        Err(invalid_value("score SD", value, allowed).into())
    }

    /// The standard deviation, in the unit of the scores; never negative.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }

    /// Returns whether the decision never varies.
    #[must_use]
    pub fn is_constant(self) -> bool {
        self.0 == 0.0
    }

    /// Returns `value`, a decision score or a difference of two, in SD units; 0 if the decision is constant.
    #[must_use]
    pub fn to_sd_units(self, value: f64) -> f64 {
        if self.is_constant() {
            0.0
        } else {
            value / self.0
        }
    }
}

impl TryFrom<f64> for ScoreSd {
    type Error = Error;

    fn try_from(value: f64) -> Result<Self, Error> {
        Self::new(value)
    }
}

impl From<ScoreSd> for f64 {
    fn from(sd: ScoreSd) -> Self {
        sd.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sd_is_the_population_standard_deviation() {
        let sd = ScoreSd::from_scores(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((sd.value() - 1.25f64.sqrt()).abs() < 1e-15);
        assert!(!sd.is_constant());
        assert_eq!(sd.to_sd_units(sd.value()), 1.0);
    }

    #[test]
    fn scores_that_differ_by_rounding_are_constant() {
        let near = 0.1f32.next_up();
        for scores in [
            &[0.0f32, -0.0][..],
            &[-0.0],
            &[7.5],
            &[0.1, near, 0.1, near],
            &[-1e30, (-1e30f32).next_up()],
        ] {
            let sd = ScoreSd::from_scores(scores).unwrap();
            assert_eq!(sd.value(), 0.0, "{scores:?}");
            assert!(sd.value().is_sign_positive() && sd.is_constant());
            assert_eq!(sd.to_sd_units(3.0), 0.0);
            assert_eq!(sd.to_sd_units(-3.0).to_bits(), 0);
        }
        // Small scores are not constant.
        assert!(!ScoreSd::from_scores(&[1e-30, 2e-30]).unwrap().is_constant());
        assert!(!ScoreSd::from_scores(&[1.0, 1.00001]).unwrap().is_constant());
    }

    #[test]
    fn negative_zero_becomes_zero_and_invalid_values_are_errors() {
        assert!(ScoreSd::new(-0.0).unwrap().value().is_sign_positive());
        for invalid in [-1.0, 1e-300, f64::NAN, f64::INFINITY] {
            let message = ScoreSd::new(invalid).unwrap_err().to_string();
            assert!(message.contains("score SD"), "{message}");
        }
        assert!(ScoreSd::from_scores(&[]).is_err());
        let message = ScoreSd::from_scores(&[1.0, f32::NAN]).unwrap_err();
        assert!(message.to_string().contains("scores[1] = NaN"), "{message}");
    }

    #[test]
    fn it_serialises_as_a_number_and_is_checked_on_reading() {
        let sd = ScoreSd::new(0.25).unwrap();
        assert_eq!(serde_json::to_string(&sd).unwrap(), "0.25");
        assert_eq!(serde_json::from_str::<ScoreSd>("0.25").unwrap(), sd);
        assert!(serde_json::from_str::<ScoreSd>("-1").is_err());
    }
}
