//! Layers and the residual network against PyTorch's values. `tests/golden/README.md` in the workspace describes the
//! files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::{Conv2dConfig, VarBuilder};
use nodule_nn::losses::CrossEntropy;
use nodule_nn::{
    Architecture, Loss, ResidualConfig, conv2d, group_norm, group_norm_relu, max_pool2,
};

/// Allowed difference, relative to the largest value of the tensor.
const TOLERANCE: f64 = 1e-4;

type Tensors = HashMap<String, Tensor>;

fn golden(name: &str) -> (Tensors, serde_json::Value) {
    let path = format!(
        "{}/../../tests/golden/layers/{name}.safetensors",
        env!("CARGO_MANIFEST_DIR")
    );
    let bytes = std::fs::read(path).unwrap();
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let settings = &header.metadata().as_ref().unwrap()["settings"];
    let tensors = candle_core::safetensors::load_buffer(&bytes, &Device::Cpu).unwrap();
    (tensors, serde_json::from_str(settings).unwrap())
}

fn assert_close(all: &Tensors, name: &str, ours: &Tensor) {
    let theirs = &all[name];
    assert_eq!(ours.dims(), theirs.dims(), "{name}");
    let values = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let (ours, theirs) = (values(ours), values(theirs));
    let scale = theirs.iter().fold(0.0f64, |m, v| m.max(f64::from(v.abs())));
    assert!(scale > 0.0, "{name} is all zeros and proves nothing");
    for (i, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        let difference = f64::from((a - b).abs());
        let close = difference <= TOLERANCE * scale;
        assert!(close, "{name}[{i}]: {a}, PyTorch has {b}");
    }
}

/// Asserts that a layer's value and its gradients, under the loss of the golden values, agree.
fn assert_layer(all: &Tensors, name: &str, layer: impl Fn(&[Var]) -> Tensor) {
    let inputs = (0..).map_while(|i| all.get(&format!("{name}.{i}")));
    let inputs: Vec<Var> = inputs.map(|t| Var::from_tensor(t).unwrap()).collect();
    let y = layer(&inputs);
    assert_close(all, &format!("{name}.y"), &y);
    let slopes = (0..y.elem_count()).map(|i| ((i * 7) % 11) as f32 - 4.0);
    let slopes = Tensor::from_vec(slopes.collect::<Vec<f32>>(), y.shape(), y.device()).unwrap();
    let gradients = (y * slopes).unwrap().sum_all().unwrap().backward().unwrap();
    for (i, input) in inputs.iter().enumerate() {
        let gradient = gradients.get(input).unwrap();
        assert_close(all, &format!("{name}.{i}.gradient"), gradient);
    }
}

#[test]
fn convolutions_agree_with_and_without_pooling() {
    let (all, settings) = golden("layers");
    let configs: Vec<[usize; 2]> =
        serde_json::from_value(settings["convolutions"].clone()).unwrap();
    assert_eq!(configs.len(), 6);
    for (i, [stride, padding]) in configs.into_iter().enumerate() {
        let config = Conv2dConfig {
            stride,
            padding,
            ..Conv2dConfig::default()
        };
        let convolve = |v: &[Var]| conv2d(&v[0], &v[1], config).unwrap();
        assert_layer(&all, &format!("conv{i}"), convolve);
        assert_layer(&all, &format!("pooled{i}"), |v| {
            max_pool2(&convolve(v)).unwrap()
        });
    }
}

#[test]
fn group_normalisations_agree() {
    let (all, settings) = golden("layers");
    let groups: Vec<usize> = serde_json::from_value(settings["groups"].clone()).unwrap();
    assert_eq!(groups.len(), 3);
    for (i, groups) in groups.into_iter().enumerate() {
        assert_layer(&all, &format!("norm{i}"), |v| {
            group_norm(&v[0], &v[1], &v[2], groups).unwrap()
        });
        assert_layer(&all, &format!("norm{i}relu"), |v| {
            group_norm_relu(&v[0], &v[1], &v[2], groups).unwrap()
        });
    }
}

#[test]
fn residual_network_agrees_in_both_implementations() {
    let (all, settings) = golden("residual");
    for stem_stride in [1, 2] {
        let mut config: ResidualConfig = serde_json::from_value(settings.clone()).unwrap();
        config.stem_stride = stem_stride;
        let key = |name: &str| format!("stride{stem_stride}.{name}");
        let initial: HashMap<String, Tensor> = all
            .iter()
            .filter_map(|(k, v)| Some((k.strip_prefix(&key("initial."))?.to_owned(), v.clone())))
            .collect();
        let weights = VarBuilder::from_tensors(initial, DType::F32, &Device::Cpu);
        let network = config.load(weights).unwrap();
        let labels = all[&key("labels")].to_dtype(DType::U32).unwrap();
        let images = Var::from_tensor(&all[&key("images")]).unwrap();
        let output = network.forward_output(&images).unwrap();
        assert_close(&all, &key("embedding"), &output.embedding);
        assert_close(&all, &key("logits"), &output.logits);
        let value = CrossEntropy.compute(&output, &labels).unwrap();
        let graph = value.backward().unwrap();
        assert_close(&all, &key("gradient.images"), graph.get(&images).unwrap());
        let (value, fused) = network.gradients(&images, &labels, &CrossEntropy).unwrap();
        assert_close(&all, &key("value"), &value);
        for (name, parameter) in network.parameters() {
            for gradients in [&graph, &fused] {
                let gradient = gradients.get(&parameter).unwrap();
                assert_close(&all, &key(&format!("gradient.{name}")), gradient);
            }
        }
    }
}
