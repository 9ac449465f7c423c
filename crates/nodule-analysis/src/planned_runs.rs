//! Every finished run that a study plans, each read once: the given runs of its grid, and those of its variants and of
//! crossed seeds from its output folder.

use std::collections::{BTreeMap, BTreeSet};

use nodule_study::records::FinishedRun;
use nodule_study::results::BrokenRun;
use nodule_study::{Output, RunSpec};
use rayon::prelude::*;

use crate::Error;

/// The finished runs of a study, by id.
pub struct PlannedRuns<'a> {
    grid: BTreeMap<&'a str, &'a FinishedRun>,
    others: BTreeMap<String, FinishedRun>,
    broken: Vec<BrokenRun>,
    planned: usize,
}

impl<'a> PlannedRuns<'a> {
    /// Takes the runs of the `grid`, and reads the other finished runs of `plan` from `output`.
    ///
    /// # Errors
    /// [`Error::File`] if a run cannot be read.
    pub fn read(plan: &[RunSpec], grid: &'a [FinishedRun], output: &Output) -> Result<Self, Error> {
        let grid_ids: BTreeSet<&str> = plan
            .iter()
            .filter(|spec| spec.variant.is_none() && spec.crossed.is_none())
            .map(|spec| spec.id.as_str())
            .collect();
        let grid: BTreeMap<_, _> = grid
            .iter()
            .map(|run| (run.record.run.as_str(), run))
            .collect();
        let unread: Vec<_> = plan
            .iter()
            .filter(|spec| !grid.contains_key(spec.id.as_str()))
            .collect();
        let read: Vec<_> = unread
            .into_par_iter()
            .filter_map(|spec| Some((spec, output.read_run(spec)?.map(strip_bulk))))
            .collect();
        let (mut others, mut broken) = (BTreeMap::new(), Vec::new());
        for (spec, run) in read {
            match run {
                // A run of the grid that finished after the grid was read is not in this report.
                Ok(_) if grid_ids.contains(spec.id.as_str()) => {}
                Ok(run) => {
                    others.insert(spec.id.clone(), run);
                }
                Err(error @ Error::Record { .. }) => broken.push(BrokenRun::new(spec, &error)),
                Err(error) => return Err(error),
            }
        }
        Ok(Self {
            grid,
            others,
            broken,
            planned: plan.len(),
        })
    }

    /// Returns the finished run with this id.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<&FinishedRun> {
        let in_grid = self.grid.get(id).copied();
        in_grid.or_else(|| self.others.get(id))
    }

    /// Returns the number of planned runs.
    #[must_use]
    pub fn planned_count(&self) -> usize {
        self.planned
    }

    /// Returns the runs that were finished and whose files have changed since. They are not among the finished runs.
    #[must_use]
    pub fn broken(&self) -> &[BrokenRun] {
        &self.broken
    }

    /// Returns the broken runs, and drops the others.
    #[must_use]
    pub fn into_broken(self) -> Vec<BrokenRun> {
        self.broken
    }

    /// Returns the number of finished runs.
    #[must_use]
    pub fn finished_count(&self) -> usize {
        self.grid.len() + self.others.len()
    }
}

/// Drops the large parts of a record: variants and crossed seeds, up to a thousand runs, are compared by a few numbers.
fn strip_bulk(mut run: FinishedRun) -> FinishedRun {
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
