//! Wilcoxon signed-rank test (Wilcoxon 1945), as scipy's `wilcoxon` with its defaults.

use statrs::distribution::{ContinuousCDF, Normal};

use super::ranks::ranks;
use super::sign_flip::p_of_mean;
use crate::Error;
use crate::error::all_finite;

/// Up to this many differences without ties the distribution is counted out.
const MOST_EXACT: usize = 50;
/// Up to this many with ties every sign is tried.
const MOST_TRIED: usize = 20;

/// Two-sided p of paired `differences`; zeros are dropped. Exact up to 50 without ties; exact up
/// to 20 with ties, by trying every sign; the normal approximation without continuity correction
/// beyond that. None if all are zero.
///
/// An exact p of n differences is at least `2^(1 - n)`: 1 for a single one.
///
/// # Errors
/// If a difference is not finite.
pub fn wilcoxon_signed_rank(differences: &[f64]) -> Result<Option<f64>, Error> {
    all_finite("differences", differences)?;
    let kept: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    if kept.is_empty() {
        return Ok(None);
    }
    let sizes: Vec<f64> = kept.iter().map(|d| d.abs()).collect();
    let ranks = ranks(&sizes);
    let signed = ranks.iter().zip(&kept).map(|(r, d)| r.copysign(*d));
    let signed: Vec<f64> = signed.collect();
    let positive: f64 = signed.iter().filter(|r| **r > 0.0).sum();
    let smaller = positive.min(ranks.iter().sum::<f64>() - positive);
    Ok(Some(match kept.len() {
        n if n <= MOST_EXACT && !tied(&ranks) => exact(n, smaller as usize),
        n if n <= MOST_TRIED => p_of_mean(&signed),
        _ => approximate(&ranks, smaller),
    }))
}

fn tied(ranks: &[f64]) -> bool {
    let mut sorted = ranks.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.windows(2).any(|pair| pair[0] == pair[1])
}

/// Share of the sign patterns of ranks 1..=n whose positive sum is at most `smaller`, doubled.
fn exact(n: usize, smaller: usize) -> f64 {
    let mut patterns = vec![0.0; n * (n + 1) / 2 + 1];
    patterns[0] = 1.0;
    for rank in 1..=n {
        for sum in (rank..patterns.len()).rev() {
            patterns[sum] += patterns[sum - rank];
        }
    }
    let below: f64 = patterns[..=smaller].iter().sum();
    (2.0 * below / 2f64.powi(n as i32)).min(1.0)
}

fn approximate(ranks: &[f64], smaller: f64) -> f64 {
    let mean = ranks.iter().sum::<f64>() / 2.0;
    let deviation = (ranks.iter().map(|r| r * r).sum::<f64>() / 4.0).sqrt();
    let z = (smaller - mean) / deviation;
    (2.0 * Normal::standard().cdf(z)).min(1.0)
}
