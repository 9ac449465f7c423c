//! Linear probe: logistic regression with an L2 penalty, solved to convergence by Newton's method.
//!
//! It minimises `1/2 |w|^2 + C sum_i log(1 + exp(-y_i (w z_i + b)))`, `y` in {-1, 1}, the
//! intercept unpenalised: scikit-learn's objective, with its default C.

use std::sync::Arc;

use nalgebra::{DMatrix, DVector};
use ndarray::{Array1, Array2, ShapeBuilder};

use super::fitted::{Asked, Kind, Linear, Plane, Rule};
use crate::normalise::normalise;

/// Weight of the data against the penalty (*ours*; scikit-learn's default).
const C: f64 = 1.0;
/// Newton steps: a handful suffices, this many means the arithmetic has stalled at its limit.
const MOST_STEPS: usize = 100;
/// Largest entry of the gradient at which the fit has converged.
const TOLERANCE: f64 = 1e-8;

pub(super) const KIND: Kind = Kind {
    needs_head: false,
    has_derivative: true,
    fit: |embeddings, labels| Arc::new(Probe::fit(&normalise(embeddings), labels)),
};

#[derive(Debug)]
struct Probe {
    /// One weight a dimension, then the intercept.
    weights: Array1<f64>,
}

impl Probe {
    fn fit(unit: &Array2<f32>, labels: &[u8]) -> Self {
        let z = with_ones(unit);
        let targets: Array1<f64> = labels.iter().map(|l| f64::from(*l)).collect();
        let mut weights = Array1::zeros(z.ncols());
        let mut cost = objective(&z, &targets, &weights);
        for _ in 0..MOST_STEPS {
            let (gradient, hessian) = derivatives(&z, &targets, &weights);
            if gradient.iter().all(|g| g.abs() < TOLERANCE) {
                break;
            }
            let step = solve(&hessian, &gradient);
            let better = step.and_then(|s| line_search(&z, &targets, &weights, &s, cost));
            let Some((next, lower)) = better else {
                break;
            };
            (weights, cost) = (next, lower);
        }
        Self { weights }
    }
}

impl Rule for Probe {
    /// `w z + b`: the log-odds of abnormal.
    fn scores(&self, asked: &Asked) -> Vec<f32> {
        let products = margins(&with_ones(&asked.unit()), &self.weights);
        products.iter().map(|s| *s as f32).collect()
    }

    fn linear(&self) -> Option<Linear> {
        let mut weights: Vec<f32> = self.weights.iter().map(|w| *w as f32).collect();
        let offset = weights.pop().unwrap_or_default();
        Some(Linear::Embedding(Plane { weights, offset }))
    }
}

/// `[n, d + 1]`, a column of ones last; in memory column by column, as the products with its
/// transpose walk it.
fn with_ones(unit: &Array2<f32>) -> Array2<f64> {
    let (rows, columns) = unit.dim();
    Array2::from_shape_fn((rows, columns + 1).f(), |place| {
        unit.get(place).map_or(1.0, |z| f64::from(*z))
    })
}

fn objective(z: &Array2<f64>, targets: &Array1<f64>, weights: &Array1<f64>) -> f64 {
    let d = weights.len() - 1;
    let penalty: f64 = weights.iter().take(d).map(|w| w * w).sum();
    let margins = margins(z, weights);
    // log(1 + exp(-y m)) without overflow.
    let cost = |(m, t): (&f64, &f64)| {
        let away = if *t > 0.5 { -m } else { *m };
        away.max(0.0) + (-away.abs()).exp().ln_1p()
    };
    0.5 * penalty + C * margins.iter().zip(targets).map(cost).sum::<f64>()
}

/// `z w`, column by column as `z` lies in memory: of each row the products are added up from the first to the last.
fn margins(z: &Array2<f64>, weights: &Array1<f64>) -> Array1<f64> {
    let mut margins = Array1::zeros(z.nrows());
    for (column, weight) in z.columns().into_iter().zip(weights) {
        margins.scaled_add(*weight, &column);
    }
    margins
}

fn derivatives(
    z: &Array2<f64>,
    targets: &Array1<f64>,
    weights: &Array1<f64>,
) -> (Array1<f64>, Array2<f64>) {
    let d = weights.len() - 1;
    let probability = margins(z, weights).mapv(|m| 1.0 / (1.0 + (-m).exp()));
    let mut gradient = z.t().dot(&(&probability - targets)) * C;
    let curvature = probability.mapv(|p| C * p * (1.0 - p));
    let mut scaled = z.clone();
    let columns = scaled.columns_mut().into_iter();
    columns.for_each(|mut column| column *= &curvature);
    let mut hessian = z.t().dot(&scaled);
    for i in 0..d {
        gradient[i] += weights[i];
        hessian[[i, i]] += 1.0;
    }
    // The intercept has no penalty: this keeps its pivot positive where every p is 0 or 1.
    hessian[[d, d]] += 1e-12;
    (gradient, hessian)
}

/// Halves the step until the objective falls; none where it no longer can.
fn line_search(
    z: &Array2<f64>,
    targets: &Array1<f64>,
    weights: &Array1<f64>,
    step: &Array1<f64>,
    cost: f64,
) -> Option<(Array1<f64>, f64)> {
    let scales = (0..30).map(|halvings| 0.5f64.powi(halvings));
    let mut tries = scales.map(|scale| {
        let next = weights - &(step * scale);
        let lower = objective(z, targets, &next);
        (next, lower)
    });
    tries.find(|(_, lower)| *lower < cost)
}

/// Solves `a x = b` for a positive definite `a`.
fn solve(a: &Array2<f64>, b: &Array1<f64>) -> Option<Array1<f64>> {
    let n = b.len();
    let solver = DMatrix::from_row_iterator(n, n, a.iter().copied()).cholesky()?;
    let x = solver.solve(&DVector::from_iterator(n, b.iter().copied()));
    Some(x.iter().copied().collect())
}
