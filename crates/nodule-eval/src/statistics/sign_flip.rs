//! Sign-flip permutation test of a mean difference (Fisher 1935).

use nodule_seed::stream;

use super::constant::{RELATIVE_TOLERANCE, scale_by_power_of_two};
use crate::Error;
use crate::check::check_finite;

/// Largest number of differences for which all sign flips are enumerated.
const MAX_ENUMERATED: usize = 20;
/// Random sign flips for more differences.
const DRAWS: usize = 200_000;
const SEED: u64 = 0x5167_F11B;

/// Returns the two-sided p value of the mean of paired `differences` under the hypothesis that the sign of each is
/// arbitrary. `None` without differences.
///
/// Up to 20 differences all `2^n` sign flips are enumerated: p is the share of flips whose mean is at least as far from
/// 0 as the observed one, and at least `2^(1 - n)`. A single difference and all-zero differences have p = 1. Above 20,
/// 200,000 flips are drawn with a fixed seed and the observed one is included (Phipson and Smyth 2010): p is at least
/// 1/200,001, with a standard error of at most 0.0011. Means that differ by rounding count as equal.
///
/// # Errors
/// If a difference is not finite.
///
/// ```
/// use nodule_eval::statistics::sign_flip_test;
///
/// // All eight differences are positive: 2 of the 256 flips are as extreme.
/// let differences = [0.03, 0.06, 0.01, 0.04, 0.06, 0.03, 0.04, 0.06];
/// assert_eq!(sign_flip_test(&differences)?, Some(2.0 / 256.0));
/// # Ok::<(), nodule_eval::Error>(())
/// ```
pub fn sign_flip_test(differences: &[f64]) -> Result<Option<f64>, Error> {
    check_finite("differences", differences)?;
    if differences.is_empty() {
        return Ok(None);
    }
    let (differences, _) = scale_by_power_of_two(differences);
    let observed = differences.iter().sum::<f64>().abs();
    // Sums in another order differ by rounding; equal sums must count as equal.
    let scale: f64 = differences.iter().map(|d| d.abs()).sum();
    let threshold = observed - RELATIVE_TOLERANCE * scale;
    Ok(Some(if differences.len() <= MAX_ENUMERATED {
        enumerate_flips(&differences, threshold)
    } else {
        draw_flips(&differences, threshold)
    }))
}

/// Returns the share of sign flips whose absolute sum reaches `threshold`.
///
/// Enumerates half of the flips, since the other half mirrors them. Flips with equal first signs share the partial sum,
/// and every sum is added from the first difference to the last.
fn enumerate_flips(differences: &[f64], threshold: f64) -> f64 {
    let Some((last, others)) = differences.split_last() else {
        return 1.0;
    };
    let mut sums = Vec::with_capacity(1 << others.len());
    sums.push(0.0f64);
    for d in others {
        let count = sums.len();
        sums.extend_from_within(..);
        let (kept, flipped) = sums.split_at_mut(count);
        kept.iter_mut().for_each(|sum| *sum += d);
        flipped.iter_mut().for_each(|sum| *sum -= d);
    }
    let extreme = sums.iter().filter(|sum| (*sum + last).abs() >= threshold);
    extreme.count() as f64 / sums.len() as f64
}

/// Draws that are summed in parallel lanes, each in the order that it would have alone.
const LANES: usize = 8;

/// Returns the share of random sign flips, the observed one included, whose absolute sum reaches `threshold`.
fn draw_flips(differences: &[f64], threshold: f64) -> f64 {
    let mut random = stream(SEED);
    let mut signs = vec![[0u64; LANES]; differences.len().div_ceil(64)];
    let mut extreme = 1;
    for _ in 0..DRAWS / LANES {
        for lane in 0..LANES {
            signs.iter_mut().for_each(|s| s[lane] = random.bits());
        }
        let sums = sum_flipped(differences, &signs);
        extreme += sums.iter().filter(|sum| sum.abs() >= threshold).count();
    }
    extreme as f64 / (DRAWS + 1) as f64
}

/// Returns the sum of the differences in each lane, with the signs that its bits give.
fn sum_flipped(differences: &[f64], signs: &[[u64; LANES]]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    for (block, signs) in differences.chunks(64).zip(signs) {
        let mut block_sums = [0.0; LANES];
        for (i, d) in block.iter().enumerate() {
            for (sum, signs) in block_sums.iter_mut().zip(signs) {
                // The bit becomes the sign bit: without a branch the compiler vectorises the lanes.
                *sum += f64::from_bits(d.to_bits() ^ ((signs >> i & 1) << 63));
            }
        }
        for (sum, block_sum) in sums.iter_mut().zip(block_sums) {
            *sum += block_sum;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reference implementation: one draw at a time.
    fn draw_one_by_one(differences: &[f64], threshold: f64) -> f64 {
        let mut random = stream(SEED);
        let mut extreme = 1;
        for _ in 0..DRAWS {
            let mut sum = 0.0;
            for block in differences.chunks(64) {
                let signs = random.bits();
                let flip = |(i, d): (usize, &f64)| if signs >> i & 1 == 1 { -d } else { *d };
                sum += block.iter().enumerate().map(flip).sum::<f64>();
            }
            extreme += usize::from(sum.abs() >= threshold);
        }
        extreme as f64 / (DRAWS + 1) as f64
    }

    /// Reference implementation: one flip at a time.
    fn enumerate_one_by_one(differences: &[f64], threshold: f64) -> f64 {
        let others = differences.len() - 1;
        let extreme = (0u32..1 << others).filter(|signs| {
            let flip = |(i, d): (usize, &f64)| if signs >> i & 1 == 1 { -d } else { *d };
            let sum: f64 = differences.iter().enumerate().map(flip).sum();
            sum.abs() >= threshold
        });
        extreme.count() as f64 / f64::from(1u32 << others)
    }

    /// Returns `n` random differences.
    fn random_differences(n: usize) -> Vec<f64> {
        let mut random = stream(n as u64);
        (0..n).map(|_| 0.1 + random.normal()).collect()
    }

    #[test]
    fn shared_partial_sums_do_not_change_the_result() {
        for n in [1, 2, 7, 16] {
            let differences = random_differences(n);
            // The observed sum as threshold decides at the last bit.
            let observed = differences.iter().sum::<f64>().abs();
            for threshold in [0.0, observed, (n as f64).sqrt(), 1e9] {
                let expected = enumerate_one_by_one(&differences, threshold);
                assert_eq!(enumerate_flips(&differences, threshold), expected);
            }
        }
    }

    #[test]
    fn lanes_do_not_change_the_result() {
        assert_eq!(DRAWS % LANES, 0);
        for n in [21, 64, 65, 150] {
            let differences = random_differences(n);
            for threshold in [0.0, 2.0, (n as f64).sqrt(), 1e9] {
                let expected = draw_one_by_one(&differences, threshold);
                assert_eq!(draw_flips(&differences, threshold), expected);
            }
        }
    }
}
