//! k nearest neighbours by cosine similarity, exact (Cover and Hart 1967).

use std::cmp::Ordering;

use ndarray::{Array2, Axis};

use super::fitted::{Classifier, Hyperplane};

/// Number of neighbours that vote: odd, so that votes cannot tie (*ours*).
const K: usize = 15;
/// Rows scored at a time, so that their similarities to all training rows fit the cache.
const BLOCK: usize = 64;

#[derive(Debug)]
pub(super) struct NearestNeighbours {
    /// Training embeddings `[d, n]`, transposed so that the matrix product reads memory in order.
    training: Array2<f32>,
    labels: Vec<u8>,
}

impl NearestNeighbours {
    /// Stores the training rows of norm 1.
    pub(super) fn fit(unit: Array2<f32>, labels: &[u8]) -> Self {
        Self {
            training: unit.reversed_axes(),
            labels: labels.to_vec(),
        }
    }

    /// Returns the share of abnormal neighbours minus a half.
    fn vote(&self, neighbours: &[Neighbour]) -> f32 {
        let abnormal: usize = neighbours
            .iter()
            .map(|(_, i)| usize::from(self.labels[*i]))
            .sum();
        match (2 * abnormal).cmp(&neighbours.len()) {
            Ordering::Equal => 0.0,
            _ => abnormal as f32 / neighbours.len() as f32 - 0.5,
        }
    }
}

impl Classifier for NearestNeighbours {
    /// Share of abnormal neighbours minus a half. Of equally similar neighbours the lower index comes first.
    fn scores(&self, unit: &Array2<f32>) -> Vec<f32> {
        // With fewer training images than K all of them vote, or all but one if that makes the number odd.
        let n = self.labels.len();
        let k = if n >= K { K } else { n - (1 - n % 2) };
        let mut scores = Vec::with_capacity(unit.nrows());
        let mut neighbours = Vec::with_capacity(k + 1);
        for block in unit.axis_chunks_iter(Axis(0), BLOCK) {
            let similarities = block.dot(&self.training);
            for row in similarities.rows() {
                find_nearest(row.iter().copied(), k, &mut neighbours);
                scores.push(self.vote(&neighbours));
            }
        }
        scores
    }

    fn hyperplane(&self) -> Option<Hyperplane> {
        None
    }
}

/// Similarity and training index.
type Neighbour = (f32, usize);

/// Writes the `k` most similar into `nearest`, the most similar first. One comparison rejects most candidates.
fn find_nearest(similarities: impl Iterator<Item = f32>, k: usize, nearest: &mut Vec<Neighbour>) {
    nearest.clear();
    for (i, similarity) in similarities.enumerate() {
        let is_nearer = |other: &Neighbour| similarity.total_cmp(&other.0) == Ordering::Greater;
        if nearest.len() < k || nearest.last().is_some_and(is_nearer) {
            let position = nearest.partition_point(|other| !is_nearer(other));
            nearest.insert(position, (similarity, i));
            nearest.truncate(k);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_sorted_and_ties_go_to_the_lower_index() {
        let mut nearest = Vec::new();
        let similarities = [0.1, 0.9, 0.5, 0.9, 0.5, 0.2, 0.5];
        find_nearest(similarities.into_iter(), 4, &mut nearest);
        assert_eq!(nearest, [(0.9, 1), (0.9, 3), (0.5, 2), (0.5, 4)]);
        find_nearest([0.3, 0.4].into_iter(), 4, &mut nearest);
        assert_eq!(nearest, [(0.4, 1), (0.3, 0)]);
    }
}
