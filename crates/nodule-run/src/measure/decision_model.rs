//! Differentiable decision score of a network with a linear read-out, for attribution methods.

use candle_core::{D, Result, Tensor};
use nodule_error::{invalid_value, one_of};
use nodule_eval::{FittedReadOut, Hyperplane, LinearDecision, ReadOut};
use nodule_explain::Model;
use nodule_nn::{ConvolutionalNetwork, Network, Output};

use crate::Error;

/// Added to squared norms inside the root, as in the contrastive loss.
const EPSILON: f64 = 1e-12;

/// Decision score of a network with a linear read-out: the logit margin of the head, or the signed distance to a
/// hyperplane on the unit sphere of embeddings.
pub(crate) struct DecisionModel<'a> {
    network: &'a dyn Network,
    /// Weights and offset of the hyperplane; `None` for the network's own head.
    plane: Option<(Tensor, f64)>,
}

/// Linear read-out of one network, without its training images.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinearReadOut {
    pub(crate) read_out: ReadOut,
    pub(crate) linear: LinearDecision,
}

impl LinearReadOut {
    /// Returns the linear form of `fitted`.
    ///
    /// # Errors
    /// For a read-out whose decision has no derivative.
    pub(crate) fn from_fitted(fitted: &FittedReadOut) -> std::result::Result<Self, Error> {
        let read_out = fitted.read_out();
        match fitted.linear() {
            Some(linear) => Ok(Self { read_out, linear }),
            None => {
                let differentiable = ReadOut::ALL.into_iter().filter(|r| r.has_derivative());
                let names = one_of(differentiable.map(ReadOut::name));
                let allowed = format!("{names}: its decision has no derivative");
                let error = invalid_value("read-out", read_out, allowed);
                Err(error.at("maps").into())
            }
        }
    }
}

impl<'a> DecisionModel<'a> {
    /// Returns the decision score of `network` with a read-out fitted on its embeddings.
    pub(crate) fn new(
        network: &'a dyn Network,
        read_out: &LinearReadOut,
    ) -> std::result::Result<Self, Error> {
        let plane = match &read_out.linear {
            LinearDecision::Hyperplane(Hyperplane { weights, offset }) => {
                let shape = (weights.len(), 1);
                let weights = Tensor::from_slice(weights, shape, network.device())?;
                Some((weights, f64::from(*offset)))
            }
            LinearDecision::LogitMargin => None,
        };
        Ok(Self { network, plane })
    }

    fn score(&self, output: &Output) -> Result<Tensor> {
        let Some((weights, offset)) = &self.plane else {
            let logits = &output.logits;
            let margin = logits.narrow(1, 1, 1)?.sub(&logits.narrow(1, 0, 1)?)?;
            return margin.squeeze(1);
        };
        let embedding = &output.embedding;
        let norm = (embedding.sqr()?.sum_keepdim(D::Minus1)? + EPSILON)?.sqrt()?;
        embedding
            .broadcast_div(&norm)?
            .matmul(weights)?
            .squeeze(1)?
            + *offset
    }

    fn convolutional(&self) -> Result<&dyn ConvolutionalNetwork> {
        let network = self.network.as_convolutional();
        network.ok_or_else(|| candle_core::Error::msg("the network has no feature maps"))
    }
}

impl Model for DecisionModel<'_> {
    fn decide(&self, images: &Tensor) -> Result<Tensor> {
        self.score(&self.network.forward_output(images)?)
    }

    fn has_feature_maps(&self) -> bool {
        self.network.as_convolutional().is_some()
    }

    fn feature_maps(&self, images: &Tensor) -> Result<Tensor> {
        Ok(self.convolutional()?.forward_features(images)?)
    }

    fn decide_from_feature_maps(&self, features: &Tensor) -> Result<Tensor> {
        self.score(&self.convolutional()?.forward_head(features)?)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use nodule_nn::{LeNet, LeNetConfig, seeded_weights};
    use nodule_synth::{Distribution, Generator, GeneratorSettings, Outlines};
    use nodule_train::infer;

    use super::*;
    use crate::images::dataset_to_tensor;
    use crate::measure::{decision_scores, embeddings};

    #[test]
    fn decision_scores_equal_those_of_the_read_out_and_knn_is_rejected() {
        let settings = GeneratorSettings {
            image_size: 32,
            ..GeneratorSettings::default()
        };
        let generator = Generator::new(settings, Outlines::lidc()).unwrap();
        let both = Distribution::from_name("both").unwrap();
        let data = generator.generate(&both, 3, 0..24).unwrap();
        let config = LeNetConfig {
            image_size: 32,
            ..LeNetConfig::default()
        };
        let network = LeNet::new(&config, seeded_weights(5, &Device::Cpu)).unwrap();
        let inference = infer(&network, &data.images).unwrap();
        for read_out in ReadOut::ALL {
            let fitted = read_out
                .fit(embeddings(&inference).unwrap(), &data.class_indices())
                .unwrap();
            let linear = LinearReadOut::from_fitted(&fitted);
            if read_out == ReadOut::Knn {
                let message = linear.err().unwrap().to_string();
                assert!(message.contains("knn"), "{message}");
                continue;
            }
            let decision = DecisionModel::new(&network, &linear.unwrap()).unwrap();
            let scores = decision.decide(&dataset_to_tensor(&data).unwrap()).unwrap();
            let scores = scores.to_vec1::<f32>().unwrap();
            for (ours, theirs) in scores
                .iter()
                .zip(decision_scores(&fitted, &inference).unwrap())
            {
                assert!((ours - theirs).abs() < 1e-4, "{read_out}: {ours} {theirs}");
            }
        }
    }
}
