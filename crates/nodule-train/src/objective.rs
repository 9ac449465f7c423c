//! Quantity that a training step minimises: the loss of the outputs after dropout and projection.

use candle_core::Tensor;
use nodule_nn::{Loss, Network, Output, ProjectionHead};
use nodule_seed::stream;

/// A loss that is computed after dropout of the embedding, and of its projection.
#[derive(Debug)]
pub(crate) struct Objective<'a> {
    pub(crate) network: &'a dyn Network,
    pub(crate) loss: &'a dyn Loss,
    pub(crate) projection: Option<&'a ProjectionHead>,
    /// Factors of the embeddings `[n, dimension]`; `None` without dropout and for validation.
    pub(crate) dropout: Option<Tensor>,
}

impl Loss for Objective<'_> {
    fn trains_head(&self) -> bool {
        self.loss.trains_head()
    }

    fn views(&self) -> usize {
        self.loss.views()
    }

    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, nodule_nn::Error> {
        let mut output = output.clone();
        if let Some(factors) = &self.dropout {
            output.embedding = (output.embedding * factors)?;
            output.logits = self.network.forward_logits(&output.embedding)?;
        }
        if let Some(head) = self.projection {
            output = head.project(&output)?;
        }
        self.loss.compute(&output, labels)
    }
}

/// Returns factors of `count` embeddings of `dimension` numbers: 0 with probability `rate`, else `1 / (1 - rate)`, which
/// keeps the mean (Srivastava et al. 2014, inverted as in PyTorch).
pub(crate) fn draw_dropout(rate: f64, count: usize, dimension: usize, seed: u64) -> Vec<f32> {
    let mut random = stream(seed);
    let kept = (1.0 / (1.0 - rate)) as f32;
    (0..count * dimension)
        .map(|_| if random.uniform() < rate { 0.0 } else { kept })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use candle_core::{DType, Device, Var};
    use candle_nn::Optimizer;
    use nodule_nn::losses::{Contrastive, Joint};
    use nodule_nn::{LeNet, LeNetConfig, VarBuilder};

    use super::*;
    use crate::{FusedOptimizer, OptimizerConfig, UpdateRule};

    #[test]
    fn ten_steps_with_dropout_equal_those_of_pytorch() {
        let root = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/golden/training/");
        let file = format!("{root}training.safetensors");
        let tensors = candle_core::safetensors::load(file, &Device::Cpu).unwrap();
        let initial: HashMap<String, Tensor> = tensors
            .iter()
            .filter_map(|(name, value)| {
                Some((name.strip_prefix("initial.")?.to_owned(), value.clone()))
            })
            .collect();
        let architecture = LeNetConfig {
            image_size: 23,
            channels: [3, 5],
            hidden: 9,
            embedding: 7,
        };
        let weights = VarBuilder::from_tensors(initial, DType::F32, &Device::Cpu);
        let network = LeNet::new(&architecture, weights).unwrap();
        let contrastive = Contrastive {
            margin: 0.75,
            ..Contrastive::default()
        };
        let loss = Joint {
            weight: 0.5,
            term: contrastive,
        };
        let config = OptimizerConfig {
            rule: UpdateRule::Sgd { momentum: 0.9 },
            ..OptimizerConfig::adam(0.02)
        };
        let parameters: Vec<Var> = network.parameters().into_iter().map(|(_, p)| p).collect();
        let mut optimizer = FusedOptimizer::new(parameters, config).unwrap();
        let labels = tensors["labels"].to_dtype(DType::U32).unwrap();
        for step in 0..10 {
            let objective = Objective {
                network: &network,
                loss: &loss,
                projection: None,
                dropout: Some(tensors["masks"].get(step).unwrap()),
            };
            let (_, gradients) = network
                .gradients(&tensors["images"], &labels, &objective)
                .unwrap();
            optimizer.step(&gradients).unwrap();
        }
        let values = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        for (name, parameter) in network.parameters() {
            let theirs = values(&tensors[&format!("dropout.{name}")]);
            let norm = |values: &[f32]| values.iter().map(|v| v.powi(2)).sum::<f32>().sqrt();
            let ours = values(&parameter);
            let differences: Vec<f32> = ours.iter().zip(&theirs).map(|(a, b)| a - b).collect();
            let relative = norm(&differences) / norm(&theirs);
            assert!(relative < 1e-6, "{name}: {relative:e}");
        }
    }

    #[test]
    fn dropout_keeps_the_mean_and_depends_on_the_seed() {
        let factors = draw_dropout(0.25, 100, 100, 7);
        let mean = factors.iter().sum::<f32>() / 1e4;
        assert!((mean - 1.0).abs() < 0.02, "{mean}");
        let dropped = factors.iter().filter(|f| **f == 0.0).count();
        assert!((2300..2700).contains(&dropped), "{dropped}");
        assert_eq!(factors, draw_dropout(0.25, 100, 100, 7));
        assert_ne!(factors, draw_dropout(0.25, 100, 100, 8));
    }
}
