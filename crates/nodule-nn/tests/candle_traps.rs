//! Defects of Candle that this crate works around. If a test fails, Candle has fixed the defect, and the workaround can be
//! removed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use candle_core::{Device, Tensor, Var};

fn gradient(x: &Var, y: &Tensor) -> Vec<f32> {
    let gradients = y.sum_all().unwrap().backward().unwrap();
    gradients
        .get(x)
        .unwrap()
        .flatten_all()
        .unwrap()
        .to_vec1()
        .unwrap()
}

/// The maximum of a window gets a quarter of its gradient. Workaround: `max_pool2` and `conv_relu_pool`.
#[test]
fn max_pooling_loses_three_quarters_of_the_gradient() {
    let x = Var::from_vec(vec![1.0f32, 2.0, 3.0, 4.0], (1, 1, 2, 2), &Device::Cpu).unwrap();
    let found = gradient(&x, &x.max_pool2d(2).unwrap());
    assert_ne!(
        found,
        [0.0, 0.0, 0.0, 1.0],
        "Candle has fixed the gradient of max_pool2d"
    );
    assert_eq!(found, [0.0, 0.0, 0.0, 0.25]);
}

/// The ReLU has gradient 1 at 0; PyTorch's has 0. Workaround: `relu`.
#[test]
fn relu_has_gradient_one_at_zero() {
    let x = Var::new(&[0.0f32], &Device::Cpu).unwrap();
    assert_eq!(gradient(&x, &x.relu().unwrap()), [1.0]);
}

/// The square root has no finite gradient at 0. Workaround: an epsilon under the roots of the losses.
#[test]
fn square_root_has_no_gradient_at_zero() {
    let x = Var::new(&[0.0f32], &Device::Cpu).unwrap();
    assert!(!gradient(&x, &x.sqrt().unwrap())[0].is_finite());
}

/// Each of several equal maxima gets the whole gradient. Workaround: the cross-entropy detaches its maximum.
#[test]
fn equal_maxima_all_get_the_gradient() {
    let x = Var::new(&[2.0f32, 2.0], &Device::Cpu).unwrap();
    assert_eq!(gradient(&x, &x.max(0).unwrap()), [1.0, 1.0]);
}

/// The CPU generator cannot be seeded. Workaround: `seeded_weights`.
#[test]
fn cpu_generator_cannot_be_seeded() {
    assert!(Device::Cpu.set_seed(1).is_err());
}
