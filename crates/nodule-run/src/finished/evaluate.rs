//! A finished run, measured on a set of the user's choice.

use std::path::Path;

use crate::{Error, Models};
use nodule_battery::scores::external_metrics;
use nodule_battery::sets::{SharedSets, TestImages};
use nodule_eval::statistics::spearman;
use nodule_eval::{Metrics, ReadOut};
use nodule_images::LabelledImages;
use nodule_study::records::TestEvaluation;
use nodule_synth::Distribution;
use nodule_train::infer;

use super::fitted::fitted;
use super::open::{Sources, open_run};
use crate::measure::{Embedded, decision_values, measure};

/// Measures the run in `folder` on `n` images of `distribution`, with every read-out it has.
///
/// # Errors
/// [`Error::Folder`] if there is no finished run; [`Error::Record`] if its record cannot be read;
/// and whatever drawing, loading and measuring can find.
pub fn evaluate_run(
    folder: &Path,
    models: &Models,
    distribution: &Distribution,
    sources: &Sources,
    seed: u64,
    n: usize,
) -> Result<Vec<(ReadOut, TestEvaluation)>, Error> {
    let run = open_run(folder, models, sources)?;
    let test = run.asking.generate(distribution, seed, 0..n)?;
    let sets = SharedSets {
        tests: vec![TestImages::Generated(distribution.clone(), test)],
        pairs: Vec::new(),
        plane: None,
        maps: None,
        representation: None,
        timeline: None,
    };
    let read_outs = run.loss.read_outs(&run.settings.read_outs);
    let (network, training) = (run.network.as_ref(), run.training()?);
    let training = Embedded::new(network, &training)?;
    let both = (&training, &training);
    let measured = measure(&run.record.run, network, &read_outs, both, &sets)?;
    let rows = measured.read_outs.into_iter();
    Ok(rows
        .flat_map(|r| r.tests.into_iter().map(move |test| (r.read_out, test)))
        .collect())
}

/// What a read-out makes of images of the user's own.
#[derive(Debug, Clone, PartialEq)]
pub struct ImagesEvaluation {
    /// Whose decisions.
    pub read_out: ReadOut,
    /// Metrics; intervals are over groups where the images have any.
    pub metrics: Metrics,
    /// Spearman's rank correlation of decision values and ratings of shape; none without such ratings, or
    /// where either does not vary.
    pub shape: Option<f64>,
    /// The same of texture.
    pub texture: Option<f64>,
}

/// Measures the run in `folder` on `images`, with every read-out it has.
///
/// # Errors
/// As [`evaluate_run`]; and if the images are of another size than those that the run was trained on.
pub fn evaluate_images(
    folder: &Path,
    models: &Models,
    sources: &Sources,
    images: &LabelledImages,
) -> Result<Vec<ImagesEvaluation>, Error> {
    let run = open_run(folder, models, sources)?;
    run.fits(images)?;
    let read_outs = run.loss.read_outs(&run.settings.read_outs);
    let fitted = fitted(&run, &read_outs, &run.training()?)?;
    let inference = infer(run.network.as_ref(), &images.images)?;
    let measured = fitted.iter().map(|fitted| {
        let decided = decision_values(fitted, &inference)?;
        let values: Vec<f64> = decided.iter().copied().map(f64::from).collect();
        let with = |ratings: &Option<Vec<f64>>| match ratings {
            Some(ratings) => spearman(&values, ratings),
            None => Ok(None),
        };
        Ok(ImagesEvaluation {
            read_out: fitted.read_out(),
            metrics: external_metrics(images, &decided)?,
            shape: with(&images.shape)?,
            texture: with(&images.texture)?,
        })
    });
    measured.collect()
}
