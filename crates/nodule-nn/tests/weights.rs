//! Weights of the networks: pinned initial values, and loading through Candle's `VarBuilder`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use candle_nn::{Module, VarBuilder, VarMap};
use nodule_config::NetworkCost;
use nodule_nn::{LeNet, LeNetConfig, NETWORKS, Network, Table, seeded_weights};

/// Hash of all initial weights for seed 7, in the order of parameters (FNV-1a of their bytes), and settings that differ
/// from the default. A change here changes every trained network.
const PINNED: [(&str, &str, u64); 5] = [
    ("lenet", "{}", 0xa87f_a126_1370_3a14),
    (
        "lenet",
        r#"{"image_size": 41, "channels": [5, 7]}"#,
        0xc246_485d_edfe_8ac3,
    ),
    ("linear", r#"{"image_size": 40}"#, 0xdb22_8873_d27d_2f0d),
    ("residual", "{}", 0x70de_2f93_75a0_5f99),
    (
        "residual",
        r#"{"image_size": 33, "stem_stride": 2, "widths": [8, 8, 16], "groups": 4}"#,
        0xa15e_58c0_83cd_925e,
    ),
];

fn build(name: &str, settings: &str, seed: u64) -> Box<dyn Network> {
    let constructor = NETWORKS.iter().find(|c| c.name() == name).unwrap();
    let table: Table = serde_json::from_str(settings).unwrap();
    let architecture = constructor.build(&table).unwrap();
    architecture.build(seed, &Device::Cpu).unwrap()
}

fn tensors_by_name(network: &dyn Network) -> HashMap<String, Tensor> {
    let parameters = network.parameters().into_iter();
    parameters
        .map(|(name, parameter)| (name, parameter.as_detached_tensor()))
        .collect()
}

#[test]
fn initial_weights_are_stable() {
    for (name, settings, expected) in PINNED {
        let mut hash = 0xcbf2_9ce4_8422_2325_u64;
        for (_, parameter) in build(name, settings, 7).parameters() {
            let values = parameter.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            for byte in values.iter().flat_map(|v| v.to_bits().to_le_bytes()) {
                hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
            }
        }
        assert_eq!(hash, expected, "{name} {settings}: {hash:#018x}");
    }
}

#[test]
fn parameter_counts_match_the_estimated_cost() {
    for (name, settings, _) in PINNED {
        let parameters = build(name, settings, 1).parameters();
        let count: usize = parameters.iter().map(|(_, p)| p.elem_count()).sum();
        let table: Table = serde_json::from_str(settings).unwrap();
        let cost = NetworkCost::find(name, &table).unwrap();
        assert_eq!(count as u64, cost.parameters, "{name} {settings}");
    }
}

/// Saves and opens a network as a run and a Candle user do.
#[test]
fn a_safetensors_file_gives_the_same_logits() {
    let folder = tempfile::tempdir().unwrap();
    for (name, settings, _) in PINNED {
        let network = build(name, settings, 7);
        let path = folder.path().join("model.safetensors");
        candle_core::safetensors::save(&tensors_by_name(network.as_ref()), &path).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        let weights = VarBuilder::from_buffered_safetensors(bytes, DType::F32, &Device::Cpu);
        let table: Table = serde_json::from_str(settings).unwrap();
        let constructor = NETWORKS.iter().find(|c| c.name() == name).unwrap();
        let opened = constructor
            .build(&table)
            .unwrap()
            .load(weights.unwrap())
            .unwrap();
        let size = network.image_size();
        let images = Tensor::ones((3, 1, size, size), DType::F32, &Device::Cpu).unwrap();
        let logits = |network: &dyn Network| {
            let logits = network.forward(&images).unwrap();
            logits.to_vec2::<f32>().unwrap()
        };
        assert_eq!(logits(network.as_ref()), logits(opened.as_ref()), "{name}");
    }
}

#[test]
fn a_missing_tensor_is_named() {
    let network = build("lenet", "{}", 7);
    let mut tensors = tensors_by_name(network.as_ref());
    tensors.remove("conv2.bias");
    let weights = VarBuilder::from_tensors(tensors, DType::F32, &Device::Cpu);
    let message = LeNet::new(&LeNetConfig::default(), weights)
        .unwrap_err()
        .to_string();
    assert!(message.contains("conv2.bias"), "{message}");
}

#[test]
fn variables_of_a_var_map_are_shared() {
    let map = VarMap::new();
    let weights = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
    let network = LeNet::new(&LeNetConfig::default(), weights).unwrap();
    assert_eq!(map.all_vars().len(), 10);
    let [before, after] = [0.0, 1.0].map(|value| {
        for variable in map.all_vars() {
            let values = (variable.ones_like().unwrap() * value).unwrap();
            variable.set(&values).unwrap();
        }
        let (_, bias) = &network.parameters()[0];
        bias.to_vec1::<f32>().unwrap()
    });
    assert_eq!((before, after), (vec![0.0; 6], vec![1.0; 6]));
}

/// The prefix of a `VarBuilder` is part of the names of layers and parameters.
#[test]
fn a_prefix_is_part_of_all_names() {
    let weights = seeded_weights(1, &Device::Cpu).pp("backbone");
    let network = LeNet::new(&LeNetConfig::default(), weights).unwrap();
    assert_eq!(network.layers()[0], "backbone.conv1");
    assert_eq!(network.parameters()[0].0, "backbone.conv1.bias");
}
