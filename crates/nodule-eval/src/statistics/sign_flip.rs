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

/// Half of all flips: the other half is their mirror image.
fn exact(differences: &[f64], least: f64) -> f64 {
    let free = differences.len() - 1;
    let extreme = (0u32..1 << free).filter(|signs| {
        let flipped = |(i, d): (usize, &f64)| if signs >> i & 1 == 1 { -d } else { *d };
        let sum: f64 = differences.iter().enumerate().map(flipped).sum();
        sum.abs() >= least
    });
    extreme.count() as f64 / f64::from(1u32 << free)
}

fn drawn(differences: &[f64], least: f64) -> f64 {
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
