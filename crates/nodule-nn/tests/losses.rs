//! Losses against central finite differences, and in the corner cases of their domains.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use candle_core::{Device, Tensor, Var};
use nodule_nn::Error;
use nodule_nn::losses::{contrastive, cross_entropy, nt_xent, raw_contrastive, sup_con, triplet};

const STEP: f32 = 1e-2;
/// Allowed error of a central difference with that step in `f32`, relative to the largest derivative.
const TOLERANCE: f32 = 5e-3;

/// Asserts that the gradient of `loss` at `rows` is that of its values, and that it is not zero.
fn assert_gradient(rows: &[[f32; 3]], loss: impl Fn(&Tensor) -> Result<Tensor, Error>) {
    let variable = |rows: &[[f32; 3]]| {
        Var::from_vec(rows.as_flattened().to_vec(), (rows.len(), 3), &Device::Cpu).unwrap()
    };
    let value = |rows: &[[f32; 3]]| loss(&variable(rows)).unwrap().to_scalar::<f32>().unwrap();
    let x = variable(rows);
    let gradients = loss(&x).unwrap().backward().unwrap();
    let gradient = gradients.get(&x).unwrap().to_vec2::<f32>().unwrap();
    let scale = gradient
        .iter()
        .flatten()
        .fold(0.0f32, |m, g| m.max(g.abs()));
    assert!(scale > 1e-3, "a gradient of {scale} is too small to test");
    for i in 0..rows.len() {
        for j in 0..3 {
            let (mut up, mut down) = (rows.to_vec(), rows.to_vec());
            up[i][j] += STEP;
            down[i][j] -= STEP;
            let slope = (value(&up) - value(&down)) / (2.0 * STEP);
            let difference = (slope - gradient[i][j]).abs();
            assert!(
                difference <= TOLERANCE * scale,
                "[{i}][{j}]: {} against {slope}",
                gradient[i][j]
            );
        }
    }
}

fn labels(labels: &[u32]) -> Tensor {
    Tensor::new(labels, &Device::Cpu).unwrap()
}

const ROWS: [[f32; 3]; 4] = [
    [1.0, 0.2, -0.4],
    [0.9, 0.5, 0.1],
    [-0.3, 1.1, 0.6],
    [0.8, 0.1, 0.7],
];

#[test]
fn cross_entropy_gradient_matches_finite_differences() {
    assert_gradient(&ROWS, |x| cross_entropy(x, &labels(&[0, 1, 1, 0])));
}

#[test]
fn contrastive_gradient_matches_finite_differences_inside_and_outside_the_margin() {
    for margin in [0.3, 1.0, 2.0] {
        assert_gradient(&ROWS, |x| contrastive(x, &labels(&[0, 1, 1, 0]), margin));
    }
}

/// Distances of these rows are 0.6 to 1.9.
#[test]
fn raw_contrastive_gradient_matches_finite_differences() {
    for margin in [0.3, 1.0, 5.0] {
        assert_gradient(&ROWS, |x| {
            raw_contrastive(x, &labels(&[0, 1, 1, 0]), margin)
        });
    }
}

#[test]
fn raw_contrastive_depends_on_lengths() {
    let pair = Tensor::new(&[[2.0f32, 0.0, 0.0], [5.0, 4.0, 0.0]], &Device::Cpu).unwrap();
    let value = |l: &[u32], margin| {
        let loss = raw_contrastive(&pair, &labels(l), margin).unwrap();
        f64::from(loss.to_scalar::<f32>().unwrap())
    };
    assert!((value(&[0, 0], 1.0) - 25.0).abs() < 1e-5);
    assert!(value(&[0, 1], 5.0).abs() < 1e-12);
    assert!((value(&[0, 1], 7.0) - 4.0).abs() < 1e-5);
}

/// Far from the origin the squared distance of equal rows is not 0 but a rounding error.
#[test]
fn equal_rows_of_two_classes_have_no_gradient() {
    let far = [
        [31.7f32, -12.9, 7.3],
        [31.7, -12.9, 7.3],
        [31.2, -12.1, 7.9],
    ];
    let x = Var::new(&far, &Device::Cpu).unwrap();
    let twins = x.narrow(0, 0, 2).unwrap();
    let loss = raw_contrastive(&twins, &labels(&[0, 1]), 3.0).unwrap();
    assert!((loss.to_scalar::<f32>().unwrap() - 9.0).abs() < 1e-4);
    let gradients = loss.backward().unwrap();
    let gradient = gradients.get(&x).unwrap().flatten_all().unwrap();
    assert_eq!(gradient.to_vec1::<f32>().unwrap(), [0.0; 9]);
    // A third row repels both equally, and they do not repel each other.
    let loss = raw_contrastive(&x, &labels(&[0, 1, 0]), 3.0).unwrap();
    assert!(
        (loss.to_scalar::<f32>().unwrap() - (9.0 + 1.25 + 1.881_966_f32.powi(2)) / 3.0).abs()
            < 1e-3
    );
    let gradients = loss.backward().unwrap();
    let gradient = gradients.get(&x).unwrap().to_vec2::<f32>().unwrap();
    let to_third: Vec<f32> = (0..3)
        .map(|j| 2.0 / 3.0 * (far[0][j] - far[2][j]))
        .collect();
    for (ours, exact) in gradient[0].iter().zip(&to_third) {
        assert!((ours - exact).abs() < 1e-3, "{gradient:?}");
    }
}

#[test]
fn a_batch_of_one_class_has_only_attraction() {
    assert_gradient(&ROWS, |x| contrastive(x, &labels(&[1; 4]), 1.0));
}

/// Two orthogonal rows: their distance is the square root of two.
#[test]
fn contrastive_values_of_one_pair() {
    let pair = Tensor::new(&[[2.0f32, 0.0, 0.0], [0.0, 3.0, 0.0]], &Device::Cpu).unwrap();
    let value = |l: &[u32], margin| {
        let loss = contrastive(&pair, &labels(l), margin).unwrap();
        f64::from(loss.to_scalar::<f32>().unwrap())
    };
    assert!((value(&[0, 0], 1.0) - 2.0).abs() < 1e-6);
    assert!(value(&[0, 1], 1.0).abs() < 1e-12);
    let short = 2.0 - std::f64::consts::SQRT_2;
    assert!((value(&[0, 1], 2.0) - short * short).abs() < 1e-6);
}

#[test]
fn contrastive_is_finite_at_the_margin_and_at_distance_zero() {
    let twins = [[0.5f32, 0.5, 0.1]; 3];
    let antipodes = [[1.0f32, 0.0, 0.0], [-1.0, 0.0, 0.0], [0.0, 0.0, 0.0]];
    for rows in [twins, antipodes] {
        for l in [[0, 1, 0], [1, 1, 1]] {
            let x = Var::new(&rows, &Device::Cpu).unwrap();
            let loss = contrastive(&x, &labels(&l), 2.0).unwrap();
            assert!(loss.to_scalar::<f32>().unwrap().is_finite());
            let gradients = loss.backward().unwrap();
            let gradient = gradients.get(&x).unwrap().flatten_all().unwrap();
            let gradient = gradient.to_vec1::<f32>().unwrap();
            assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
        }
    }
}

/// A new network maps all images to nearly one point away from the origin, which must not lose their differences.
#[test]
fn contrastive_is_accurate_for_nearly_equal_embeddings() {
    let rows = [
        [1.0f32, 2.0, -1.0],
        [1.0, 2.0, -1.0 + 3e-4],
        [1.0, 2.0 - 2e-4, -1.0],
    ];
    let exact = {
        let unit = |r: &[f32; 3]| {
            let r = r.map(f64::from);
            let norm = r.iter().map(|v| v * v).sum::<f64>().sqrt();
            r.map(|v| v / norm)
        };
        let distance = |a: [f64; 3], b: [f64; 3]| {
            let squares = a.iter().zip(b).map(|(x, y)| (x - y).powi(2));
            squares.sum::<f64>()
        };
        let [a, b, c] = [unit(&rows[0]), unit(&rows[1]), unit(&rows[2])];
        (distance(a, b) + distance(a, c) + distance(b, c)) / 3.0
    };
    let x = Tensor::new(&rows, &Device::Cpu).unwrap();
    let loss = contrastive(&x, &labels(&[1, 1, 1]), 1.0).unwrap();
    let ours = f64::from(loss.to_scalar::<f32>().unwrap());
    assert!(
        (ours - exact).abs() < 5e-3 * exact,
        "{ours:e} against {exact:e}"
    );
}

#[test]
fn contrastive_rejects_one_image_and_bad_margins() {
    let rows = |n| Tensor::ones((n, 3), candle_core::DType::F32, &Device::Cpu).unwrap();
    let message = contrastive(&rows(1), &labels(&[0]), 1.0)
        .unwrap_err()
        .to_string();
    assert!(message.contains("batch = 1"), "{message}");
    for margin in [0.0, -1.0, 2.1, f64::NAN] {
        let message = contrastive(&rows(2), &labels(&[0, 1]), margin)
            .unwrap_err()
            .to_string();
        assert!(message.contains("margin"), "{message}");
        assert!(message.contains("(0, 2]"), "{message}");
    }
}

#[test]
fn gradients_of_the_other_losses_match_finite_differences() {
    for temperature in [0.2, 1.0] {
        assert_gradient(&ROWS, |x| sup_con(x, &labels(&[0, 1, 1, 0]), temperature));
        // One image is alone in its class: a negative for the others, but no anchor.
        assert_gradient(&ROWS, |x| sup_con(x, &labels(&[0, 1, 1, 1]), temperature));
        assert_gradient(&ROWS, |x| nt_xent(x, temperature));
    }
    for margin in [0.3, 2.0] {
        assert_gradient(&ROWS, |x| triplet(x, &labels(&[0, 1, 1, 0]), margin));
    }
}

#[test]
fn values_of_the_other_losses_on_simple_batches() {
    let value = |loss: Result<Tensor, Error>| f64::from(loss.unwrap().to_scalar::<f32>().unwrap());
    let axes = Tensor::new(
        &[[1.0f32, 0.0], [0.0, 2.0], [3.0, 0.0], [0.0, 1.0]],
        &Device::Cpu,
    );
    let axes = axes.unwrap();
    // One positive at similarity 1 among two at 0, temperature 1.
    let expected = (1.0f64.exp() + 2.0).ln() - 1.0;
    assert!((value(sup_con(&axes, &labels(&[0, 1, 0, 1]), 1.0)) - expected).abs() < 1e-6);
    assert!((value(nt_xent(&axes, 1.0)) - expected).abs() < 1e-6);
    // Each class is one point; the distance between them is the square root of two.
    assert!(value(triplet(&axes, &labels(&[0, 1, 0, 1]), 1.0)).abs() < 1e-6);
    let reversed = value(triplet(&axes, &labels(&[0, 0, 1, 1]), 1.0));
    assert!(
        (reversed - (1.0 + std::f64::consts::SQRT_2)).abs() < 1e-5,
        "{reversed}"
    );
    // Without a pair of one class, or without the other class, the loss is 0.
    let two = axes.narrow(0, 0, 2).unwrap();
    assert_eq!(value(sup_con(&two, &labels(&[0, 1]), 1.0)), 0.0);
    assert_eq!(value(triplet(&axes, &labels(&[1; 4]), 1.0)), 0.0);
}

#[test]
fn the_other_losses_are_finite_for_collapsed_embeddings() {
    type LossOnRows = fn(&Tensor) -> Result<Tensor, Error>;
    let losses: [LossOnRows; 3] = [
        |x| sup_con(x, &labels(&[0, 1, 1, 0]), 0.1),
        |x| triplet(x, &labels(&[0, 1, 1, 0]), 1.0),
        |x| nt_xent(x, 0.1),
    ];
    for rows in [[[0.5f32, 0.5, 0.1]; 4], [[0.0; 3]; 4]] {
        for loss in losses {
            let x = Var::new(&rows, &Device::Cpu).unwrap();
            let value = loss(&x).unwrap();
            let gradients = value.backward().unwrap();
            let gradient = gradients.get(&x).unwrap().flatten_all().unwrap();
            let gradient = gradient.to_vec1::<f32>().unwrap();
            assert!(gradient.iter().all(|g| g.is_finite()), "{gradient:?}");
        }
    }
}

#[test]
fn the_other_losses_reject_bad_batches_and_settings() {
    let rows = |n| Tensor::ones((n, 3), candle_core::DType::F32, &Device::Cpu).unwrap();
    let message = |loss: Result<Tensor, Error>| loss.unwrap_err().to_string();
    assert!(message(sup_con(&rows(1), &labels(&[0]), 0.1)).contains("batch = 1"));
    assert!(message(sup_con(&rows(2), &labels(&[0, 1]), 0.0)).contains("temperature = 0"));
    assert!(message(nt_xent(&rows(4), f64::NAN)).contains("temperature = NaN"));
    assert!(message(nt_xent(&rows(5), 0.1)).contains("batch = 5"));
    assert!(message(triplet(&rows(2), &labels(&[0, 1]), 3.0)).contains("margin = 3"));
}
