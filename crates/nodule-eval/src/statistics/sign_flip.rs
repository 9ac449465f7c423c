//! Sign-flip permutation test of a mean difference (Fisher 1935).

use nodule_seed::stream;

use super::rounding::{ROUNDING, scaled};
use crate::Error;
use crate::error::all_finite;

/// Up to this many differences every flip is tried: a million of them.
const MOST_EXACT: usize = 20;
/// Random flips beyond that.
const DRAWS: usize = 200_000;
const SEED: u64 = 0x5167_F11B;

/// Two-sided p of the mean of paired `differences` under the hypothesis that each could as well
/// have had the other sign. None without differences.
///
/// Up to 20 differences every flip is tried, and p is the share of the `2^n` flips whose mean is at
/// least as far from 0 as the observed one; the observed one and its mirror image are among them, so
/// p is at least `2^(1 - n)`. A single difference, and differences that are all 0, have p = 1: no
/// flip can be told from another. Above 20, 200,000 flips are drawn with a fixed seed and the
/// observed one is counted in (Phipson and Smyth 2010), so p is at least 1/200,001, with a standard
/// error of at most 0.0011. Means that differ by rounding count as equal.
///
/// # Errors
/// If a difference is not finite.
pub fn sign_flip_test(differences: &[f64]) -> Result<Option<f64>, Error> {
    all_finite("differences", differences)?;
    if differences.is_empty() {
        return Ok(None);
    }
    Ok(Some(p_of_mean(&scaled(differences).0)))
}

/// The same of at least one difference, all of them finite and far from the largest f64.
pub(super) fn p_of_mean(differences: &[f64]) -> f64 {
    let observed = differences.iter().sum::<f64>().abs();
    // Sums in another order differ by rounding; what is equal must count as equal.
    let scale: f64 = differences.iter().map(|d| d.abs()).sum();
    let least = observed - ROUNDING * scale;
    if differences.len() <= MOST_EXACT {
        exact(differences, least)
    } else {
        drawn(differences, least)
    }
}

/// Half of all flips: the other half is their mirror image. Flips that begin alike share the sum of what they
/// begin with: each is added up from the first difference to the last, as it would be alone.
fn exact(differences: &[f64], least: f64) -> f64 {
    let Some((last, free)) = differences.split_last() else {
        return 1.0;
    };
    let mut sums = Vec::with_capacity(1 << free.len());
    sums.push(0.0f64);
    for d in free {
        let flips = sums.len();
        sums.extend_from_within(..);
        let (kept, flipped) = sums.split_at_mut(flips);
        kept.iter_mut().for_each(|sum| *sum += d);
        flipped.iter_mut().for_each(|sum| *sum -= d);
    }
    let extreme = sums.iter().filter(|sum| (*sum + last).abs() >= least);
    extreme.count() as f64 / sums.len() as f64
}

/// Draws whose sums are made side by side: each in the order that it would have alone.
const LANES: usize = 8;

fn drawn(differences: &[f64], least: f64) -> f64 {
    let mut random = stream(SEED);
    let mut signs = vec![[0u64; LANES]; differences.len().div_ceil(64)];
    let mut extreme = 1;
    for _ in 0..DRAWS / LANES {
        for lane in 0..LANES {
            signs.iter_mut().for_each(|s| s[lane] = random.bits());
        }
        let sums = flipped_sums(differences, &signs);
        extreme += sums.iter().filter(|sum| sum.abs() >= least).count();
    }
    extreme as f64 / (DRAWS + 1) as f64
}

/// The sum of all differences in each lane, with the signs that its bits say.
fn flipped_sums(differences: &[f64], signs: &[[u64; LANES]]) -> [f64; LANES] {
    let mut sums = [0.0; LANES];
    for (block, signs) in differences.chunks(64).zip(signs) {
        let mut own = [0.0; LANES];
        for (i, d) in block.iter().enumerate() {
            for (sum, signs) in own.iter_mut().zip(signs) {
                // The bit becomes the sign: no branch, so all lanes are one instruction.
                *sum += f64::from_bits(d.to_bits() ^ ((signs >> i & 1) << 63));
            }
        }
        for (sum, own) in sums.iter_mut().zip(own) {
            *sum += own;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One draw after the other, as it is defined.
    fn one_by_one(differences: &[f64], least: f64) -> f64 {
        let mut random = stream(SEED);
        let mut extreme = 1;
        for _ in 0..DRAWS {
            let mut sum = 0.0;
            for block in differences.chunks(64) {
                let signs = random.bits();
                let flipped = |(i, d): (usize, &f64)| if signs >> i & 1 == 1 { -d } else { *d };
                sum += block.iter().enumerate().map(flipped).sum::<f64>();
            }
            extreme += usize::from(sum.abs() >= least);
        }
        extreme as f64 / (DRAWS + 1) as f64
    }

    /// One flip after the other, as it is defined.
    fn flip_by_flip(differences: &[f64], least: f64) -> f64 {
        let free = differences.len() - 1;
        let extreme = (0u32..1 << free).filter(|signs| {
            let flipped = |(i, d): (usize, &f64)| if signs >> i & 1 == 1 { -d } else { *d };
            let sum: f64 = differences.iter().enumerate().map(flipped).sum();
            sum.abs() >= least
        });
        extreme.count() as f64 / f64::from(1u32 << free)
    }

    #[test]
    fn flips_that_share_sums_are_those_flip_by_flip() {
        for n in [1, 2, 7, 16] {
            let mut random = stream(n as u64);
            let differences: Vec<_> = (0..n).map(|_| 0.1 + random.normal()).collect();
            // What some flip sums up to decides at the last bit.
            let observed = differences.iter().sum::<f64>().abs();
            for least in [0.0, observed, (n as f64).sqrt(), 1e9] {
                assert_eq!(
                    exact(&differences, least),
                    flip_by_flip(&differences, least)
                );
            }
        }
    }

    #[test]
    fn draws_side_by_side_are_those_one_by_one() {
        assert_eq!(DRAWS % LANES, 0);
        for n in [21, 64, 65, 150] {
            let mut random = stream(n as u64);
            let differences: Vec<_> = (0..n).map(|_| 0.1 + random.normal()).collect();
            for least in [0.0, 2.0, (n as f64).sqrt(), 1e9] {
                assert_eq!(drawn(&differences, least), one_by_one(&differences, least));
            }
        }
    }
}
