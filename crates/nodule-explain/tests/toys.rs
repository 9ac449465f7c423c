//! Toy models whose maps are known exactly, and invalid settings.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use candle_core::{Device, Result, Tensor};
use nodule_explain::metrics::deletion_insertion;
use nodule_explain::{
    ActivationMaximisation, Attribution, GradCam, Gradient, IntegratedGradients, Method, Model,
    Occlusion, SmoothGrad, default_attribution,
};

fn tensor(values: &[f32], shape: (usize, usize, usize, usize)) -> Tensor {
    Tensor::from_slice(values, shape, &Device::Cpu).unwrap()
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// Sum of the squares of the left half of the image.
fn left_squares(images: &Tensor) -> Result<Tensor> {
    let half = images.dim(3)? / 2;
    images.narrow(3, 0, half)?.sqr()?.sum((1, 2, 3))
}

/// A model with two feature maps, the image and its negative. The decision is the sum of the first.
struct TwoMaps;

impl Model for TwoMaps {
    fn decide(&self, images: &Tensor) -> Result<Tensor> {
        self.decide_from_feature_maps(&self.feature_maps(images)?)
    }

    fn has_feature_maps(&self) -> bool {
        true
    }

    fn feature_maps(&self, images: &Tensor) -> Result<Tensor> {
        Tensor::cat(&[images, &images.neg()?], 1)
    }

    fn decide_from_feature_maps(&self, features: &Tensor) -> Result<Tensor> {
        features.narrow(1, 0, 1)?.sum((1, 2, 3))
    }
}

#[test]
fn the_gradient_of_squares_is_twice_the_image() {
    let images = tensor(&[1.0, 5.0, -2.0, 7.0], (1, 1, 2, 2));
    let map = Gradient.attribute(&left_squares, &images).unwrap();
    assert_eq!(values(&map), [2.0, 0.0, -4.0, 0.0]);
}

#[test]
fn the_sum_of_integrated_gradients_approaches_the_change_of_the_decision() {
    // For cubes the midpoint rule is not exact, and more steps reduce its error.
    let cubes = |x: &Tensor| x.mul(&x.sqr()?)?.sum((1, 2, 3));
    let images = tensor(&[0.3, 0.9, 0.5, 0.1], (1, 1, 2, 2));
    let change = |x: &Tensor| cubes(x).unwrap().to_vec1::<f32>().unwrap()[0];
    let expected = change(&images) - change(&images.zeros_like().unwrap());
    let error = |steps| {
        let method = IntegratedGradients {
            steps,
            baseline: 0.0,
        };
        let map = method.attribute(&cubes, &images).unwrap();
        (values(&map).iter().sum::<f32>() - expected).abs()
    };
    assert!(
        error(64) < 1e-4 && error(64) < error(4),
        "{} {}",
        error(64),
        error(4)
    );
}

#[test]
fn smooth_grad_of_a_linear_model_is_its_weights_and_is_reproducible() {
    let linear = |x: &Tensor| (x * 3.0)?.sum((1, 2, 3));
    let images = tensor(&[0.1; 8], (2, 1, 2, 2));
    let method = |seed| SmoothGrad {
        samples: 5,
        sigma: 0.3,
        seed,
    };
    let map = method(1).attribute(&linear, &images).unwrap();
    assert!(values(&map).iter().all(|v| (v - 3.0).abs() < 1e-6));
    let maps = |seed| values(&method(seed).attribute(&left_squares, &images).unwrap());
    assert_eq!(maps(1), maps(1));
    assert_ne!(maps(1), maps(2));
    // The map of the first image does not depend on the second image.
    let first = images.narrow(0, 0, 1).unwrap();
    let map = method(1).attribute(&left_squares, &first).unwrap();
    assert_eq!(values(&map), maps(1)[..4]);
}

#[test]
fn grad_cam_weights_feature_maps_by_gradient_and_clips_negative_values() {
    let images = tensor(&[1.0, -2.0, 3.0, 4.0], (1, 1, 2, 2));
    let map = GradCam.attribute(&TwoMaps, &images).unwrap();
    assert_eq!(values(&map), [1.0, 0.0, 3.0, 4.0]);
}

#[test]
fn occlusion_is_the_decrease_by_covering_a_window() {
    let sum = |x: &Tensor| x.sum((1, 2, 3));
    let images = tensor(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0], (1, 1, 3, 3));
    let occlude = |window, stride| {
        let method = Occlusion {
            window: Some(window),
            stride: Some(stride),
            fill: Some(0.0),
        };
        method.attribute(&sum, &images).unwrap()
    };
    let map = occlude(1, 1);
    assert_eq!(values(&map), values(&images));
    // Windows of 2 pixels at 0 and at the border: all four cover the middle pixel.
    let map = occlude(2, 2);
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
fn a_faithful_map_has_a_low_deletion_and_a_high_insertion_mean() {
    let sum = |x: &Tensor| x.sum((1, 2, 3));
    let images = tensor(&[0.0, 0.0, 4.0, 0.0], (1, 1, 2, 2));
    let good = tensor(&[0.0, 0.0, 1.0, 0.0], (1, 1, 2, 2));
    let bad = tensor(&[1.0, 0.5, 0.0, 0.2], (1, 1, 2, 2));
    let curves = |map| deletion_insertion(&sum, &images, map, 4).unwrap();
    let (good, bad) = (curves(&good).means()[0], curves(&bad));
    let bad_means = bad.means()[0];
    assert!(
        good.0 < bad_means.0 && good.1 > bad_means.1,
        "{good:?} {bad_means:?}"
    );
    assert_eq!(bad.deletion[0].len(), 5);
    assert_eq!(bad.deletion[0][0], 4.0);
    assert_eq!(bad.insertion[0][4], 4.0);
}

/// Five steps of 0.05 without penalty.
const ASCENT: ActivationMaximisation = ActivationMaximisation {
    class: 1,
    steps: 5,
    step_size: 0.05,
    penalty: 0.0,
};

#[test]
fn ascent_raises_the_score_of_class_one_and_lowers_that_of_class_zero() {
    let start = tensor(&[0.5; 4], (1, 1, 2, 2));
    for (class, sign) in [(1, 1.0), (0, -1.0)] {
        let settings = ActivationMaximisation { class, ..ASCENT };
        let found = settings.maximise(&left_squares, &start).unwrap();
        assert!(sign * (found.final_score - found.start_score) > 0.0);
        let right = values(&found.image)[1];
        assert_eq!(right, 0.5, "pixels without gradient must not change");
    }
    // A large penalty keeps the image near the start.
    let settings = ActivationMaximisation {
        class: 1,
        steps: 50,
        step_size: 0.01,
        penalty: 100.0,
    };
    let found = settings.maximise(&left_squares, &start).unwrap();
    let distances = values(&found.image).into_iter().map(|v| (v - 0.5).abs());
    assert!(distances.fold(0.0, f32::max) < 0.05);
}

#[test]
fn invalid_settings_are_rejected() {
    let images = tensor(&[0.3; 4], (1, 1, 2, 2));
    let smooth_grad = SmoothGrad::default();
    let integrated_gradients = IntegratedGradients::default();
    let occlusion = Occlusion::default();
    let invalid: [&dyn Attribution; 6] = [
        &SmoothGrad {
            samples: 0,
            ..smooth_grad
        },
        &SmoothGrad {
            sigma: f64::NAN,
            ..smooth_grad
        },
        &IntegratedGradients {
            steps: 0,
            ..integrated_gradients
        },
        &IntegratedGradients {
            baseline: f64::INFINITY,
            ..integrated_gradients
        },
        &Occlusion {
            window: Some(3),
            stride: Some(1),
            ..occlusion
        },
        &Occlusion {
            window: Some(2),
            stride: Some(3),
            ..occlusion
        },
    ];
    let results = invalid
        .map(|method| method.attribute(&left_squares, &images))
        .into_iter()
        .chain([Gradient.attribute(&left_squares, &images.squeeze(0).unwrap())]);
    let mut messages: Vec<_> = results.map(|r| r.unwrap_err().to_string()).collect();
    let ascent = ActivationMaximisation { class: 2, ..ASCENT };
    let ascended = ascent.maximise(&left_squares, &images);
    messages.push(ascended.unwrap_err().to_string());
    for message in messages {
        assert!(message.contains("must be"), "{message}");
    }
    let log_sum = |x: &Tensor| x.log()?.sum((1, 2, 3));
    let zeros = tensor(&[0.0; 4], (1, 1, 2, 2));
    let error = Gradient.attribute(&log_sum, &zeros).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("decision[0] = -inf"), "{message}");
}

#[test]
fn every_method_has_default_settings_and_a_name_that_parses() {
    let images = tensor(&[0.25; 128], (2, 1, 8, 8));
    for method in Method::ALL {
        let map = default_attribution(method, 3)
            .attribute(&TwoMaps, &images)
            .unwrap();
        assert_eq!(map.dims(), images.dims());
        assert_eq!(method.to_string().parse::<Method>().unwrap(), method);
    }
}
