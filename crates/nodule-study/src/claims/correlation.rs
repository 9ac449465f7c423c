//! Spearman's correlation over pairs in clusters: runs that share a training seed share their data.

use nodule_eval::Error;
use nodule_eval::statistics::{Interval, percentile, spearman};
use nodule_seed::Stream;

use super::evidence::RESAMPLES;

/// Returns Spearman's correlation over all pairs of all clusters, and its 95% percentile interval over resampled
/// clusters (cluster bootstrap).
///
/// The correlation is `None` if it is undefined, and the interval also for a single cluster.
///
/// # Errors
/// If a value is not finite.
pub fn clustered_spearman(
    clusters: &[Vec<(f64, f64)>],
    resamples: usize,
    random: &mut Stream,
) -> Result<(Option<f64>, Option<Interval>), Error> {
    let mut correlations = Vec::with_capacity(resamples);
    for _ in 0..resamples {
        let pick = |_| &clusters[random.below(clusters.len() as u64) as usize];
        let picked: Vec<_> = (0..clusters.len()).map(pick).collect();
        correlations.extend(pooled_spearman(picked.into_iter())?);
    }
    correlations.sort_by(f64::total_cmp);
    // Every resample of a single cluster is that cluster.
    let interval = match correlations.is_empty() || clusters.len() < 2 {
        true => None,
        false => Some(Interval {
            low: percentile(&correlations, 0.025)?,
            high: percentile(&correlations, 0.975)?,
        }),
    };
    Ok((pooled_spearman(clusters.iter())?, interval))
}

/// Returns the two-sided p of the correlation `observed` under permutations of the second values within clusters.
///
/// The observed order counts as one of the permutations, so p is never 0.
pub(super) fn permutation_p(
    clusters: &[Vec<(f64, f64)>],
    observed: f64,
    random: &mut Stream,
) -> Result<f64, Error> {
    let mut permuted = clusters.to_vec();
    let mut extreme = 1;
    for _ in 0..RESAMPLES {
        for cluster in &mut permuted {
            shuffle_second(cluster, random);
        }
        let correlation = pooled_spearman(permuted.iter())?.unwrap_or(0.0);
        extreme += usize::from(correlation.abs() >= observed.abs() - 1e-12);
    }
    Ok(extreme as f64 / (RESAMPLES + 1) as f64)
}

fn pooled_spearman<'a>(
    clusters: impl Iterator<Item = &'a Vec<(f64, f64)>>,
) -> Result<Option<f64>, Error> {
    let (x, y): (Vec<_>, Vec<_>) = clusters.flatten().copied().unzip();
    spearman(&x, &y)
}

fn shuffle_second(pairs: &mut [(f64, f64)], random: &mut Stream) {
    let mut second: Vec<f64> = pairs.iter().map(|(_, y)| *y).collect();
    random.shuffle(&mut second);
    pairs
        .iter_mut()
        .zip(second)
        .for_each(|(pair, y)| pair.1 = y);
}

#[cfg(test)]
mod tests {
    use nodule_seed::stream;

    use super::*;

    #[test]
    fn a_single_cluster_has_no_interval() {
        let cluster = vec![(1.0, 1.0), (2.0, 2.0), (3.0, 4.0)];
        let correlate = |clusters: &[Vec<(f64, f64)>]| {
            clustered_spearman(clusters, 50, &mut stream(1)).unwrap()
        };
        assert_eq!(correlate(std::slice::from_ref(&cluster)), (Some(1.0), None));
        assert!(correlate(&[cluster.clone(), cluster]).1.is_some());
    }
}
