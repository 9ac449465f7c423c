//! One trained network, measured under every read-out that it has.

use crate::Error;
use nodule_battery::scores::{DecisionScores, PredictionsCsv, evaluate_read_out};
use nodule_battery::sets::SharedSets;
use nodule_eval::{FittedReadOut, ReadOut};
use nodule_nn::Network;
use nodule_study::records::ReadOutEvaluation;
use nodule_study::settings::choose_map_read_out;
use nodule_train::{Inference, infer};

use super::attribution::score_maps;
use super::decision::{decision, linear};
use super::decision_values::{decision_values, embeddings};
use crate::images::Labelled;

/// What was measured, and the decisions behind it.
pub(crate) struct Measured {
    pub(crate) read_outs: Vec<ReadOutEvaluation>,
    /// The read-outs themselves, for what else is asked of the network.
    pub(crate) fitted: Vec<FittedReadOut>,
    /// `predictions.csv`.
    pub(crate) predictions: Vec<u8>,
}

/// Images of the run's own, and what the network says of them.
pub(crate) struct Embedded<'a> {
    pub(crate) data: &'a Labelled,
    pub(crate) inference: Inference,
}

impl<'a> Embedded<'a> {
    /// What `network` says of `data`.
    pub(crate) fn new(network: &dyn Network, data: &'a Labelled) -> Result<Self, Error> {
        let inference = infer(network, &data.images)?;
        Ok(Self { data, inference })
    }
}

/// Measures `network` with the read-outs it has, fitted on its training images alone.
pub(crate) fn measure(
    run: &str,
    network: &dyn Network,
    read_outs: &[ReadOut],
    (training, validation): (&Embedded, &Embedded),
    shared: &SharedSets,
) -> Result<Measured, Error> {
    let of = |images: &[f32]| infer(network, images);
    let tests = shared.tests.iter().map(|set| of(set.images()));
    let tests = tests.collect::<Result<Vec<_>, _>>()?;
    let pairs = shared.pairs.iter().map(|p| Ok([of(&p.low)?, of(&p.high)?]));
    let pairs = pairs.collect::<Result<Vec<_>, Error>>()?;
    let square = shared.plane.as_ref();
    let square = square.map(|s| of(&s.images));
    let square = square.transpose()?;
    let mapped = choose_map_read_out(read_outs);

    let mut predictions = PredictionsCsv::new(run);
    let (mut all, mut all_fitted) = (Vec::new(), Vec::new());
    for &read_out in read_outs {
        let fitted = read_out.fit(embeddings(&training.inference)?, &training.data.labels)?;
        let values = |inference: &Inference| decision_values(&fitted, inference);
        let ends = |[low, high]: &[Inference; 2]| Ok([values(low)?, values(high)?]);
        let decided = DecisionScores {
            validation: values(&validation.inference)?,
            tests: tests.iter().map(values).collect::<Result<_, _>>()?,
            pairs: pairs.iter().map(ends).collect::<Result<_, Error>>()?,
            plane: square.as_ref().map(values).transpose()?,
        };
        for (set, decided) in shared.tests.iter().zip(&decided.tests) {
            predictions.add(set, read_out, decided)?;
        }
        let labels = &validation.data.labels;
        let mut measured = evaluate_read_out(read_out, &decided, labels, shared)?;
        if let Some(data) = shared.maps.as_ref().filter(|_| mapped == Some(read_out)) {
            let decision = decision(network, &linear(&fitted)?)?;
            measured.maps = score_maps(&decision, data, measured.score_sd)?;
        }
        all.push(measured);
        all_fitted.push(fitted);
    }
    Ok(Measured {
        read_outs: all,
        fitted: all_fitted,
        predictions: predictions.finish()?,
    })
}
