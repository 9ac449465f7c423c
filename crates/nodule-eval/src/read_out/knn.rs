//! k nearest neighbours by cosine similarity, exact (Cover and Hart 1967).

use std::cmp::Ordering;
use std::sync::Arc;

use ndarray::{Array2, Axis};

use super::fitted::{Asked, Kind, Linear, Rule};
use crate::normalise::normalise;

/// Neighbours that vote: odd, so that no vote is tied (*ours*).
const K: usize = 15;
/// Rows scored at a time: their similarities to all training rows fit the cache.
const BLOCK: usize = 64;

pub(super) const KIND: Kind = Kind {
    needs_head: false,
    has_derivative: false,
    fit: |embeddings, labels| Arc::new(Knn::fit(normalise(embeddings), labels)),
};

#[derive(Debug)]
struct Knn {
    /// `[d, n]`, so that the product below walks memory in order.
    training: Array2<f32>,
    labels: Vec<u8>,
}

impl Knn {
    fn fit(unit: Array2<f32>, labels: &[u8]) -> Self {
        Self {
            training: unit.reversed_axes(),
            labels: labels.to_vec(),
        }
    }

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

impl Rule for Knn {
    /// Share of abnormal neighbours minus a half. Equal similarities go to the lower index.
    fn scores(&self, asked: &Asked) -> Vec<f32> {
        let unit = asked.unit();
        // With fewer training images than K all vote, one less if that makes the number odd.
        let n = self.labels.len();
        let k = if n >= K { K } else { n - (1 - n % 2) };
        let mut scores = Vec::with_capacity(unit.nrows());
        let mut neighbours = Vec::with_capacity(k + 1);
        for block in unit.axis_chunks_iter(Axis(0), BLOCK) {
            let similarity = block.dot(&self.training);
            for row in similarity.rows() {
                nearest(row.iter().copied(), k, &mut neighbours);
                scores.push(self.vote(&neighbours));
            }
        }
        scores
    }

    fn linear(&self) -> Option<Linear> {
        None
    }
}

/// Similarity and index.
type Neighbour = (f32, usize);

/// Leaves the `k` most similar in `found`, the nearest first. All but a few of the candidates are
/// turned away by one comparison.
fn nearest(similarities: impl Iterator<Item = f32>, k: usize, found: &mut Vec<Neighbour>) {
    found.clear();
    for (i, similarity) in similarities.enumerate() {
        let nearer = |other: &Neighbour| similarity.total_cmp(&other.0) == Ordering::Greater;
        if found.len() < k || found.last().is_some_and(nearer) {
            let place = found.partition_point(|other| !nearer(other));
            found.insert(place, (similarity, i));
            found.truncate(k);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_come_first_and_ties_go_to_the_lower_index() {
        let mut found = Vec::new();
        let similarities = [0.1, 0.9, 0.5, 0.9, 0.5, 0.2, 0.5];
        nearest(similarities.into_iter(), 4, &mut found);
        assert_eq!(found, [(0.9, 1), (0.9, 3), (0.5, 2), (0.5, 4)]);
        nearest([0.3, 0.4].into_iter(), 4, &mut found);
        assert_eq!(found, [(0.4, 1), (0.3, 0)]);
    }
}
