//! Counterfactual reliance: what a decision does when one mode of the image is changed and all
//! else is held (*ours*).

use serde::{Deserialize, Serialize};

use crate::error::{finite, same_length};
use crate::{Error, Spread};

/// How much a decision moves with one mode.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reliance {
    /// Mean change of the decision value from low to high, in spreads.
    pub effect: f64,
    /// Share of the pairs whose decision differs.
    pub flipped: f64,
    /// Share of the pairs that are normal at the low and abnormal at the high level; the rest of the
    /// flipped ones go the other way.
    pub raised: f64,
}

/// Reliance from the decision values of pairs that share all latents but one: `low[i]` and
/// `high[i]`. The effect is in units of `spread`, and 0 where the decision is constant.
///
/// # Errors
/// If there are no pairs, the lengths differ, or a value is not finite.
pub fn reliance(low: &[f32], high: &[f32], spread: Spread) -> Result<Reliance, Error> {
    finite("low scores", low)?;
    finite("high scores", high)?;
    same_length("high scores", high.len(), low.len())?;
    let n = low.len() as f64;
    let change = low
        .iter()
        .zip(high)
        .map(|(l, h)| f64::from(*h) - f64::from(*l))
        .sum::<f64>()
        / n;
    let flips = low
        .iter()
        .zip(high)
        .filter(|(l, h)| (**l > 0.0) != (**h > 0.0))
        .count();
    let raises = low
        .iter()
        .zip(high)
        .filter(|(l, h)| **l <= 0.0 && **h > 0.0)
        .count();
    Ok(Reliance {
        effect: spread.in_spreads(change),
        flipped: flips as f64 / n,
        raised: raises as f64 / n,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spread(value: f64) -> Spread {
        Spread::new(value).unwrap()
    }

    #[test]
    fn effects_are_in_spreads_and_flips_are_counted_both_ways() {
        let measured = reliance(
            &[-1.0, 1.0, -1.0, 2.0],
            &[1.0, -1.0, -0.5, 5.0],
            spread(0.5),
        )
        .unwrap();
        assert_eq!(
            measured,
            Reliance {
                effect: (2.0 - 2.0 + 0.5 + 3.0) / 4.0 / 0.5,
                flipped: 0.5,
                raised: 0.25
            }
        );
    }

    #[test]
    fn a_constant_decision_relies_on_nothing() {
        let measured = reliance(&[1.0, 1.0], &[1.0, 1.0], spread(0.0)).unwrap();
        assert_eq!(
            measured,
            Reliance {
                effect: 0.0,
                flipped: 0.0,
                raised: 0.0
            }
        );
    }

    #[test]
    fn what_cannot_be_measured_is_refused() {
        assert!(reliance(&[], &[], spread(1.0)).is_err());
        assert!(reliance(&[1.0], &[1.0, 2.0], spread(1.0)).is_err());
        let message = reliance(&[1.0, f32::NAN], &[2.0, 2.0], spread(1.0))
            .unwrap_err()
            .to_string();
        assert!(message.contains("low scores[1] = NaN"), "{message}");
    }
}
