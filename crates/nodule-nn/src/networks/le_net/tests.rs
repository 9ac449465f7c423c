//! Names, shapes and weights of the LeNet, and the tensors and images that it rejects.

use std::collections::BTreeMap;

use candle_core::DType;

use super::*;
use crate::{seeded_weights, set_parameters};

fn small() -> LeNetConfig {
    LeNetConfig {
        image_size: 16,
        channels: [2, 3],
        hidden: 5,
        embedding: 4,
    }
}

fn build(config: &LeNetConfig, seed: u64) -> LeNet {
    LeNet::new(config, seeded_weights(seed, &Device::Cpu)).unwrap()
}

fn tensors_by_name(network: &LeNet) -> BTreeMap<String, Tensor> {
    let parameters = network.parameters().into_iter();
    parameters
        .map(|(name, v)| (name, v.as_detached_tensor()))
        .collect()
}

#[test]
fn parameters_are_sorted_and_have_pytorch_shapes() {
    let network = build(&LeNetConfig::default(), 1);
    let parameters = network.parameters();
    assert!(parameters.is_sorted_by_key(|(name, _)| name.clone()));
    let shape = |wanted: &str| {
        let (_, v) = parameters.iter().find(|(name, _)| name == wanted).unwrap();
        v.dims().to_vec()
    };
    assert_eq!(shape("conv1.weight"), [6, 1, 5, 5]);
    assert_eq!(shape("conv2.weight"), [16, 6, 5, 5]);
    assert_eq!(shape("fc1.weight"), [120, 2704]);
    assert_eq!(shape("fc3.bias"), [2]);
    let count: usize = parameters.iter().map(|(_, v)| v.elem_count()).sum();
    assert_eq!(count, 156 + 2416 + 324_600 + 10_164 + 170);
    assert_eq!(network.layers(), ["conv1", "conv2", "fc1", "fc2", "fc3"]);
}

#[test]
fn weights_depend_on_the_seed_alone() {
    let weights = |seed| {
        let network = build(&LeNetConfig::default(), seed);
        let tensor = network.fc1.weight.flatten_all().unwrap();
        tensor.to_vec1::<f32>().unwrap()
    };
    assert_eq!(weights(3), weights(3));
    assert_ne!(weights(3), weights(4));
}

#[test]
fn loaded_tensors_give_the_same_logits() {
    let network = build(&small(), 1);
    let tensors = tensors_by_name(&network).into_iter().collect();
    let weights = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
    let copy = LeNet::new(&small(), weights).unwrap();
    let images = Tensor::ones((2, 1, 16, 16), DType::F32, &Device::Cpu).unwrap();
    let logits = |n: &LeNet| n.forward(&images).unwrap().to_vec2::<f32>().unwrap();
    assert_eq!(logits(&network), logits(&copy));
}

#[test]
fn rejects_a_tensor_that_does_not_fit_by_name() {
    let network = build(&small(), 1);
    let tensors = tensors_by_name(&network);
    let error = |tensors: &BTreeMap<String, Tensor>| {
        set_parameters(&network, tensors).unwrap_err().to_string()
    };
    let mut missing = tensors.clone();
    missing.remove("fc1.bias");
    assert!(error(&missing).contains("tensor fc1.bias: is missing"));
    let mut reshaped = tensors.clone();
    reshaped.insert(
        "fc2.weight".into(),
        Tensor::zeros((4, 6), DType::F32, &Device::Cpu).unwrap(),
    );
    let message = error(&reshaped);
    assert!(
        message.contains("fc2.weight: is [4, 6] of f32"),
        "{message}"
    );
    assert!(message.contains("needs [4, 5]"), "{message}");
    let mut extra = tensors.clone();
    extra.insert(
        "fc4.bias".into(),
        Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap(),
    );
    assert!(error(&extra).contains("fc4.bias"));
}

#[test]
fn rejects_images_of_another_size() {
    let network = build(&small(), 1);
    let images = Tensor::zeros((2, 1, 20, 20), DType::F32, &Device::Cpu).unwrap();
    let message = network.forward_output(&images).unwrap_err().to_string();
    assert!(message.contains("[2, 1, 20, 20]"), "{message}");
    assert!(message.contains("[n, 1, 16, 16]"), "{message}");
}
