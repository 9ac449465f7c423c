//! Every method and metric rejects invalid decisions, images and maps with a clear message.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::slice::from_ref;

use candle_core::{D, DType, Device, Result, Tensor};
use nodule_explain::metrics::{completeness_gap, deletion_insertion, infidelity};
use nodule_explain::{
    ActivationMaximisation, Attribution, Error, Gradient, MapUnit, Method, Model,
    default_attribution, gaussian_noise,
};

fn images(last: f32) -> Tensor {
    let mut pixels = vec![0.25f32; 128];
    pixels[127] = last;
    Tensor::from_vec(pixels, (2, 1, 8, 8), &Device::Cpu).unwrap()
}

fn sums(images: &Tensor) -> Result<Tensor> {
    images.sum((1, 2, 3))
}

/// Returns the messages of all methods and metrics that evaluate `model` on `images`, or of those that use gradients.
fn messages(model: &dyn Model, images: &Tensor, only_gradients: bool) -> Vec<String> {
    let maps = images.ones_like().unwrap();
    let attribute = |method| default_attribution(method, 0).attribute(model, images);
    let ascent = ActivationMaximisation {
        class: 1,
        steps: 1,
        step_size: 0.1,
        penalty: 0.0,
    };
    let with_gradients: Vec<std::result::Result<(), Error>> = vec![
        attribute(Method::Gradient).map(drop),
        attribute(Method::GradientXInput).map(drop),
        attribute(Method::SmoothGrad).map(drop),
        attribute(Method::IntegratedGradients).map(drop),
        ascent
            .maximise(model, &images.narrow(0, 1, 1).unwrap())
            .map(drop),
    ];
    let without_gradients = vec![
        attribute(Method::Occlusion).map(drop),
        deletion_insertion(model, images, &maps, 2).map(drop),
        completeness_gap(model, images, &maps, 0.0).map(drop),
        infidelity(model, images, &maps, MapUnit::PerIntensity, from_ref(&maps)).map(drop),
    ];
    let without_gradients = without_gradients.into_iter().filter(|_| !only_gradients);
    with_gradients
        .into_iter()
        .chain(without_gradients)
        .map(|result| result.unwrap_err().to_string())
        .collect()
}

#[test]
fn decisions_of_another_shape_or_type_are_rejected() {
    let logits = |x: &Tensor| Tensor::stack(&[sums(x)?, sums(x)?], 1);
    let column = |x: &Tensor| sums(x)?.unsqueeze(1);
    let scalar = |x: &Tensor| x.sum_all();
    let double = |x: &Tensor| sums(x)?.to_dtype(DType::F64);
    let models: [&dyn Model; 4] = [&logits, &column, &scalar, &double];
    for model in models {
        for message in messages(model, &images(0.5), false) {
            let is_clear =
                message.contains("decision = ") && message.contains("one decision score");
            assert!(is_clear, "{message}");
        }
    }
}

#[test]
fn decisions_without_gradient_are_rejected() {
    let detached_sum = |x: &Tensor| sums(&x.detach());
    let constant = |x: &Tensor| Tensor::ones(x.dim(0)?, DType::F32, x.device());
    let index = |x: &Tensor| x.argmax(D::Minus1)?.to_dtype(DType::F32)?.sum((1, 2));
    let models: [&dyn Model; 3] = [&detached_sum, &constant, &index];
    for model in models {
        for message in messages(model, &images(0.5), true) {
            assert!(message.contains("differentiate"), "{message}");
        }
    }
    // A decision that is differentiable but constant has a blank map.
    let zero = |x: &Tensor| sums(&x.mul(&x.zeros_like()?)?);
    let map = Gradient.attribute(&zero, &images(0.5)).unwrap();
    assert_eq!(
        map.abs()
            .unwrap()
            .max_all()
            .unwrap()
            .to_scalar::<f32>()
            .unwrap(),
        0.0
    );
}

#[test]
fn messages_name_the_first_value_that_is_not_finite() {
    for pixel in [f32::NAN, f32::INFINITY] {
        for message in messages(&sums, &images(pixel), false) {
            let location = format!("{pixel} at pixel 63 of image");
            assert!(message.contains(&location), "{message}");
        }
        assert!(gaussian_noise(&images(pixel), 0.1, 0).is_err());
    }
    let log_sum = |x: &Tensor| sums(&(x - 0.5)?.log()?);
    for message in messages(&log_sum, &images(0.9), false) {
        assert!(message.contains("decision[0] = NaN"), "{message}");
    }
    let images = images(0.5);
    for sigma in [f64::NAN, -1.0] {
        assert!(gaussian_noise(&images, sigma, 0).is_err());
    }
}

#[test]
fn maps_of_another_shape_or_with_nan_are_rejected() {
    let images = images(0.5);
    let small = images.narrow(0, 0, 1).unwrap();
    let broken = (images.ones_like().unwrap() * f64::NAN).unwrap();
    for (maps, expected) in [(&small, "must be"), (&broken, "map[0] = NaN")] {
        let unit = MapUnit::Decision;
        for message in [
            deletion_insertion(&sums, &images, maps, 2).map(drop),
            completeness_gap(&sums, &images, maps, 0.0).map(drop),
            infidelity(&sums, &images, maps, unit, from_ref(&images)).map(drop),
        ] {
            let message = message.unwrap_err().to_string();
            assert!(message.contains(expected), "{message}");
        }
    }
    let maps = images.ones_like().unwrap();
    let with = |perturbations: &[Tensor]| {
        infidelity(&sums, &images, &maps, MapUnit::PerIntensity, perturbations)
    };
    assert!(with(&[]).is_err() && with(&[small]).is_err());
}
