//! Units of maps, and the metrics that depend on them, on models with a known answer.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use candle_core::{Device, Result, Tensor};
use nodule_explain::metrics::{completeness_gap, infidelity};
use nodule_explain::{
    Attribution, Gradient, GradientXInput, IntegratedGradients, MapUnit, Method, Model, applies_to,
    default_attribution, gaussian_noise,
};

/// Two images of 3x3 pixels, the first with black ones.
fn images() -> Tensor {
    let pixels = [
        0.0f32, 0.5, 1.0, 0.25, 0.0, 0.75, 1e-30, 0.1, 0.9, 0.3, 0.6, 0.2, 0.8, 0.4, 0.7, 0.5, 0.1,
        0.9,
    ];
    Tensor::from_slice(&pixels, (2, 1, 3, 3), &Device::Cpu).unwrap()
}

fn weighted_sum(images: &Tensor) -> Result<Tensor> {
    let weights: Vec<f32> = (0..9).map(|i| (i * 5 % 9) as f32 - 4.0).collect();
    let weights = Tensor::from_vec(weights, (1, 1, 3, 3), images.device())?;
    images.broadcast_mul(&weights)?.sum((1, 2, 3))
}

/// A linear model with a score of 2 for black.
fn linear(images: &Tensor) -> Result<Tensor> {
    weighted_sum(images)? + 2.0
}

/// A network with one hidden layer of three ReLU units.
fn relu_network(images: &Tensor) -> Result<Tensor> {
    let weights: Vec<f32> = (0..27).map(|i| ((i * 5 % 13) as f32 - 5.0) / 4.0).collect();
    let weights = Tensor::from_vec(weights, (9, 3), images.device())?;
    let biases = Tensor::new(&[[-0.4f32, 0.3, 0.1]], images.device())?;
    let hidden = images.flatten_from(1)?.matmul(&weights)?;
    let output_weights = Tensor::new(&[[1.0f32], [-0.7], [0.4]], images.device())?;
    hidden
        .broadcast_add(&biases)?
        .relu()?
        .matmul(&output_weights)?
        .squeeze(1)
}

fn perturbations() -> Vec<Tensor> {
    (0..3)
        .map(|draw| gaussian_noise(&images(), 0.1, draw).unwrap())
        .collect()
}

fn largest_infidelity(maps: &Tensor, unit: MapUnit) -> Option<f32> {
    let found = infidelity(&linear, &images(), maps, unit, &perturbations()).unwrap();
    found.map(|values| values.into_iter().fold(0.0, f32::max))
}

#[test]
fn maps_of_a_linear_model_have_no_infidelity_in_their_own_unit() {
    let images = images();
    for method in Method::ALL {
        if !applies_to(method, &linear) {
            assert_eq!(method.unit(), MapUnit::Relative);
            continue;
        }
        let maps = default_attribution(method, 1)
            .attribute(&linear, &images)
            .unwrap();
        match (largest_infidelity(&maps, method.unit()), method.unit()) {
            (Some(found), MapUnit::PerIntensity | MapUnit::Decision) => {
                assert!(found < 1e-9, "{method}: {found}");
            }
            (found, unit) => assert!(found.is_none(), "{method} in {unit:?}: {found:?}"),
        }
    }
    // The wrong unit and the wrong scale both increase infidelity.
    let maps = GradientXInput.attribute(&linear, &images).unwrap();
    assert!(largest_infidelity(&maps, MapUnit::PerIntensity).unwrap() > 1e-3);
    let twice = (Gradient.attribute(&linear, &images).unwrap() * 2.0).unwrap();
    assert!(largest_infidelity(&twice, MapUnit::PerIntensity).unwrap() > 1e-3);
    let twice = (maps * 2.0).unwrap();
    assert!(largest_infidelity(&twice, MapUnit::Decision).unwrap() > 1e-3);
}

#[test]
fn integrated_gradients_of_a_relu_network_become_complete() {
    let images = images();
    for baseline in [0.0, 0.5] {
        let gap = |steps| {
            let method = IntegratedGradients { steps, baseline };
            let maps = method.attribute(&relu_network, &images).unwrap();
            let gaps = completeness_gap(&relu_network, &images, &maps, baseline).unwrap();
            gaps.into_iter().map(Option::unwrap).fold(0.0, f32::max)
        };
        assert!(gap(500) < 0.02, "{}", gap(500));
        assert!(gap(500) < gap(8) && gap(8) < 1.0, "{} {}", gap(500), gap(8));
    }
    // Gradient times input uses the gradient at the image only, so it is not complete.
    let maps = GradientXInput.attribute(&relu_network, &images).unwrap();
    let gaps = completeness_gap(&relu_network, &images, &maps, 0.0).unwrap();
    assert!(gaps.iter().flatten().any(|gap| *gap > 0.01), "{gaps:?}");
    // For a linear model it is complete.
    let maps = GradientXInput.attribute(&linear, &images).unwrap();
    let gaps = completeness_gap(&linear, &images, &maps, 0.0).unwrap();
    assert!(gaps.iter().flatten().all(|gap| *gap < 1e-5), "{gaps:?}");
}

#[test]
fn a_constant_decision_has_no_completeness_gap() {
    let constant = |x: &Tensor| x.mul(&x.zeros_like()?)?.sum((1, 2, 3))? + 3.0;
    let maps = Gradient.attribute(&constant, &images()).unwrap();
    let gaps = completeness_gap(&constant, &images(), &maps, 0.0).unwrap();
    assert_eq!(gaps, [None, None]);
    assert!(completeness_gap(&constant, &images(), &maps, f64::NAN).is_err());
}

#[test]
fn models_can_be_trait_objects() {
    let models: [Box<dyn Model>; 2] = [Box::new(linear), Box::new(relu_network)];
    for model in models {
        let map = Gradient.attribute(model.as_ref(), &images()).unwrap();
        assert_eq!(map.dims(), images().dims());
        assert!(!model.has_feature_maps());
        let grad_cam = default_attribution(Method::GradCam, 0);
        let error = grad_cam.attribute(model.as_ref(), &images()).unwrap_err();
        let message = error.to_string();
        assert!(
            message.contains("grad-cam") && message.contains("feature maps"),
            "{message}"
        );
    }
}
