//! Every finished run that a study plans, each read once: those of its grid are given, those of its
//! variants and of crossed seeds are read from its folder.

use std::collections::{BTreeMap, BTreeSet};

use nodule_study::records::FinishedRun;
use nodule_study::{Output, RunSpec};
use rayon::prelude::*;

use crate::Error;

/// The finished runs of a study, by id.
pub(crate) struct PlannedRuns<'a> {
    grid: BTreeMap<&'a str, &'a FinishedRun>,
    beyond: BTreeMap<String, FinishedRun>,
    planned: usize,
}

impl<'a> PlannedRuns<'a> {
    /// The runs of the study's own `grid`, and those of `plan` beyond it that are finished in `output`.
    ///
    /// # Errors
    /// If a finished run cannot be read back.
    pub(crate) fn read(
        plan: &[RunSpec],
        grid: &'a [FinishedRun],
        output: &Output,
    ) -> Result<Self, Error> {
        let own = plan
            .iter()
            .filter(|spec| spec.variant.is_none() && spec.crossed.is_none());
        let own: BTreeSet<&str> = own.map(|spec| spec.id.as_str()).collect();
        let beyond: Vec<_> = plan
            .iter()
            .filter(|spec| !own.contains(spec.id.as_str()))
            .collect();
        let beyond = beyond.par_iter().filter_map(|spec| {
            let run = output.read(spec)?;
            Some(run.map(|run| (spec.id.clone(), without_bulk(run))))
        });
        Ok(Self {
            grid: grid.iter().map(|r| (r.record.run.as_str(), r)).collect(),
            beyond: beyond.collect::<Result<_, _>>()?,
            planned: plan.len(),
        })
    }

    /// The finished run of that id.
    pub(crate) fn find(&self, id: &str) -> Option<&FinishedRun> {
        let own = self.grid.get(id).copied();
        own.or_else(|| self.beyond.get(id))
    }

    /// How many there will be.
    pub(crate) fn planned(&self) -> usize {
        self.planned
    }

    /// How many there are.
    pub(crate) fn count(&self) -> usize {
        self.grid.len() + self.beyond.len()
    }
}

/// Variants and crossed seeds are compared by a few numbers; the rest of a thousand runs need not be
/// held.
fn without_bulk(mut run: FinishedRun) -> FinishedRun {
    run.history.clear();
    run.evaluation.timeline.clear();
    run.evaluation.representation = None;
    for measured in &mut run.evaluation.read_outs {
        measured.landscape.clear();
        measured.maps.clear();
    }
    run
}
