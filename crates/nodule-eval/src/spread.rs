//! The spread: the unit that decision values of any loss and read-out share.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::{finite, input};

/// A standard deviation of at most this share of the largest score is rounding: scores are f32.
const ROUNDING: f64 = 4.0 * f32::EPSILON as f64;

/// No scores in f32 that differ have a smaller one, and what is divided by it stays finite.
const LEAST: f64 = 1e-60;

/// The unit of a decision value: its population standard deviation over in-distribution validation
/// images (*ours*). Serialised as the number.
///
/// A decision that never varies has no size: its spread is 0, and whatever is measured in it is 0.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(try_from = "f64", into = "f64")]
pub struct Spread(f64);

impl Spread {
    /// The spread of the decision values `scores` `[n]`. Exactly 0 where they are constant within
    /// the rounding of f32: where their standard deviation is at most 4 f32 epsilons of the largest.
    ///
    /// # Errors
    /// If there are no scores or one is not finite.
    pub fn of(scores: &[f32]) -> Result<Self, Error> {
        finite("scores", scores)?;
        let n = scores.len() as f64;
        let mean = scores.iter().map(|s| f64::from(*s)).sum::<f64>() / n;
        let squares = scores.iter().map(|s| (f64::from(*s) - mean).powi(2));
        let deviation = (squares.sum::<f64>() / n).sqrt();
        let largest = scores.iter().fold(0.0f32, |most, s| most.max(s.abs()));
        let varies = deviation > ROUNDING * f64::from(largest);
        Ok(Self(if varies { deviation } else { 0.0 }))
    }

    /// A spread of which the number is known.
    ///
    /// # Errors
    /// If `value` is negative or not finite, or above 0 but smaller than scores in f32 can have.
    pub fn new(value: f64) -> Result<Self, Error> {
        if value == 0.0 || (value.is_finite() && value >= LEAST) {
            // There is one zero: -0 would turn signs where it divides.
            return Ok(Self(value.abs()));
        }
        let needed = format!("it must be 0, or finite and at least {LEAST:e}");
        Err(input("spread", value, needed))
    }

    /// The number, in units of the decision value; never negative.
    #[must_use]
    pub fn value(self) -> f64 {
        self.0
    }

    /// Whether the decision never varies.
    #[must_use]
    pub fn is_constant(self) -> bool {
        self.0 == 0.0
    }

    /// `value`, a decision value or a difference of two, in spreads; 0 where the decision is
    /// constant.
    #[must_use]
    pub fn in_spreads(self, value: f64) -> f64 {
        if self.is_constant() {
            0.0
        } else {
            value / self.0
        }
    }
}

impl TryFrom<f64> for Spread {
    type Error = Error;

    fn try_from(value: f64) -> Result<Self, Error> {
        Self::new(value)
    }
}

impl From<Spread> for f64 {
    fn from(spread: Spread) -> Self {
        spread.0
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    #[test]
    fn it_is_the_population_s_standard_deviation() {
        let spread = Spread::of(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        assert!((spread.value() - 1.25f64.sqrt()).abs() < 1e-15);
        assert!(!spread.is_constant());
        assert_eq!(spread.in_spreads(spread.value()), 1.0);
    }

    #[test]
    fn what_varies_by_rounding_alone_is_constant() {
        let near = 0.1f32.next_up();
        for scores in [
            &[0.0f32, -0.0][..],
            &[-0.0],
            &[7.5],
            &[0.1, near, 0.1, near],
            &[-1e30, (-1e30f32).next_up()],
        ] {
            let spread = Spread::of(scores).unwrap();
            assert_eq!(spread.value(), 0.0, "{scores:?}");
            assert!(spread.value().is_sign_positive() && spread.is_constant());
            assert_eq!(spread.in_spreads(3.0), 0.0);
            assert_eq!(spread.in_spreads(-3.0).to_bits(), 0);
        }
        // Small is not constant.
        assert!(!Spread::of(&[1e-30, 2e-30]).unwrap().is_constant());
        assert!(!Spread::of(&[1.0, 1.00001]).unwrap().is_constant());
    }

    #[test]
    fn zero_has_one_sign_and_nonsense_is_refused() {
        assert!(Spread::new(-0.0).unwrap().value().is_sign_positive());
        for nonsense in [-1.0, 1e-300, f64::NAN, f64::INFINITY] {
            let message = Spread::new(nonsense).unwrap_err().to_string();
            assert!(message.contains("spread"), "{message}");
        }
        assert!(Spread::of(&[]).is_err());
        let message = Spread::of(&[1.0, f32::NAN]).unwrap_err().to_string();
        assert!(message.contains("scores[1] = NaN"), "{message}");
    }

    #[test]
    fn it_is_written_as_its_number_and_checked_when_read() {
        let spread = Spread::new(0.25).unwrap();
        assert_eq!(serde_json::to_string(&spread).unwrap(), "0.25");
        assert_eq!(serde_json::from_str::<Spread>("0.25").unwrap(), spread);
        assert!(serde_json::from_str::<Spread>("-1").is_err());
    }
}
