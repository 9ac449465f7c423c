//! Linear probe: logistic regression with an L2 penalty, solved to convergence by Newton's method.
//!
//! It minimises `1/2 |w|^2 + C sum_i log(1 + exp(-y_i (w z_i + b)))` with `y` in {-1, 1} and an unpenalised intercept:
//! scikit-learn's objective with its default C.

use nalgebra::{DMatrix, DVector};
use ndarray::{Array1, Array2, ShapeBuilder};

use super::fitted::{Classifier, Hyperplane};

/// Weight of the data against the penalty (*ours*; scikit-learn's default).
const C: f64 = 1.0;
/// Upper limit of Newton steps. A handful suffices unless rounding stalls the iteration.
const MAX_STEPS: usize = 100;
/// Largest absolute gradient entry at which the fit counts as converged.
const TOLERANCE: f64 = 1e-8;

#[derive(Debug)]
pub(super) struct LinearProbe {
    /// One weight for each dimension, then the intercept.
    weights: Array1<f64>,
}

impl LinearProbe {
    /// Fits the weights to rows of norm 1.
    pub(super) fn fit(unit: &Array2<f32>, labels: &[u8]) -> Self {
        let z = append_intercept_column(unit);
        let targets: Array1<f64> = labels.iter().map(|l| f64::from(*l)).collect();
        let mut weights = Array1::zeros(z.ncols());
        let mut cost = objective(&z, &targets, &weights);
        for _ in 0..MAX_STEPS {
            let (gradient, hessian) = derivatives(&z, &targets, &weights);
            if gradient.iter().all(|g| g.abs() < TOLERANCE) {
                break;
            }
            let step = solve(&hessian, &gradient);
            let improved = step.and_then(|s| line_search(&z, &targets, &weights, &s, cost));
            let Some((next, lower)) = improved else {
                break;
            };
            (weights, cost) = (next, lower);
        }
        Self { weights }
    }
}

impl Classifier for LinearProbe {
    /// `w z + b`: the log-odds of the abnormal class.
    fn scores(&self, unit: &Array2<f32>) -> Vec<f32> {
        let margins = linear_predictor(&append_intercept_column(unit), &self.weights);
        margins.iter().map(|m| *m as f32).collect()
    }

    fn hyperplane(&self) -> Option<Hyperplane> {
        let mut weights: Vec<f32> = self.weights.iter().map(|w| *w as f32).collect();
        let offset = weights.pop().unwrap_or_default();
        Some(Hyperplane { weights, offset })
    }
}

/// Returns `unit` with a last column of ones, `[n, d + 1]`, in column-major order, as products with its transpose read
/// it.
fn append_intercept_column(unit: &Array2<f32>) -> Array2<f64> {
    let (rows, columns) = unit.dim();
    Array2::from_shape_fn((rows, columns + 1).f(), |index| {
        unit.get(index).map_or(1.0, |z| f64::from(*z))
    })
}

/// Returns the value of the objective.
fn objective(z: &Array2<f64>, targets: &Array1<f64>, weights: &Array1<f64>) -> f64 {
    let d = weights.len() - 1;
    let penalty: f64 = weights.iter().take(d).map(|w| w * w).sum();
    let margins = linear_predictor(z, weights);
    // log(1 + exp(-y m)) without overflow.
    let cost = |(m, t): (&f64, &f64)| {
        let negated = if *t > 0.5 { -m } else { *m };
        negated.max(0.0) + (-negated.abs()).exp().ln_1p()
    };
    0.5 * penalty + C * margins.iter().zip(targets).map(cost).sum::<f64>()
}

/// Returns `z w`, column by column as `z` lies in memory. Each row's products are summed from first to last.
fn linear_predictor(z: &Array2<f64>, weights: &Array1<f64>) -> Array1<f64> {
    let mut margins = Array1::zeros(z.nrows());
    for (column, weight) in z.columns().into_iter().zip(weights) {
        margins.scaled_add(*weight, &column);
    }
    margins
}

/// Returns the gradient and the Hessian of the objective.
fn derivatives(
    z: &Array2<f64>,
    targets: &Array1<f64>,
    weights: &Array1<f64>,
) -> (Array1<f64>, Array2<f64>) {
    let d = weights.len() - 1;
    let probability = linear_predictor(z, weights).mapv(|m| 1.0 / (1.0 + (-m).exp()));
    let mut gradient = z.t().dot(&(&probability - targets)) * C;
    let curvature = probability.mapv(|p| C * p * (1.0 - p));
    let mut scaled = z.clone();
    for mut column in scaled.columns_mut() {
        column *= &curvature;
    }
    let mut hessian = z.t().dot(&scaled);
    for i in 0..d {
        gradient[i] += weights[i];
        hessian[[i, i]] += 1.0;
    }
    // The intercept has no penalty; this keeps its pivot positive if every p is 0 or 1.
    hessian[[d, d]] += 1e-12;
    (gradient, hessian)
}

/// Returns the next weights and their objective after halving the step until the objective falls; `None` if it cannot
/// fall further.
fn line_search(
    z: &Array2<f64>,
    targets: &Array1<f64>,
    weights: &Array1<f64>,
    step: &Array1<f64>,
    cost: f64,
) -> Option<(Array1<f64>, f64)> {
    (0..30)
        .map(|halvings| {
            let next = weights - &(step * 0.5f64.powi(halvings));
            let lower = objective(z, targets, &next);
            (next, lower)
        })
        .find(|(_, lower)| *lower < cost)
}

/// Solves `a x = b` for a positive definite `a`; `None` if `a` is not.
fn solve(a: &Array2<f64>, b: &Array1<f64>) -> Option<Array1<f64>> {
    let n = b.len();
    let solver = DMatrix::from_row_iterator(n, n, a.iter().copied()).cholesky()?;
    let x = solver.solve(&DVector::from_iterator(n, b.iter().copied()));
    Some(x.iter().copied().collect())
}
