//! Methods and metrics against captum and scikit-image. See `tests/golden/explain` in the root of the workspace.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::VarBuilder;
use nodule_eval::saliency::ssim;
use nodule_explain::metrics::{infidelity, max_sensitivity};
use nodule_explain::{
    Attribution, GradCam, Gradient, GradientXInput, IntegratedGradients, MapUnit, Model, Occlusion,
    mean_noisy_gradient,
};
use nodule_nn::{ConvolutionalNetwork, LeNet, LeNetConfig, Output};

/// Allowed difference, relative to the largest value of the tensor.
const TOLERANCE: f64 = 1e-4;

/// The logit margin of a network.
struct Margin(LeNet);

fn margin(output: Output) -> Result<Tensor> {
    let logits = output.logits;
    logits
        .narrow(1, 1, 1)?
        .sub(&logits.narrow(1, 0, 1)?)?
        .squeeze(1)
}

impl Model for Margin {
    fn decide(&self, images: &Tensor) -> Result<Tensor> {
        self.decide_from_feature_maps(&self.feature_maps(images)?)
    }

    fn has_feature_maps(&self) -> bool {
        true
    }

    fn feature_maps(&self, images: &Tensor) -> Result<Tensor> {
        Ok(self.0.forward_features(images)?)
    }

    fn decide_from_feature_maps(&self, features: &Tensor) -> Result<Tensor> {
        margin(self.0.forward_head(features)?)
    }
}

struct Golden {
    tensors: HashMap<String, Tensor>,
    model: Margin,
    steps: usize,
}

fn golden() -> Golden {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/golden/explain/captum.safetensors"
    );
    let bytes = std::fs::read(path).unwrap();
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let settings = &header.metadata().as_ref().unwrap()["settings"];
    let settings: serde_json::Value = serde_json::from_str(settings).unwrap();
    let size = |value: &serde_json::Value| value.as_u64().unwrap() as usize;
    let config = LeNetConfig {
        image_size: size(&settings["image_size"]),
        channels: [0, 1].map(|i| size(&settings["channels"][i])),
        hidden: size(&settings["hidden"]),
        embedding: size(&settings["embedding"]),
    };
    let tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu).unwrap();
    let initial: HashMap<String, Tensor> = tensors
        .iter()
        .filter_map(|(k, v)| Some((k.strip_prefix("initial.")?.to_owned(), v.clone())))
        .collect();
    let weights = VarBuilder::from_tensors(initial, DType::F32, &Device::Cpu);
    Golden {
        model: Margin(LeNet::new(&config, weights).unwrap()),
        steps: size(&settings["steps"]),
        tensors,
    }
}

impl Golden {
    fn images(&self) -> &Tensor {
        &self.tensors["images"]
    }

    fn noises(&self) -> Vec<Tensor> {
        let noises = &self.tensors["noises"];
        (0..noises.dim(0).unwrap())
            .map(|i| noises.get(i).unwrap())
            .collect()
    }

    fn assert_close(&self, name: &str, ours: &[f32]) {
        let theirs = self.tensors[name].flatten_all().unwrap().to_vec1::<f32>();
        let theirs = theirs.unwrap();
        assert_eq!(ours.len(), theirs.len(), "{name}");
        let scale = theirs.iter().fold(0.0f64, |m, v| m.max(f64::from(v.abs())));
        assert!(scale > 0.0, "{name} is all zeros");
        for (i, (a, b)) in ours.iter().zip(&theirs).enumerate() {
            let difference = f64::from((a - b).abs());
            assert!(difference <= TOLERANCE * scale, "{name}[{i}]: {a}, not {b}");
        }
    }

    fn assert_map(&self, name: &str, ours: &Tensor) {
        assert_eq!(ours.dims(), self.images().dims(), "{name}");
        self.assert_close(name, &values(ours));
    }
}

fn values(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

#[test]
fn decisions_agree() {
    let golden = golden();
    let decisions = golden.model.decide(golden.images()).unwrap();
    golden.assert_close("decision", &values(&decisions));
}

#[test]
fn maps_agree() {
    let golden = golden();
    let (model, images) = (&golden.model, golden.images());
    golden.assert_map("gradient", &Gradient.attribute(model, images).unwrap());
    let maps = GradientXInput.attribute(model, images).unwrap();
    golden.assert_map("gradient-x-input", &maps);
    let integrated_gradients = IntegratedGradients {
        steps: golden.steps,
        baseline: 0.1,
    };
    let maps = integrated_gradients.attribute(model, images).unwrap();
    golden.assert_map("integrated-gradients", &maps);
    golden.assert_map("grad-cam", &GradCam.attribute(model, images).unwrap());
    let occlusion = Occlusion {
        window: Some(5),
        stride: Some(3),
        fill: Some(0.2),
    };
    golden.assert_map("occlusion", &occlusion.attribute(model, images).unwrap());
    let noises = golden.noises();
    let maps = mean_noisy_gradient(model, images, noises.len(), |k| Ok(noises[k].clone()));
    golden.assert_map("smooth-grad", &maps.unwrap());
}

#[test]
fn metrics_agree() {
    let golden = golden();
    let (model, images, noises) = (&golden.model, golden.images(), golden.noises());
    let maps = Gradient.attribute(model, images).unwrap();
    let found = infidelity(model, images, &maps, MapUnit::PerIntensity, &noises);
    golden.assert_close("infidelity", &found.unwrap().unwrap());
    // No pixel is black, so gradient times input has the same infidelity as the gradient.
    let maps = GradientXInput.attribute(model, images).unwrap();
    let found = infidelity(model, images, &maps, MapUnit::Decision, &noises);
    golden.assert_close("infidelity", &found.unwrap().unwrap());
    let found = max_sensitivity(|x| Gradient.attribute(model, x), images, &noises).unwrap();
    golden.assert_close("sensitivity", &found);
    let first = |name: &str| values(&golden.tensors[name].get(0).unwrap());
    let width = images.dim(3).unwrap();
    let found = ssim(&first("gradient"), &first("smooth-grad"), width, 2.0).unwrap();
    golden.assert_close("similarity", &[found as f32]);
}
