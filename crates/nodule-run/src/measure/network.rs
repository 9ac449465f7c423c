//! One trained network, measured under every read-out that it has.

use nodule_eval::{ReadOut, Spread, best_threshold, fit, metrics, reliance};
use nodule_nn::Network;
use nodule_study::Error;
use nodule_study::records::{ModeReliance, ReadOutEvaluation};
use nodule_study::settings::map_read_out;
use nodule_synth::DataSet;
use nodule_train::{Inference, infer};

use super::attribution::score_maps;
use super::decision::decision;
use super::decision_values::{decision_values, embeddings};
use super::landscape::landscape;
use super::predictions::Predictions;
use super::test_sets::test_set;
use crate::images::{Pairs, SharedSets};

/// What was measured, and the decisions behind it.
pub(crate) struct Measured {
    pub(crate) read_outs: Vec<ReadOutEvaluation>,
    /// `predictions.csv`.
    pub(crate) predictions: Vec<u8>,
}

/// A data set, and what the network says of it.
pub(crate) struct Embedded<'a> {
    pub(crate) data: &'a DataSet,
    pub(crate) inference: Inference,
}

impl<'a> Embedded<'a> {
    /// What `network` says of `data`.
    pub(crate) fn new(network: &dyn Network, data: &'a DataSet) -> Result<Self, Error> {
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
    let pairs = shared.pairs.iter().map(|p| Ok((of(&p.low)?, of(&p.high)?)));
    let pairs = pairs.collect::<Result<Vec<_>, Error>>()?;
    let square = shared.landscape.as_ref();
    let square = square.map(|s| Ok::<_, Error>((s, of(&s.images)?)));
    let square = square.transpose()?;
    let mapped = map_read_out(read_outs);

    let mut predictions = Predictions::new(run);
    let mut all = Vec::new();
    for &read_out in read_outs {
        let fitted = fit(
            read_out,
            embeddings(&training.inference)?,
            &training.data.labels,
        )?;
        let validated = decision_values(&fitted, &validation.inference)?;
        let spread = Spread::of(&validated)?;
        let mut evaluations = Vec::new();
        for (set, inference) in shared.tests.iter().zip(&tests) {
            let decided = decision_values(&fitted, inference)?;
            evaluations.extend(test_set(set, &decided, spread)?);
            predictions.add(set, read_out, &decided)?;
        }
        let reliance = shared.pairs.iter().zip(&pairs);
        let reliance = reliance.map(|(pairs, (low, high))| {
            let ends = [low, high].map(|end| decision_values(&fitted, end));
            let [low, high] = ends;
            mode_reliance(pairs, &low?, &high?, spread)
        });
        let landscape = match &square {
            Some((square, inference)) => {
                landscape(square, &decision_values(&fitted, inference)?, spread)
            }
            None => Vec::new(),
        };
        let maps = match &shared.maps {
            Some(data) if mapped == Some(read_out) => {
                score_maps(&decision(network, &fitted)?, data, spread)?
            }
            _ => Vec::new(),
        };
        all.push(ReadOutEvaluation {
            read_out,
            spread,
            landscape,
            maps,
            validation: metrics(&validated, &validation.data.labels)?,
            validation_best: best_threshold(&validated, &validation.data.labels)?,
            tests: evaluations,
            reliance: reliance.collect::<Result<_, _>>()?,
        });
    }
    Ok(Measured {
        read_outs: all,
        predictions: predictions.finish()?,
    })
}

fn mode_reliance(
    pairs: &Pairs,
    low: &[f32],
    high: &[f32],
    spread: Spread,
) -> Result<ModeReliance, Error> {
    let measured = reliance(low, high, spread)?;
    Ok(ModeReliance {
        mode: pairs.mode,
        effect: measured.effect,
        flipped: measured.flipped,
        raised: measured.raised,
    })
}
