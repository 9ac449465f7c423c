//! Measurements on one trained network with every read-out that it has.

use nodule_battery::scores::{DecisionScores, PredictionsCsv, evaluate_read_out};
use nodule_battery::sets::SharedSets;
use nodule_eval::{FittedReadOut, ReadOut};
use nodule_nn::Network;
use nodule_study::records::ReadOutEvaluation;
use nodule_study::settings::choose_map_read_out;
use nodule_train::{Inference, infer};

use super::attribution::score_maps;
use super::decision_model::{DecisionModel, LinearReadOut};
use super::decision_scores::{decision_scores, embeddings};
use crate::Error;
use crate::images::LabelledSet;

/// Measurements on one network.
pub(crate) struct Measurements {
    pub(crate) read_outs: Vec<ReadOutEvaluation>,
    /// Fitted read-outs, in the same order.
    pub(crate) fitted: Vec<FittedReadOut>,
    /// Contents of `predictions.csv`.
    pub(crate) predictions: Vec<u8>,
}

/// Training or validation images of a run, with the network's embeddings and logits.
pub(crate) struct EmbeddedSet<'a> {
    pub(crate) data: &'a LabelledSet,
    pub(crate) inference: Inference,
}

impl<'a> EmbeddedSet<'a> {
    /// Runs `network` on `data`.
    pub(crate) fn new(network: &dyn Network, data: &'a LabelledSet) -> Result<Self, Error> {
        let inference = infer(network, &data.images)?;
        Ok(Self { data, inference })
    }
}

/// Measures `network` with `read_outs`, which are fitted on its training images only.
pub(crate) fn measure_network(
    run: &str,
    network: &dyn Network,
    read_outs: &[ReadOut],
    (training, validation): (&EmbeddedSet, &EmbeddedSet),
    shared: &SharedSets,
) -> Result<Measurements, Error> {
    let infer_images = |images: &[f32]| infer(network, images);
    let tests = shared
        .tests
        .iter()
        .map(|set| infer_images(set.images()))
        .collect::<Result<Vec<_>, _>>()?;
    let pairs = shared
        .pairs
        .iter()
        .map(|pairs| Ok([infer_images(&pairs.low)?, infer_images(&pairs.high)?]))
        .collect::<Result<Vec<_>, Error>>()?;
    let plane = shared.plane.as_ref();
    let plane = plane.map(|plane| infer_images(&plane.images)).transpose()?;
    let read_out_of_maps = choose_map_read_out(read_outs);

    let mut predictions = PredictionsCsv::new(run);
    let (mut evaluations, mut all_fitted) = (Vec::new(), Vec::new());
    for &read_out in read_outs {
        let fitted = read_out.fit(embeddings(&training.inference)?, &training.data.labels)?;
        let score = |inference: &Inference| decision_scores(&fitted, inference);
        let score_pair = |[low, high]: &[Inference; 2]| Ok([score(low)?, score(high)?]);
        let scores = DecisionScores {
            validation: score(&validation.inference)?,
            tests: tests.iter().map(score).collect::<Result<_, _>>()?,
            pairs: (pairs.iter().map(score_pair)).collect::<Result<_, Error>>()?,
            plane: plane.as_ref().map(score).transpose()?,
        };
        for (set, scores) in shared.tests.iter().zip(&scores.tests) {
            predictions.add(set, read_out, scores)?;
        }
        let labels = &validation.data.labels;
        let mut evaluation = evaluate_read_out(read_out, &scores, labels, shared)?;
        let has_maps = read_out_of_maps == Some(read_out);
        if let Some(data) = shared.maps.as_ref().filter(|_| has_maps) {
            let decision = DecisionModel::new(network, &LinearReadOut::from_fitted(&fitted)?)?;
            evaluation.maps = score_maps(&decision, data, evaluation.score_sd)?;
        }
        evaluations.push(evaluation);
        all_fitted.push(fitted);
    }
    Ok(Measurements {
        read_outs: evaluations,
        fitted: all_fitted,
        predictions: predictions.finish()?,
    })
}
