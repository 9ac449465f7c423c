//! The LeNet and the losses against PyTorch's values. `tests/golden/README.md` in the workspace describes the files.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashMap;
use std::sync::Arc;

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::VarBuilder;
use nodule_nn::losses::raw_contrastive;
use nodule_nn::{LOSSES, LeNet, LeNetConfig, Loss, Network, Table};

/// Allowed difference, relative to the largest value of the tensor.
const TOLERANCE: f64 = 1e-4;

struct Golden {
    tensors: HashMap<String, Tensor>,
    config: LeNetConfig,
    /// Every loss of the crate by name, with the settings of the golden values.
    losses: Vec<(&'static str, Arc<dyn Loss>)>,
}

fn golden(case: &str) -> Golden {
    let path = format!(
        "{}/../../tests/golden/{case}.safetensors",
        env!("CARGO_MANIFEST_DIR")
    );
    let bytes = std::fs::read(path).unwrap();
    let (_, header) = safetensors::SafeTensors::read_metadata(&bytes).unwrap();
    let settings = &header.metadata().as_ref().unwrap()["settings"];
    let settings: serde_json::Value = serde_json::from_str(settings).unwrap();
    let size = |key: &str| settings[key].as_u64().unwrap() as usize;
    let channel = |i: usize| settings["channels"][i].as_u64().unwrap() as usize;
    let losses = LOSSES.iter().map(|kind| {
        let known: Table = kind.schema().defaults();
        // In the file, `embedding` is the network's width; the losses use the default of their own `embedding`.
        let used = known.into_iter().filter(|(name, _)| name != "embedding");
        let used = used.map(|(name, _)| {
            let value = settings[&name].clone();
            (name, value)
        });
        (kind.name(), kind.build(&used.collect()).unwrap())
    });
    Golden {
        tensors: candle_core::safetensors::load_buffer(&bytes, &Device::Cpu).unwrap(),
        config: LeNetConfig {
            image_size: size("image_size"),
            channels: [channel(0), channel(1)],
            hidden: size("hidden"),
            embedding: size("embedding"),
        },
        losses: losses.collect(),
    }
}

impl Golden {
    fn network(&self) -> LeNet {
        let initial: HashMap<String, Tensor> = self
            .tensors
            .iter()
            .filter_map(|(k, v)| Some((k.strip_prefix("initial.")?.to_owned(), v.clone())))
            .collect();
        let weights = VarBuilder::from_tensors(initial, DType::F32, &Device::Cpu);
        LeNet::new(&self.config, weights).unwrap()
    }

    fn labels(&self) -> Tensor {
        self.tensors["labels"].to_dtype(DType::U32).unwrap()
    }

    fn assert_close(&self, name: &str, ours: &Tensor) {
        assert_close(name, ours, &self.tensors[name]);
    }
}

fn assert_close(name: &str, ours: &Tensor, theirs: &Tensor) {
    assert_eq!(ours.dims(), theirs.dims(), "{name}");
    let values = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let (ours, theirs) = (values(ours), values(theirs));
    let scale = theirs.iter().fold(0.0f64, |m, v| m.max(f64::from(v.abs())));
    assert!(scale > 0.0, "{name} is all zeros and proves nothing");
    for (i, (a, b)) in ours.iter().zip(&theirs).enumerate() {
        let difference = f64::from((a - b).abs());
        assert!(
            difference <= TOLERANCE * scale,
            "{name}[{i}]: {a}, PyTorch has {b}"
        );
    }
}

#[test]
fn forward_agrees() {
    for case in ["odd", "full"] {
        let golden = golden(case);
        let output = golden
            .network()
            .forward_output(&golden.tensors["images"])
            .unwrap();
        golden.assert_close("embedding", &output.embedding);
        golden.assert_close("logits", &output.logits);
    }
}

#[test]
fn every_loss_and_every_gradient_agree() {
    for case in ["odd", "full"] {
        let golden = golden(case);
        for (loss_name, loss) in &golden.losses {
            let network = golden.network();
            let images = Var::from_tensor(&golden.tensors["images"]).unwrap();
            let output = network.forward_output(&images).unwrap();
            let value = loss.compute(&output, &golden.labels()).unwrap();
            golden.assert_close(&format!("{loss_name}.value"), &value);
            let gradients = value.backward().unwrap();
            let mut compared = 0;
            for (name, parameter) in network.parameters() {
                let key = format!("{loss_name}.gradient.{name}");
                let ours = gradients.get(&parameter);
                assert_eq!(
                    ours.is_some(),
                    golden.tensors.contains_key(&key),
                    "{case} {key}"
                );
                if let Some(ours) = ours {
                    golden.assert_close(&key, ours);
                    compared += 1;
                }
            }
            assert_eq!(compared, if loss.trains_head() { 10 } else { 8 }, "{case}");
            let key = format!("{loss_name}.gradient.images");
            golden.assert_close(&key, gradients.get(&images).unwrap());
        }
    }
}

/// [`Network::gradients`], which training uses, bypasses Candle's graph for the large layers.
#[test]
fn gradients_for_training_agree() {
    for case in ["odd", "full"] {
        let golden = golden(case);
        for (loss_name, loss) in &golden.losses {
            let network = golden.network();
            let images = &golden.tensors["images"];
            let (value, gradients) = network
                .gradients(images, &golden.labels(), loss.as_ref())
                .unwrap();
            golden.assert_close(&format!("{loss_name}.value"), &value);
            for (name, parameter) in network.parameters() {
                let key = format!("{loss_name}.gradient.{name}");
                match gradients.get(&parameter) {
                    Some(ours) => golden.assert_close(&key, ours),
                    None => assert!(!golden.tensors.contains_key(&key), "{case} {key}"),
                }
            }
        }
    }
}

/// The rows include two equal ones of different classes.
#[test]
fn contrastive_loss_of_raw_embeddings_agrees() {
    let path = format!(
        "{}/../../tests/golden/raw.safetensors",
        env!("CARGO_MANIFEST_DIR")
    );
    let tensors = candle_core::safetensors::load(path, &Device::Cpu).unwrap();
    let labels = tensors["labels"].to_dtype(DType::U32).unwrap();
    let mut compared = 0;
    for rows in ["apart", "twins"] {
        for (text, margin) in [("1.0", 1.0), ("2.0", 2.0), ("8.0", 8.0)] {
            let x = Var::from_tensor(&tensors[rows]).unwrap();
            let value = raw_contrastive(&x, &labels, margin).unwrap();
            let gradients = value.backward().unwrap();
            let name = |what: &str| format!("{rows}.{text}.{what}");
            for (what, ours) in [("value", &value), ("gradient", gradients.get(&x).unwrap())] {
                assert_close(&name(what), ours, &tensors[&name(what)]);
                compared += 1;
            }
        }
    }
    assert_eq!(compared, 12);
}
