//! k nearest neighbours by cosine similarity, exact (Cover and Hart 1967).

use std::cmp::Ordering;

use ndarray::{Array2, Axis};

/// Neighbours that vote: odd, so that no vote is tied (*ours*).
const K: usize = 15;
/// Rows scored at a time: their similarities to all training rows fit the cache.
const BLOCK: usize = 64;

#[derive(Debug, Clone)]
pub(crate) struct Knn {
    /// `[d, n]`, so that the product below walks memory in order.
    training: Array2<f32>,
    labels: Vec<u8>,
}

impl Knn {
    pub(crate) fn fit(unit: Array2<f32>, labels: &[u8]) -> Self {
        Self {
            training: unit.reversed_axes(),
            labels: labels.to_vec(),
        }
    }

    /// Share of abnormal neighbours minus a half. Equal similarities go to the lower index.
    pub(crate) fn scores(&self, unit: &Array2<f32>) -> Vec<f32> {
        // With fewer training images than K all vote, one less if that makes the number odd.
        let n = self.labels.len();
        let k = if n >= K { K } else { n - (1 - n % 2) };
        let mut scores = Vec::with_capacity(unit.nrows());
        let mut order: Vec<u32> = Vec::with_capacity(n);
        for block in unit.axis_chunks_iter(Axis(0), BLOCK) {
            let similarity = block.dot(&self.training);
            for row in similarity.rows() {
                order.clear();
                order.extend(0..n as u32);
                let nearer = |a: &u32, b: &u32| {
                    let by_similarity = row[*b as usize].total_cmp(&row[*a as usize]);
                    by_similarity.then(a.cmp(b))
                };
                if k < n {
                    order.select_nth_unstable_by(k - 1, nearer);
                }
                scores.push(self.vote(&order[..k]));
            }
        }
        scores
    }

    fn vote(&self, neighbours: &[u32]) -> f32 {
        let abnormal: usize = neighbours
            .iter()
            .map(|&i| usize::from(self.labels[i as usize]))
            .sum();
        match (2 * abnormal).cmp(&neighbours.len()) {
            Ordering::Equal => 0.0,
            _ => abnormal as f32 / neighbours.len() as f32 - 0.5,
        }
    }
}
