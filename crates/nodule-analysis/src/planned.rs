//! Every finished run that a study plans, each read once: those of its grid are given, those of its
//! variants and of crossed seeds are read from its folder.

use std::collections::{BTreeMap, BTreeSet};

use nodule_study::records::FinishedRun;
use nodule_study::results::BrokenRun;
use nodule_study::{Output, RunSpec};
use rayon::prelude::*;

use crate::Error;

/// The finished runs of a study, by id.
pub struct PlannedRuns<'a> {
    grid: BTreeMap<&'a str, &'a FinishedRun>,
    beyond: BTreeMap<String, FinishedRun>,
    broken: Vec<BrokenRun>,
    planned: usize,
}

impl<'a> PlannedRuns<'a> {
    /// The runs of the study's own `grid`, and those of `plan` beyond it that are finished in `output`.
    ///
    /// # Errors
    /// [`Error::File`] if the system refuses to read a run.
    pub fn read(plan: &[RunSpec], grid: &'a [FinishedRun], output: &Output) -> Result<Self, Error> {
        let own = plan
            .iter()
            .filter(|spec| spec.variant.is_none() && spec.crossed.is_none());
        let own: BTreeSet<&str> = own.map(|spec| spec.id.as_str()).collect();
        let given: BTreeMap<_, _> = grid.iter().map(|r| (r.record.run.as_str(), r)).collect();
        let others = plan.iter().filter(|s| !given.contains_key(s.id.as_str()));
        let others: Vec<_> = others.collect();
        let read = others.into_par_iter().filter_map(|spec| {
            let run = output.read_run(spec)?;
            Some((spec, run.map(without_bulk)))
        });
        let read: Vec<_> = read.collect();
        let (mut beyond, mut broken) = (BTreeMap::new(), Vec::new());
        for (spec, run) in read {
            match run {
                // One of the grid that was finished after the others were read: not in this report.
                Ok(_) if own.contains(spec.id.as_str()) => {}
                Ok(run) => {
                    beyond.insert(spec.id.clone(), run);
                }
                Err(why @ Error::Record { .. }) => broken.push(BrokenRun::new(spec, &why)),
                Err(e) => return Err(e),
            }
        }
        Ok(Self {
            grid: given,
            beyond,
            broken,
            planned: plan.len(),
        })
    }

    /// The finished run of that id.
    pub fn find(&self, id: &str) -> Option<&FinishedRun> {
        let own = self.grid.get(id).copied();
        own.or_else(|| self.beyond.get(id))
    }

    /// How many there will be.
    pub fn planned(&self) -> usize {
        self.planned
    }

    /// Those that were finished and are not whole any more: they are not among the others.
    pub fn broken(&self) -> &[BrokenRun] {
        &self.broken
    }

    /// The same, to keep.
    pub fn into_broken(self) -> Vec<BrokenRun> {
        self.broken
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.grid.len() + self.beyond.len()
    }
}

/// Variants and crossed seeds are compared by a few numbers; the rest of a thousand runs need not be
/// held.
fn without_bulk(mut run: FinishedRun) -> FinishedRun {
    run.history.clear();
    if let Some(representation) = &mut run.evaluation.representation {
        representation.projection.clear();
    }
    for measured in &mut run.evaluation.read_outs {
        measured.decision_surface.clear();
        measured.maps.clear();
    }
    run
}
