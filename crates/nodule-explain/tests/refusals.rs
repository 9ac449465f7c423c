//! What is no decision, no image and no map is refused in words, by every method and score.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::slice::from_ref;

use candle_core::{D, DType, Device, Result, Tensor};
use nodule_explain::method::{activation_maximisation, noise};
use nodule_explain::score::{completeness_gap, deletion_insertion, infidelity};
use nodule_explain::{Error, MapUnit, Method, Model, attribute};

fn images(last: f32) -> Tensor {
    let mut pixels = vec![0.25f32; 128];
    pixels[127] = last;
    Tensor::from_vec(pixels, (2, 1, 8, 8), &Device::Cpu).unwrap()
}

fn sums(images: &Tensor) -> Result<Tensor> {
    images.sum((1, 2, 3))
}

/// The messages of everything that asks `model` for decisions about `images`.
fn refused(model: &dyn Model, images: &Tensor, gradients_alone: bool) -> Vec<String> {
    let maps = images.ones_like().unwrap();
    let found: Vec<std::result::Result<(), Error>> = vec![
        attribute(Method::Gradient, model, images, 0).map(drop),
        attribute(Method::GradientXInput, model, images, 0).map(drop),
        attribute(Method::SmoothGrad, model, images, 0).map(drop),
        attribute(Method::IntegratedGradients, model, images, 0).map(drop),
        activation_maximisation(model, &images.narrow(0, 1, 1).unwrap(), 1, 1, 0.1, 0.0).map(drop),
    ];
    let scores = vec![
        attribute(Method::Occlusion, model, images, 0).map(drop),
        deletion_insertion(model, images, &maps, 2).map(drop),
        completeness_gap(model, images, &maps, 0.0).map(drop),
        infidelity(model, images, &maps, MapUnit::PerIntensity, from_ref(&maps)).map(drop),
    ];
    let all = found
        .into_iter()
        .chain(scores.into_iter().filter(|_| !gradients_alone));
    all.map(|f| f.unwrap_err().to_string()).collect()
}

#[test]
fn what_is_no_decision_value_is_refused() {
    let logits = |x: &Tensor| Tensor::stack(&[sums(x)?, sums(x)?], 1);
    let column = |x: &Tensor| sums(x)?.unsqueeze(1);
    let one = |x: &Tensor| x.sum_all();
    let double = |x: &Tensor| sums(x)?.to_dtype(DType::F64);
    let models: [&dyn Model; 4] = [&logits, &column, &one, &double];
    for model in models {
        for message in refused(model, &images(0.5), false) {
            let says = message.contains("decision = ") && message.contains("one decision value");
            assert!(says, "{message}");
        }
    }
}

#[test]
fn what_does_not_lead_back_to_the_images_is_refused() {
    let detached = |x: &Tensor| sums(&x.detach());
    let constant = |x: &Tensor| Tensor::ones(x.dim(0)?, DType::F32, x.device());
    let counted = |x: &Tensor| x.argmax(D::Minus1)?.to_dtype(DType::F32)?.sum((1, 2));
    let models: [&dyn Model; 3] = [&detached, &constant, &counted];
    for model in models {
        for message in refused(model, &images(0.5), true) {
            assert!(message.contains("differentiate"), "{message}");
        }
    }
    // One that looks and finds nothing has a blank map.
    let blind = |x: &Tensor| sums(&x.mul(&x.zeros_like()?)?);
    let map = attribute(Method::Gradient, &blind, &images(0.5), 0).unwrap();
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
fn pixels_and_decisions_that_are_no_numbers_are_named() {
    for pixel in [f32::NAN, f32::INFINITY] {
        for message in refused(&sums, &images(pixel), false) {
            let place = format!("{pixel} at pixel 63 of image");
            assert!(message.contains(&place), "{message}");
        }
        assert!(noise(&images(pixel), 0.1, 0).is_err());
    }
    let diverged = |x: &Tensor| sums(&(x - 0.5)?.log()?);
    for message in refused(&diverged, &images(0.9), false) {
        assert!(message.contains("decision[0] = NaN"), "{message}");
    }
    let whole = images(0.5);
    assert!(noise(&whole, f64::NAN, 0).is_err() && noise(&whole, -1.0, 0).is_err());
}

#[test]
fn maps_that_are_none_of_the_images_are_refused() {
    let images = images(0.5);
    let small = images.narrow(0, 0, 1).unwrap();
    let broken = (images.ones_like().unwrap() * f64::NAN).unwrap();
    for (maps, words) in [(&small, "must be"), (&broken, "map[0] = NaN")] {
        let unit = MapUnit::Decision;
        for message in [
            deletion_insertion(&sums, &images, maps, 2).map(drop),
            completeness_gap(&sums, &images, maps, 0.0).map(drop),
            infidelity(&sums, &images, maps, unit, from_ref(&images)).map(drop),
        ] {
            let message = message.unwrap_err().to_string();
            assert!(message.contains(words), "{message}");
        }
    }
    let maps = images.ones_like().unwrap();
    let of = |perturbations: &[Tensor]| {
        infidelity(&sums, &images, &maps, MapUnit::PerIntensity, perturbations)
    };
    assert!(of(&[]).is_err() && of(&[small]).is_err());
}
