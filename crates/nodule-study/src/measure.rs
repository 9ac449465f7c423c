//! A finished run, measured on a set of the user's choice.

use std::path::Path;
use std::sync::Arc;

use nodule_eval::ReadOut;
use nodule_synth::{Distribution, Outlines, generate};

use crate::Error;
use crate::evaluate::evaluate;
use crate::opened::open_run;
use crate::record::TestEvaluation;
use crate::sets::SharedSets;

/// Measures the run in `folder` on `n` images of `distribution`, with every read-out it has.
///
/// # Errors
/// [`Error::Folder`] if there is no finished run; [`Error::Record`] if its record cannot be read;
/// and whatever drawing, loading and measuring can find.
pub fn measure_run(
    folder: &Path,
    distribution: &Distribution,
    outlines: Arc<Outlines>,
    seed: u64,
    n: usize,
) -> Result<Vec<(ReadOut, TestEvaluation)>, Error> {
    let run = open_run(folder, outlines)?;
    let test = generate(&run.generator, distribution, seed, n)?;
    let sets = SharedSets {
        tests: vec![(distribution.clone(), test)],
        probes: Vec::new(),
        landscape: None,
        maps: None,
        representation: None,
        timeline: None,
    };
    let read_outs = run.settings.loss.read_outs(&run.settings.read_outs);
    let measured = evaluate(
        &run.record.run,
        &run.network,
        &read_outs,
        &run.training,
        &run.training,
        &sets,
    )?;
    let rows = measured.read_outs.into_iter();
    Ok(rows
        .flat_map(|r| r.tests.into_iter().map(move |test| (r.read_out, test)))
        .collect())
}
