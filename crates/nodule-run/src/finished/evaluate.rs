//! A finished run, measured on a set of the user's choice.

use std::path::Path;
use std::sync::Arc;

use nodule_battery::sets::SharedSets;
use nodule_eval::ReadOut;
use nodule_study::records::TestEvaluation;
use nodule_study::{Error, Registry};
use nodule_synth::{Distribution, Outlines, generate};

use super::open::open_run;
use crate::measure::{Embedded, measure};

/// Measures the run in `folder` on `n` images of `distribution`, with every read-out it has.
///
/// # Errors
/// [`Error::Folder`] if there is no finished run; [`Error::Record`] if its record cannot be read;
/// and whatever drawing, loading and measuring can find.
pub fn evaluate_run(
    folder: &Path,
    registry: &Registry,
    distribution: &Distribution,
    outlines: Arc<Outlines>,
    seed: u64,
    n: usize,
) -> Result<Vec<(ReadOut, TestEvaluation)>, Error> {
    let run = open_run(folder, registry, outlines)?;
    let test = generate(&run.generator, distribution, seed, n)?;
    let sets = SharedSets {
        tests: vec![(distribution.clone(), test)],
        pairs: Vec::new(),
        landscape: None,
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
