//! Nearest class centroid on the unit sphere ("nearest class mean": Mensink et al. 2013).

use ndarray::{Array1, Array2, ArrayView1};

use super::fitted::{Classifier, Hyperplane};

#[derive(Debug)]
pub(super) struct NearestCentroid {
    /// Abnormal minus normal centroid.
    direction: Array1<f64>,
    /// Decision score at the origin.
    offset: f64,
}

impl NearestCentroid {
    /// Fits the centroids to rows of norm 1.
    pub(super) fn fit(unit: &Array2<f32>, labels: &[u8]) -> Self {
        let [normal, abnormal] = [0, 1].map(|class| class_mean(unit, labels, class));
        let offset = normal.dot(&normal) - abnormal.dot(&abnormal);
        Self {
            direction: abnormal - normal,
            offset,
        }
    }
}

impl Classifier for NearestCentroid {
    /// Difference of squared distances `|z - normal|^2 - |z - abnormal|^2`, which is linear in z.
    fn scores(&self, unit: &Array2<f32>) -> Vec<f32> {
        let score = |row: ArrayView1<f32>| {
            let products = row
                .iter()
                .zip(&self.direction)
                .map(|(z, d)| f64::from(*z) * d);
            (2.0 * products.sum::<f64>() + self.offset) as f32
        };
        unit.rows().into_iter().map(score).collect()
    }

    fn hyperplane(&self) -> Option<Hyperplane> {
        Some(Hyperplane {
            weights: self.direction.iter().map(|d| (2.0 * d) as f32).collect(),
            offset: self.offset as f32,
        })
    }
}

fn class_mean(unit: &Array2<f32>, labels: &[u8], class: u8) -> Array1<f64> {
    let mut sum = Array1::zeros(unit.ncols());
    let mut count = 0.0;
    for (row, label) in unit.rows().into_iter().zip(labels) {
        if *label == class {
            sum.zip_mut_with(&row, |s: &mut f64, v| *s += f64::from(*v));
            count += 1.0;
        }
    }
    sum / count
}
