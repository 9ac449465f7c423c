//! Layers and the residual network against PyTorch: see tests/golden/README.md at the workspace's root.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::{BTreeMap, HashMap};

use candle_core::{DType, Device, Tensor, Var};
use nodule_nn::loss::CrossEntropy;
use nodule_nn::{
    Architecture, Loss, ResidualConfig, Stride, conv2d, group_norm, group_norm_relu, max_pool2,
    set_parameters,
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

/// The layer's value, and its gradients under the loss of the vectors.
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
    let hows: Vec<[usize; 2]> = serde_json::from_value(settings["convolutions"].clone()).unwrap();
    assert_eq!(hows.len(), 6);
    for (i, [stride, padding]) in hows.into_iter().enumerate() {
        let convolved = |v: &[Var]| conv2d(&v[0], &v[1], Stride { stride, padding }).unwrap();
        assert_layer(&all, &format!("conv{i}"), convolved);
        assert_layer(&all, &format!("pooled{i}"), |v| {
            max_pool2(&convolved(v)).unwrap()
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
fn the_residual_network_agrees_by_graph_and_by_hand() {
    let (all, settings) = golden("residual");
    for stem_stride in [1, 2] {
        let mut config: ResidualConfig = serde_json::from_value(settings.clone()).unwrap();
        config.stem_stride = stem_stride;
        let network = config.build(0, &Device::Cpu).unwrap();
        let of = |name: &str| format!("stride{stem_stride}.{name}");
        let initial: BTreeMap<String, Tensor> = all
            .iter()
            .filter_map(|(k, v)| Some((k.strip_prefix(&of("initial."))?.to_owned(), v.clone())))
            .collect();
        set_parameters(network.as_ref(), &initial).unwrap();
        let labels = all[&of("labels")].to_dtype(DType::U32).unwrap();
        let images = Var::from_tensor(&all[&of("images")]).unwrap();
        let output = network.forward(&images).unwrap();
        assert_close(&all, &of("embedding"), &output.embedding);
        assert_close(&all, &of("logits"), &output.logits);
        let value = CrossEntropy.compute(&output, &labels).unwrap();
        let graph = value.backward().unwrap();
        assert_close(&all, &of("gradient.images"), graph.get(&images).unwrap());
        let (value, by_hand) = network.gradients(&images, &labels, &CrossEntropy).unwrap();
        assert_close(&all, &of("value"), &value);
        for (name, parameter) in network.parameters() {
            for gradients in [&graph, &by_hand] {
                let gradient = gradients.get(&parameter).unwrap();
                assert_close(&all, &of(&format!("gradient.{name}")), gradient);
            }
        }
    }
}
