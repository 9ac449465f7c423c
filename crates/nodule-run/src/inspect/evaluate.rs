//! Evaluation of a finished run on a distribution or on images of the user.

use std::path::Path;
use std::sync::Arc;

use nodule_battery::scores::external_metrics;
use nodule_battery::sets::{SharedSets, TestImages};
use nodule_eval::statistics::spearman;
use nodule_eval::{Metrics, ReadOut};
use nodule_images::LabelledImages;
use nodule_study::records::TestEvaluation;
use nodule_synth::Distribution;
use nodule_train::infer;

use super::{Sources, fit_read_outs, open_run};
use crate::measure::{EmbeddedSet, decision_scores, measure_network};
use crate::{Error, Models};

/// Evaluates the run in `folder` on `n` images of `distribution`, with every read-out that it has.
///
/// # Errors
/// If the run cannot be opened, or generating or measuring fails.
///
/// ```
/// # use nodule_run::{Models, Sources, evaluate_run};
/// # use nodule_synth::{Distribution, Outlines};
/// # let (outlines, folder) = (Outlines::lidc(), tempfile::tempdir()?);
/// # let sources = Sources { outlines, backgrounds: None, images: Vec::new() };
/// # let distribution = Distribution::from_name("both").unwrap();
/// // A folder without a finished run is an error.
/// let result = evaluate_run(folder.path(), &Models::default(), &distribution, &sources, 0, 4);
/// assert!(result.is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn evaluate_run(
    folder: &Path,
    models: &Models,
    distribution: &Distribution,
    sources: &Sources,
    seed: u64,
    n: usize,
) -> Result<Vec<(ReadOut, TestEvaluation)>, Error> {
    let run = open_run(folder, models, sources)?;
    let test = run.test_generator.generate(distribution, seed, 0..n)?;
    let sets = SharedSets {
        tests: vec![TestImages::Generated(distribution.clone(), test)],
        pairs: Vec::new(),
        plane: None,
        maps: None,
        representation: None,
        timeline: None,
    };
    let read_outs = run.loss.read_outs(&run.settings.read_outs);
    let (network, training) = (run.network.as_ref(), run.training_images()?);
    let training = EmbeddedSet::new(network, &training)?;
    let both = (&training, &training);
    let measured = measure_network(&run.record.run, network, &read_outs, both, &sets)?;
    let evaluations = measured.read_outs.into_iter();
    Ok(evaluations
        .flat_map(|e| e.tests.into_iter().map(move |test| (e.read_out, test)))
        .collect())
}

/// Evaluation of one read-out on images of the user.
#[derive(Debug, Clone, PartialEq)]
pub struct ImagesEvaluation {
    /// Read-out.
    pub read_out: ReadOut,
    /// Metrics; intervals are over groups if the images have groups.
    pub metrics: Metrics,
    /// Spearman's rank correlation of decision scores and ratings of shape. `None` without such ratings, or if either
    /// is constant.
    pub shape: Option<f64>,
    /// Rank correlation with ratings of texture.
    pub texture: Option<f64>,
}

/// Evaluates the run in `folder` on those of `images` that it may be tested on, with every read-out that it has. Returns
/// them too: images of groups that the run was trained or validated on are left out.
///
/// # Errors
/// As [`evaluate_run`]; or if the images differ in size from the training images, or the others lack a class.
pub fn evaluate_images(
    folder: &Path,
    models: &Models,
    sources: &Sources,
    images: &Arc<LabelledImages>,
) -> Result<(Arc<LabelledImages>, Vec<ImagesEvaluation>), Error> {
    let run = open_run(folder, models, sources)?;
    run.check_size(images)?;
    let images = run.testable_images(images)?;
    let fitted = fit_read_outs(&run, &run.settings.read_outs, &run.training_images()?)?;
    let inference = infer(run.network.as_ref(), &images.images)?;
    let evaluations = fitted.iter().map(|fitted| {
        let scores = decision_scores(fitted, &inference)?;
        let values: Vec<f64> = scores.iter().copied().map(f64::from).collect();
        let correlate = |ratings: &Option<Vec<f64>>| match ratings {
            Some(ratings) => spearman(&values, ratings),
            None => Ok(None),
        };
        Ok::<_, Error>(ImagesEvaluation {
            read_out: fitted.read_out(),
            metrics: external_metrics(&images, &scores)?,
            shape: correlate(&images.shape)?,
            texture: correlate(&images.texture)?,
        })
    });
    let evaluations = evaluations.collect::<Result<_, Error>>()?;
    Ok((images, evaluations))
}
