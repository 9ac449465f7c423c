//! What maps are measured in, and scores that depend on it: on models of which the answer is known.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use candle_core::{Device, Result, Tensor};
use nodule_explain::method::{gradient, gradient_x_input, integrated_gradients, noise};
use nodule_explain::score::{completeness_gap, infidelity};
use nodule_explain::{MapUnit, Method, Model, applies_to, attribute};

/// Two images of 3x3, the first with black pixels.
fn images() -> Tensor {
    let pixels = [
        0.0f32, 0.5, 1.0, 0.25, 0.0, 0.75, 1e-30, 0.1, 0.9, 0.3, 0.6, 0.2, 0.8, 0.4, 0.7, 0.5, 0.1,
        0.9,
    ];
    Tensor::from_slice(&pixels, (2, 1, 3, 3), &Device::Cpu).unwrap()
}

fn weighed(images: &Tensor) -> Result<Tensor> {
    let weights: Vec<f32> = (0..9).map(|i| (i * 5 % 9) as f32 - 4.0).collect();
    let weights = Tensor::from_vec(weights, (1, 1, 3, 3), images.device())?;
    images.broadcast_mul(&weights)?.sum((1, 2, 3))
}

/// Linear: every pixel has one slope, and a decision of 2 on black.
fn linear(images: &Tensor) -> Result<Tensor> {
    weighed(images)? + 2.0
}

/// A network with one hidden layer of three rectified units.
fn rectified(images: &Tensor) -> Result<Tensor> {
    let weights: Vec<f32> = (0..27).map(|i| ((i * 5 % 13) as f32 - 5.0) / 4.0).collect();
    let weights = Tensor::from_vec(weights, (9, 3), images.device())?;
    let biases = Tensor::new(&[[-0.4f32, 0.3, 0.1]], images.device())?;
    let hidden = images.flatten_from(1)?.matmul(&weights)?;
    let ends = Tensor::new(&[[1.0f32], [-0.7], [0.4]], images.device())?;
    hidden
        .broadcast_add(&biases)?
        .relu()?
        .matmul(&ends)?
        .squeeze(1)
}

fn perturbations() -> Vec<Tensor> {
    (0..3)
        .map(|draw| noise(&images(), 0.1, draw).unwrap())
        .collect()
}

fn unfaithful(maps: &Tensor, unit: MapUnit) -> Option<f32> {
    let found = infidelity(&linear, &images(), maps, unit, &perturbations()).unwrap();
    found.map(|values| values.into_iter().fold(0.0, f32::max))
}

#[test]
fn a_map_that_predicts_a_linear_model_is_not_unfaithful_in_its_own_unit() {
    let images = images();
    for method in Method::ALL {
        if !applies_to(method, &linear) {
            assert_eq!(method.unit(), MapUnit::Relative);
            continue;
        }
        let maps = attribute(method, &linear, &images, 1).unwrap();
        match (unfaithful(&maps, method.unit()), method.unit()) {
            (Some(found), MapUnit::PerIntensity | MapUnit::Decision) => {
                assert!(found < 1e-9, "{method}: {found}");
            }
            (found, unit) => assert!(found.is_none(), "{method} in {unit:?}: {found:?}"),
        }
    }
    // Decision values taken for slopes are wrong, as is a map that is too large.
    let maps = gradient_x_input(&linear, &images).unwrap();
    assert!(unfaithful(&maps, MapUnit::PerIntensity).unwrap() > 1e-3);
    let twice = (gradient(&linear, &images).unwrap() * 2.0).unwrap();
    assert!(unfaithful(&twice, MapUnit::PerIntensity).unwrap() > 1e-3);
    let twice = (maps * 2.0).unwrap();
    assert!(unfaithful(&twice, MapUnit::Decision).unwrap() > 1e-3);
}

#[test]
fn integrated_gradients_of_a_rectified_network_become_complete() {
    let images = images();
    for baseline in [0.0, 0.5] {
        let gap = |steps| {
            let maps = integrated_gradients(&rectified, &images, baseline, steps).unwrap();
            let gaps = completeness_gap(&rectified, &images, &maps, baseline).unwrap();
            gaps.into_iter().map(Option::unwrap).fold(0.0, f32::max)
        };
        assert!(gap(500) < 0.02, "{}", gap(500));
        assert!(gap(500) < gap(8) && gap(8) < 1.0, "{} {}", gap(500), gap(8));
    }
    // The slope at the image alone is no account of the way there.
    let maps = gradient_x_input(&rectified, &images).unwrap();
    let gaps = completeness_gap(&rectified, &images, &maps, 0.0).unwrap();
    assert!(gaps.iter().flatten().any(|gap| *gap > 0.01), "{gaps:?}");
    // Of a linear model it is.
    let maps = gradient_x_input(&linear, &images).unwrap();
    let gaps = completeness_gap(&linear, &images, &maps, 0.0).unwrap();
    assert!(gaps.iter().flatten().all(|gap| *gap < 1e-5), "{gaps:?}");
}

#[test]
fn a_decision_that_does_not_change_has_no_share_to_miss() {
    let steady = |x: &Tensor| x.mul(&x.zeros_like()?)?.sum((1, 2, 3))? + 3.0;
    let maps = gradient(&steady, &images()).unwrap();
    let gaps = completeness_gap(&steady, &images(), &maps, 0.0).unwrap();
    assert_eq!(gaps, [None, None]);
    assert!(completeness_gap(&steady, &images(), &maps, f64::NAN).is_err());
}

#[test]
fn a_model_is_an_object() {
    let models: [Box<dyn Model>; 2] = [Box::new(linear), Box::new(rectified)];
    for model in models {
        let map = attribute(Method::Gradient, model.as_ref(), &images(), 0).unwrap();
        assert_eq!(map.dims(), images().dims());
        assert!(model.as_convolutional().is_none());
        let message = attribute(Method::GradCam, model.as_ref(), &images(), 0);
        let message = message.unwrap_err().to_string();
        assert!(
            message.contains("grad-cam") && message.contains("feature maps"),
            "{message}"
        );
    }
}
