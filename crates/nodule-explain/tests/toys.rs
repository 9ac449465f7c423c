//! Models whose maps are known by hand, and input that must be refused.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use candle_core::{Device, Result, Tensor};
use nodule_explain::method::{
    activation_maximisation, grad_cam, gradient, integrated_gradients, occlusion, smooth_grad,
};
use nodule_explain::score::deletion_insertion;
use nodule_explain::{Convolutional, Error, Method, Model, attribute};

fn tensor(values: &[f32], shape: (usize, usize, usize, usize)) -> Tensor {
    Tensor::from_slice(values, shape, &Device::Cpu).unwrap()
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// Looks at the left half of an image alone: the sum of its squares.
fn left_squares(images: &Tensor) -> Result<Tensor> {
    let half = images.dim(3)? / 2;
    images.narrow(3, 0, half)?.sqr()?.sum((1, 2, 3))
}

/// Two feature maps, the image and its negative; the decision is the sum of the first.
struct TwoMaps;

impl Model for TwoMaps {
    fn decide(&self, images: &Tensor) -> Result<Tensor> {
        self.decide_features(&self.features(images)?)
    }

    fn as_convolutional(&self) -> Option<&dyn Convolutional> {
        Some(self)
    }
}

impl Convolutional for TwoMaps {
    fn features(&self, images: &Tensor) -> Result<Tensor> {
        Tensor::cat(&[images, &images.neg()?], 1)
    }

    fn decide_features(&self, features: &Tensor) -> Result<Tensor> {
        features.narrow(1, 0, 1)?.sum((1, 2, 3))
    }
}

#[test]
fn the_gradient_of_squares_is_twice_the_image_where_the_model_looks() {
    let images = tensor(&[1.0, 5.0, -2.0, 7.0], (1, 1, 2, 2));
    let map = gradient(&left_squares, &images).unwrap();
    assert_eq!(values(&map), [2.0, 0.0, -4.0, 0.0]);
}

#[test]
fn integrated_gradients_add_up_to_the_change_of_the_decision() {
    // Cubes: the midpoint rule is not exact, and comes nearer with every step.
    let cubes = |x: &Tensor| x.mul(&x.sqr()?)?.sum((1, 2, 3));
    let images = tensor(&[0.3, 0.9, 0.5, 0.1], (1, 1, 2, 2));
    let change = |x: &Tensor| cubes(x).unwrap().to_vec1::<f32>().unwrap()[0];
    let expected = change(&images) - change(&images.zeros_like().unwrap());
    let miss = |steps| {
        let map = integrated_gradients(&cubes, &images, 0.0, steps).unwrap();
        (values(&map).iter().sum::<f32>() - expected).abs()
    };
    assert!(
        miss(64) < 1e-4 && miss(64) < miss(4),
        "{} {}",
        miss(64),
        miss(4)
    );
}

#[test]
fn smooth_grad_of_a_linear_model_is_its_weights_and_is_the_same_again() {
    let linear = |x: &Tensor| (x * 3.0)?.sum((1, 2, 3));
    let images = tensor(&[0.1; 8], (2, 1, 2, 2));
    let map = smooth_grad(&linear, &images, 5, 0.3, 1).unwrap();
    assert!(values(&map).iter().all(|v| (v - 3.0).abs() < 1e-6));
    let maps = |seed| values(&smooth_grad(&left_squares, &images, 5, 0.3, seed).unwrap());
    assert_eq!(maps(1), maps(1));
    assert_ne!(maps(1), maps(2));
    // The first image's map does not depend on there being a second one.
    let alone = smooth_grad(&left_squares, &images.narrow(0, 0, 1).unwrap(), 5, 0.3, 1).unwrap();
    assert_eq!(values(&alone), maps(1)[..4]);
}

#[test]
fn grad_cam_weighs_maps_by_their_gradient_and_shows_no_negative() {
    let images = tensor(&[1.0, -2.0, 3.0, 4.0], (1, 1, 2, 2));
    assert_eq!(
        values(&grad_cam(&TwoMaps, &images).unwrap()),
        [1.0, 0.0, 3.0, 4.0]
    );
}

#[test]
fn occlusion_is_what_the_window_takes_away() {
    let sum = |x: &Tensor| x.sum((1, 2, 3));
    let images = tensor(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], (1, 1, 3, 3));
    let map = occlusion(&sum, &images, 1, 1, Some(0.0)).unwrap();
    assert_eq!(values(&map), values(&images));
    // Windows of 2 at 0 and at the border: the middle is covered by all four.
    let map = occlusion(&sum, &images, 2, 2, Some(0.0)).unwrap();
    let corner = |a: f32, b: f32, c: f32, d: f32| a + b + c + d;
    let corners = [
        corner(1.0, 2.0, 4.0, 5.0),
        corner(2.0, 3.0, 5.0, 6.0),
        corner(4.0, 5.0, 7.0, 8.0),
        corner(5.0, 6.0, 8.0, 9.0),
    ];
    assert_eq!(values(&map)[0], corners[0]);
    assert_eq!(values(&map)[4], corners.iter().sum::<f32>() / 4.0);
}

#[test]
fn deletion_of_the_right_pixels_first_falls_fastest() {
    let sum = |x: &Tensor| x.sum((1, 2, 3));
    let images = tensor(&[0.0, 0.0, 4.0, 0.0], (1, 1, 2, 2));
    let good = tensor(&[0.0, 0.0, 1.0, 0.0], (1, 1, 2, 2));
    let bad = tensor(&[1.0, 0.5, 0.0, 0.2], (1, 1, 2, 2));
    let areas = |map| deletion_insertion(&sum, &images, map, 4).unwrap().areas()[0];
    let (good, bad) = (areas(&good), areas(&bad));
    assert!(good.0 < bad.0 && good.1 > bad.1, "{good:?} {bad:?}");
    let curves = deletion_insertion(&sum, &images, &bad_map(), 4).unwrap();
    assert_eq!(curves.deletion()[0].len(), 5);
    assert_eq!(curves.deletion()[0][0], 4.0);
    assert_eq!(curves.insertion()[0][4], 4.0);
}

fn bad_map() -> Tensor {
    tensor(&[1.0, 0.5, 0.0, 0.2], (1, 1, 2, 2))
}

#[test]
fn ascent_raises_the_decision_of_class_one_and_lowers_that_of_class_zero() {
    let start = tensor(&[0.5; 4], (1, 1, 2, 2));
    for (class, sign) in [(1, 1.0), (0, -1.0)] {
        let found = activation_maximisation(&left_squares, &start, class, 5, 0.05, 0.0).unwrap();
        assert!(sign * (found.decisions.1 - found.decisions.0) > 0.0);
        let right = values(&found.image)[1];
        assert_eq!(right, 0.5, "where the model does not look nothing changes");
    }
    // A strong pull keeps the image where it began.
    let held = activation_maximisation(&left_squares, &start, 1, 50, 0.01, 100.0).unwrap();
    let away = values(&held.image).into_iter().map(|v| (v - 0.5).abs());
    assert!(away.fold(0.0, f32::max) < 0.05);
}

#[test]
fn what_does_not_fit_is_refused_in_words() {
    let images = tensor(&[0.3; 4], (1, 1, 2, 2));
    let message = |e: Error| e.to_string();
    let refused = [
        smooth_grad(&left_squares, &images, 0, 0.1, 1).map_err(message),
        smooth_grad(&left_squares, &images, 3, f64::NAN, 1).map_err(message),
        integrated_gradients(&left_squares, &images, 0.0, 0).map_err(message),
        integrated_gradients(&left_squares, &images, f64::INFINITY, 3).map_err(message),
        occlusion(&left_squares, &images, 3, 1, None).map_err(message),
        occlusion(&left_squares, &images, 2, 3, None).map_err(message),
        gradient(&left_squares, &images.squeeze(0).unwrap()).map_err(message),
        activation_maximisation(&left_squares, &images, 2, 1, 0.1, 0.0)
            .map(|m| m.image)
            .map_err(message),
    ];
    for refused in refused {
        let message = refused.unwrap_err();
        assert!(message.contains("must be"), "{message}");
    }
    let diverged = |x: &Tensor| x.log()?.sum((1, 2, 3));
    let zeros = tensor(&[0.0; 4], (1, 1, 2, 2));
    let message = gradient(&diverged, &zeros).unwrap_err().to_string();
    assert!(message.contains("decision[0] = -inf"), "{message}");
}

#[test]
fn every_method_has_a_default_and_a_name_that_reads_back() {
    let images = tensor(&[0.25; 128], (2, 1, 8, 8));
    for method in Method::ALL {
        let map = attribute(method, &TwoMaps, &images, 3).unwrap();
        assert_eq!(map.dims(), images.dims());
        assert_eq!(method.to_string().parse::<Method>().unwrap(), method);
    }
}
