//! Adam against PyTorch: ten steps from the same weights on the same batch. See `tests/golden/README.md` in the root of
//! the workspace.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use nodule_nn::{LOSSES, LeNet, LeNetConfig, Loss, Network, VarBuilder};
use nodule_train::{FusedOptimizer, Optimizer, OptimizerConfig};

/// Allowed norm of the difference, relative to the norm of the tensor. Single values may differ by more: if a gradient
/// is pure rounding, Adam's first steps follow its sign, and PyTorch in single precision differs from double precision
/// by up to 2.2e-4.
const TOLERANCE: f64 = 1e-4;

struct Case {
    tensors: HashMap<String, Tensor>,
    config: LeNetConfig,
    settings: serde_json::Value,
}

fn load_case(name: &str) -> Case {
    let path = format!(
        "{}/../../tests/golden/{name}.safetensors",
        env!("CARGO_MANIFEST_DIR")
    );
    let bytes = std::fs::read(path).unwrap();
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let settings = &header.metadata().as_ref().unwrap()["settings"];
    let settings: serde_json::Value = serde_json::from_str(settings).unwrap();
    let size = |value: &serde_json::Value| value.as_u64().unwrap() as usize;
    Case {
        tensors: candle_core::safetensors::load_buffer(&bytes, &Device::Cpu).unwrap(),
        config: LeNetConfig {
            image_size: size(&settings["image_size"]),
            channels: [
                size(&settings["channels"][0]),
                size(&settings["channels"][1]),
            ],
            hidden: size(&settings["hidden"]),
            embedding: size(&settings["embedding"]),
        },
        settings,
    }
}

fn assert_ten_steps_agree(case: &Case, loss_name: &str, loss: &dyn Loss) {
    let initial: HashMap<String, Tensor> = case
        .tensors
        .iter()
        .filter_map(|(k, v)| Some((k.strip_prefix("initial.")?.to_owned(), v.clone())))
        .collect();
    let weights = VarBuilder::from_tensors(initial.clone(), DType::F32, &Device::Cpu);
    let network = LeNet::new(&case.config, weights).unwrap();
    let labels = case.tensors["labels"].to_dtype(DType::U32).unwrap();
    let parameters = network.parameters().into_iter().map(|(_, p)| p).collect();
    let mut optimizer = FusedOptimizer::new(parameters, OptimizerConfig::adam(1e-3)).unwrap();
    for _ in 0..10 {
        let output = network.forward_output(&case.tensors["images"]).unwrap();
        let value = loss.compute(&output, &labels).unwrap();
        optimizer.step(&value.backward().unwrap()).unwrap();
    }
    for (name, parameter) in network.parameters() {
        let values = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let ours = values(&parameter);
        let theirs = values(&case.tensors[&format!("{loss_name}.adam10.{name}")]);
        let before = values(&initial[&name]);
        let is_unchanged = name.starts_with("fc3") && !loss.trains_head();
        assert_eq!(theirs == before, is_unchanged, "{name}");
        let norm = |values: &mut dyn Iterator<Item = f32>| {
            values.map(|v| f64::from(v).powi(2)).sum::<f64>().sqrt()
        };
        let difference = norm(&mut ours.iter().zip(&theirs).map(|(a, b)| a - b));
        let relative = difference / norm(&mut theirs.iter().copied());
        assert!(relative <= TOLERANCE, "{loss_name} {name}: {relative:e}");
    }
}

#[test]
fn ten_steps_agree_for_every_loss() {
    for name in ["odd", "full"] {
        let case = load_case(name);
        for kind in LOSSES {
            let defaults = kind.schema().defaults().into_iter();
            // In the golden settings `embedding` is the width of the network; the losses use the default of theirs.
            let settings = defaults
                .filter(|(name, _)| name != "embedding")
                .map(|(name, _)| {
                    let value = case.settings[&name].clone();
                    (name, value)
                })
                .collect();
            let loss = kind.build(&settings).unwrap();
            assert_ten_steps_agree(&case, kind.name(), loss.as_ref());
        }
    }
}
