//! Nearest class centroid on the unit sphere (Rocchio; the "nearest class mean" of Mensink et al.
//! 2013).

use std::sync::Arc;

use ndarray::{Array1, Array2};

use super::fitted::{Asked, Kind, Linear, Plane, Rule};
use crate::normalise::normalise;

pub(super) const KIND: Kind = Kind {
    needs_head: false,
    has_derivative: true,
    fit: |embeddings, labels| Arc::new(Centroid::fit(&normalise(embeddings), labels)),
};

#[derive(Debug)]
struct Centroid {
    /// Abnormal minus normal centroid.
    direction: Array1<f64>,
    /// Decision value at the origin.
    offset: f64,
}

impl Centroid {
    fn fit(unit: &Array2<f32>, labels: &[u8]) -> Self {
        let [normal, abnormal] = [0, 1].map(|class| mean(unit, labels, class));
        let offset = normal.dot(&normal) - abnormal.dot(&abnormal);
        Self {
            direction: abnormal - normal,
            offset,
        }
    }
}

impl Rule for Centroid {
    /// `|z - normal|^2 - |z - abnormal|^2`, which is linear in z.
    fn scores(&self, asked: &Asked) -> Vec<f32> {
        let score = |row: ndarray::ArrayView1<f32>| {
            let products = row
                .iter()
                .zip(&self.direction)
                .map(|(z, d)| f64::from(*z) * d);
            (2.0 * products.sum::<f64>() + self.offset) as f32
        };
        asked.unit().rows().into_iter().map(score).collect()
    }

    fn linear(&self) -> Option<Linear> {
        Some(Linear::Embedding(Plane {
            weights: self.direction.iter().map(|d| (2.0 * d) as f32).collect(),
            offset: self.offset as f32,
        }))
    }
}

fn mean(unit: &Array2<f32>, labels: &[u8], class: u8) -> Array1<f64> {
    let mut sum = Array1::zeros(unit.ncols());
    let mut count = 0.0;
    for (row, _) in unit
        .rows()
        .into_iter()
        .zip(labels)
        .filter(|(_, l)| **l == class)
    {
        sum.zip_mut_with(&row, |s: &mut f64, v| *s += f64::from(*v));
        count += 1.0;
    }
    sum / count
}
