//! One decision value for every loss and read-out, as something that can be differentiated: the
//! logit margin of the head, or a plane on the unit sphere of embeddings.

use crate::Error;
use candle_core::{D, Result, Tensor};
use nodule_error::{invalid_value, one_of};
use nodule_eval::{FittedReadOut, Hyperplane, LinearDecision, ReadOut};
use nodule_explain::Model;
use nodule_nn::{ConvolutionalNetwork, Network, Output};

/// Added to squared norms inside the root, as the contrastive loss does.
const EPSILON: f64 = 1e-12;

/// A network under a read-out.
pub(crate) struct Decision<'a> {
    network: &'a dyn Network,
    /// None for the network's own head.
    plane: Option<(Tensor, f64)>,
}

/// A read-out of one network as far as maps need it: all that is left of its training images is a plane.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LinearReadOut {
    pub(crate) read_out: ReadOut,
    pub(crate) linear: LinearDecision,
}

/// What maps need of `fitted`.
///
/// # Errors
/// [`Error::Setting`] for a read-out whose decision has no derivative.
pub(crate) fn linear(fitted: &FittedReadOut) -> std::result::Result<LinearReadOut, Error> {
    let read_out = fitted.read_out();
    match fitted.linear() {
        Some(linear) => Ok(LinearReadOut { read_out, linear }),
        None => {
            let known = ReadOut::ALL.into_iter().filter(|r| r.has_derivative());
            let allowed = one_of(known.map(ReadOut::name));
            let allowed = format!("{allowed}: its decision has no derivative");
            Err(invalid_value("read-out", read_out, allowed)
                .at("maps")
                .into())
        }
    }
}

/// The decision of `network` under a read-out of it.
///
/// # Errors
/// If the device fails.
pub(crate) fn decision<'a>(
    network: &'a dyn Network,
    read_out: &LinearReadOut,
) -> std::result::Result<Decision<'a>, Error> {
    let plane = match &read_out.linear {
        LinearDecision::Hyperplane(Hyperplane { weights, offset }) => {
            let shape = (weights.len(), 1);
            let weights = Tensor::from_slice(weights, shape, network.device());
            let weights = weights.map_err(nodule_explain::Error::from)?;
            Some((weights, f64::from(*offset)))
        }
        LinearDecision::LogitMargin => None,
    };
    Ok(Decision { network, plane })
}

impl Decision<'_> {
    fn of(&self, output: &Output) -> Result<Tensor> {
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
}

impl Decision<'_> {
    fn convolutional(&self) -> Result<&dyn ConvolutionalNetwork> {
        let network = self.network.as_convolutional();
        network.ok_or_else(|| candle_core::Error::msg("a network without feature maps"))
    }
}

impl Model for Decision<'_> {
    fn decide(&self, images: &Tensor) -> Result<Tensor> {
        self.of(&self.network.forward_output(images)?)
    }

    fn has_feature_maps(&self) -> bool {
        self.network.as_convolutional().is_some()
    }

    fn feature_maps(&self, images: &Tensor) -> Result<Tensor> {
        Ok(self.convolutional()?.forward_features(images)?)
    }

    fn decide_from_feature_maps(&self, features: &Tensor) -> Result<Tensor> {
        self.of(&self.convolutional()?.forward_head(features)?)
    }
}

#[cfg(test)]
mod tests {
    use candle_core::Device;
    use nodule_nn::{LeNet, LeNetConfig, seeded_weights};
    use nodule_synth::{Distribution, Generator, GeneratorSettings, Outlines};
    use nodule_train::infer;

    use super::*;
    use crate::images::image_tensor;
    use crate::measure::{decision_values, embeddings};

    #[test]
    fn decisions_are_the_scores_of_their_read_out_and_knn_has_none() {
        let settings = GeneratorSettings {
            image_size: 32,
            ..GeneratorSettings::default()
        };
        let generator = Generator::new(settings, Outlines::lidc()).unwrap();
        let both = Distribution::resolve("both").unwrap();
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
            let linear = linear(&fitted);
            if read_out == ReadOut::Knn {
                let message = linear.err().unwrap().to_string();
                assert!(message.contains("knn"), "{message}");
                continue;
            }
            let decision = decision(&network, &linear.unwrap()).unwrap();
            let decided = decision.decide(&image_tensor(&data).unwrap());
            let decided = decided.unwrap().to_vec1::<f32>().unwrap();
            for (ours, theirs) in decided
                .iter()
                .zip(decision_values(&fitted, &inference).unwrap())
            {
                assert!((ours - theirs).abs() < 1e-4, "{read_out}: {ours} {theirs}");
            }
        }
    }
}
